package export

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/emit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// patch is an entry of `patches`, in the form that kustomize and Flux share
// (sigs.k8s.io/kustomize/api/types, Patch; github.com/fluxcd/pkg/apis/kustomize, Patch).
type patch struct {
	Target target `yaml:"target"`
	Patch  string `yaml:"patch"`
}

type target struct {
	Group     string `yaml:"group,omitempty"`
	Version   string `yaml:"version,omitempty"`
	Kind      string `yaml:"kind"`
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace,omitempty"`
}

// patches returns what makes the changes, an entry for each object. The namespace is
// part of the target only where it is needed to tell two objects apart: the engine may
// render the chart into another one.
func (c Changes) patches() ([]patch, error) {
	var all []patch
	for _, o := range c.objects {
		group, version, found := strings.Cut(o.apiVersion, "/")
		if !found {
			group, version = "", o.apiVersion
		}
		// Names in a target are regular expressions, anchored at both ends.
		p := patch{Target: target{Group: group, Version: version, Kind: o.kind, Name: regexp.QuoteMeta(o.name)}}
		if slices.ContainsFunc(c.objects, func(other object) bool { return o.isNamesake(other) }) {
			p.Target.Namespace = regexp.QuoteMeta(o.namespace)
		}
		var err error
		if o.isMergeable() {
			p.Patch, err = o.strategicMerge()
		} else {
			p.Patch, err = o.jsonPatch()
		}
		if err != nil {
			return nil, fmt.Errorf("write the patch for %s/%s: %w", o.kind, o.name, err)
		}
		all = append(all, p)
	}
	return all, nil
}

func (o object) isNamesake(other object) bool {
	return o.apiVersion == other.apiVersion && o.kind == other.kind && o.name == other.name && o.namespace != other.namespace
}

// isMergeable reports whether kustomize merges the env of the object by name. It does
// for the kinds whose schema it knows; of others it would replace the whole list. And
// of entries that share a name it merges the first, while the last one counts.
func (o object) isMergeable() bool {
	if o.apiVersion != "apps/v1" || !slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet"}, o.kind) {
		return false
	}
	for _, c := range o.containers {
		if c.name == "" || slices.ContainsFunc(c.vars, func(v variable) bool { return len(v.indexes) > 1 }) {
			return false
		}
	}
	return true
}

// strategicMerge writes the changes as a strategic merge patch.
func (o object) strategicMerge() (string, error) {
	containers := &yaml.Node{Kind: yaml.SequenceNode}
	for _, c := range o.containers {
		env := &yaml.Node{Kind: yaml.SequenceNode}
		for _, v := range c.vars {
			env.Content = append(env.Content, v.merged())
		}
		containers.Content = append(containers.Content, mapping("name", text(c.name), "env", env))
	}
	return marshal(mapping(
		"apiVersion", text(o.apiVersion), "kind", text(o.kind), "metadata", mapping("name", text(o.name)),
		"spec", mapping("template", mapping("spec", mapping("containers", containers)))))
}

// merged is the entry of a strategic merge patch for a variable. A merge adds to what an
// entry holds, so that everything else which it may hold is taken away: what it held when
// the patch was made, and what the chart writes in its other modes.
func (v variable) merged() *yaml.Node {
	if v.after == nil {
		return mapping("name", text(v.name), "$patch", text("delete"))
	}
	from := yamldoc.Get(v.after, "valueFrom")
	if yamldoc.IsNull(from) {
		value, _ := yamldoc.Scalar(yamldoc.Get(v.after, "value"))
		return mapping("name", text(v.name), "value", text(value), "valueFrom", null())
	}
	sources := mapping()
	for i := 0; i+1 < len(from.Content); i += 2 {
		ref := restyled(from.Content[i+1])
		if yamldoc.Get(ref, "optional") == nil {
			ref.Content = append(ref.Content, text("optional"), null())
		}
		sources.Content = append(sources.Content, text(from.Content[i].Value), ref)
	}
	for _, other := range append(keys(yamldoc.Get(v.before, "valueFrom")), "configMapKeyRef") {
		if !slices.Contains(keys(sources), other) {
			sources.Content = append(sources.Content, text(other), null())
		}
	}
	return mapping("name", text(v.name), "value", null(), "valueFrom", sources)
}

// jsonPatch writes the changes as a JSON patch (RFC 6902). It names places by number, so
// that it first tests that what it is about stands there.
func (o object) jsonPatch() (string, error) {
	ops := &yaml.Node{Kind: yaml.SequenceNode}
	do := func(op, path string, value *yaml.Node) {
		m := mapping("op", text(op), "path", text(path))
		if value != nil {
			m.Content = append(m.Content, text("value"), value)
		}
		ops.Content = append(ops.Content, m)
	}
	for _, c := range o.containers {
		path := fmt.Sprintf("/spec/template/spec/containers/%d", c.index)
		if c.name != "" {
			do("test", path+"/name", text(c.name))
		}
		if !c.hasEnv {
			do("add", path+"/env", &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle})
		}
		var removed []int
		for _, v := range c.vars {
			for _, i := range v.indexes {
				do("test", fmt.Sprintf("%s/env/%d/name", path, i), text(v.name))
			}
			last := len(v.indexes) - 1
			switch {
			case v.after == nil:
				removed = append(removed, v.indexes...)
			case last < 0:
				do("add", path+"/env/-", restyled(v.after))
			default:
				do("replace", fmt.Sprintf("%s/env/%d", path, v.indexes[last]), restyled(v.after))
				removed = append(removed, v.indexes[:last]...)
			}
		}
		// From the end, so that the numbers of the others stay.
		slices.Sort(removed)
		for _, i := range slices.Backward(removed) {
			do("remove", fmt.Sprintf("%s/env/%d", path, i), nil)
		}
	}
	return marshal(ops)
}

// restyled copies a tree without the comments and the style of its document.
func restyled(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		return text(n.Value)
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	for _, c := range n.Content {
		out.Content = append(out.Content, restyled(c))
	}
	return out
}

func keys(m *yaml.Node) (names []string) {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		names = append(names, m.Content[i].Value)
	}
	return names
}

// mapping makes a mapping of keys, which are strings, and their values, which are nodes.
func mapping(pairs ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Content = append(m.Content, text(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return m
}

// text is a scalar that every reader takes for a string, those of YAML 1.1 included, for
// whom yes is a boolean: kustomize reads JSON patches in that way.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if _, isText := yamldoc.String(n); !isText {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func null() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

func marshal(n *yaml.Node) (string, error) {
	out, err := emit.YAML(n)
	return string(out), err
}
