package export

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/emit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// patches returns what makes the changes, an entry for each object.
func (f *files) patches(c Changes) (all []*yaml.Node) {
	for _, o := range c.objects {
		// The namespace is part of the target only where it is needed to tell two objects
		// apart: the engine may render the chart into another one.
		namespace := ""
		if slices.ContainsFunc(c.objects, o.isNamesake) {
			namespace = o.namespace
		}
		body := o.jsonPatch
		if o.isMergeable() {
			body = o.strategicMerge
		}
		all = append(all, f.patch(o, body(), namespace))
	}
	return all
}

// patch is an entry of `patches`, in the form that kustomize and Flux share
// (sigs.k8s.io/kustomize/api/types, Patch; github.com/fluxcd/pkg/apis/kustomize, Patch).
// Names in a target are regular expressions, anchored at both ends.
func (f *files) patch(o object, body *yaml.Node, namespace string) *yaml.Node {
	group, version := path.Split(o.apiVersion)
	text, err := emit.YAML(body)
	if err != nil {
		f.err = cmp.Or(f.err, fmt.Errorf("write the patch for %s/%s: %w", o.kind, o.name, err))
	}
	return mapping(
		"target", mapping("group", given(strings.TrimSuffix(group, "/")), "version", given(version), "kind", o.kind,
			"name", regexp.QuoteMeta(o.name), "namespace", given(regexp.QuoteMeta(namespace))),
		"patch", string(text))
}

func (o object) isNamesake(other object) bool {
	return o.apiVersion == other.apiVersion && o.kind == other.kind && o.name == other.name && o.namespace != other.namespace
}

// isMergeable reports whether kustomize merges the env of the object by name. It does
// for the kinds whose schema it knows; of others it would replace the whole list. And
// of entries that share a name it merges the first, while the last one counts.
func (o object) isMergeable() bool {
	isTwice := func(v variable) bool { return len(v.indexes) > 1 }
	return o.apiVersion == "apps/v1" && slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet"}, o.kind) &&
		!slices.ContainsFunc(o.containers, func(c container) bool { return c.name == "" || slices.ContainsFunc(c.vars, isTwice) })
}

// strategicMerge writes the changes as a strategic merge patch.
func (o object) strategicMerge() *yaml.Node {
	var containers []*yaml.Node
	for _, c := range o.containers {
		var env []*yaml.Node
		for _, v := range c.vars {
			env = append(env, v.merged())
		}
		containers = append(containers, mapping("name", c.name, "env", env))
	}
	return o.inPod(mapping("containers", containers))
}

// inPod makes a manifest of a workload with no more than its name and this in its pods.
func (o object) inPod(spec *yaml.Node) *yaml.Node {
	return mapping("apiVersion", o.apiVersion, "kind", o.kind, "metadata", mapping("name", o.name),
		"spec", mapping("template", mapping("spec", spec)))
}

// merged is the entry of a strategic merge patch for a variable. A merge adds to what an
// entry holds, so that everything else which it may hold is taken away: what it held when
// the patch was made, and what the chart writes in its other modes.
func (v variable) merged() *yaml.Node {
	if v.after == nil {
		return mapping("name", v.name, "$patch", "delete")
	}
	from := yamldoc.Get(v.after, "valueFrom")
	if yamldoc.IsNull(from) {
		return mapping("name", v.name, "value", field(v.after, "value"), "valueFrom", null())
	}
	sources := restyled(from)
	for i := 1; i < len(sources.Content); i += 2 {
		if ref := sources.Content[i]; yamldoc.Get(ref, "optional") == nil {
			ref.Content = append(ref.Content, text("optional"), null())
		}
	}
	var others []string
	if held := yamldoc.Get(v.before, "valueFrom"); held != nil {
		for pair := range slices.Chunk(held.Content, 2) {
			others = append(others, pair[0].Value)
		}
	}
	for _, other := range append(others, "configMapKeyRef") {
		if yamldoc.Get(sources, other) == nil {
			sources.Content = append(sources.Content, text(other), null())
		}
	}
	return mapping("name", v.name, "value", null(), "valueFrom", sources)
}

// jsonPatch writes the changes as a JSON patch (RFC 6902). It names places by number, so
// that it first tests that what it is about stands there.
func (o object) jsonPatch() *yaml.Node {
	ops := list()
	do := func(op, at string, value any) {
		ops.Content = append(ops.Content, mapping("op", op, "path", at, "value", value))
	}
	for _, c := range o.containers {
		container := fmt.Sprintf("/spec/template/spec/containers/%d", c.index)
		if c.name != "" {
			do("test", container+"/name", c.name)
		}
		env := container + "/env"
		if !c.hasEnv {
			do("add", env, list())
		}
		at := func(i int) string { return fmt.Sprintf("%s/%d", env, i) }
		var removed []int
		for _, v := range c.vars {
			for _, i := range v.indexes {
				do("test", at(i)+"/name", v.name)
			}
			last := len(v.indexes) - 1
			switch {
			case v.after == nil:
				removed = append(removed, v.indexes...)
			case last < 0:
				do("add", env+"/-", restyled(v.after))
			default:
				do("replace", at(v.indexes[last]), restyled(v.after))
				removed = append(removed, v.indexes[:last]...)
			}
		}
		// From the end, so that the numbers of the others stay.
		slices.Sort(removed)
		for _, i := range slices.Backward(removed) {
			do("remove", at(i), nil)
		}
	}
	return ops
}
