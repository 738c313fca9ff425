package inline

import (
	"cmp"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// packaged is a form in which other tools write down one installation of a chart: the
// names of the fields below a mapping. Each may be a path with dots.
type packaged struct {
	kind    string // of the object, or what to call it where it has none
	group   string // of the object's apiVersion
	at      string // where the mapping is in the object, "" for the object itself
	name    []string
	chart   []string // the first that is given counts
	version []string
	// values are laid over each other in an order that is the tool's affair: each is a
	// mapping or a string, or a list of mappings and of names of files.
	values []string
	// unseen are the fields through which more values come.
	unseen []string
	expression
}

// packagedKinds are the forms that are objects with a kind.
func packagedKinds() []packaged {
	return []packaged{
		{ // k3s and RKE2; docs.k3s.io/add-ons/helm
			kind: "HelmChart", group: "helm.cattle.io", at: "spec", chart: []string{"chart"}, version: []string{"version"},
			values: []string{"valuesContent", "values"}, unseen: []string{"set", "valuesSecrets"},
		},
		{
			kind: "HelmChartConfig", group: "helm.cattle.io", at: "spec",
			values: []string{"valuesContent", "values"}, unseen: []string{"valuesSecrets"},
		},
		{ // github.com/crossplane-contrib/provider-helm
			kind: "Release", group: "helm.crossplane.io", at: "spec.forProvider", chart: []string{"chart.name"}, version: []string{"chart.version"},
			values: []string{"values"}, unseen: []string{"set", "valuesFrom"},
		},
		inflated("HelmChartInflationGenerator", "builtin"),
	}
}

// inflated is kustomize's description of a chart (HelmChart and the older HelmChartArgs
// in sigs.k8s.io/kustomize/api/types).
func inflated(kind, group string) packaged {
	return packaged{
		kind: kind, group: group, name: []string{"releaseName", "name"}, chart: []string{"name", "chartName"}, version: []string{"version", "chartVersion"},
		values: []string{"valuesInline"}, unseen: []string{"valuesFile", "additionalValuesFiles", "values"},
	}
}

// packagedLists are the forms that are entries of a list in a file of their own, by the
// list's name.
func packagedLists() map[string]packaged {
	return map[string]packaged{
		"helmCharts": inflated("kustomize helmCharts", ""),
		"releases": { // helmfile.readthedocs.io
			kind: "helmfile release", name: []string{"name"}, chart: []string{"chart"}, version: []string{"version"},
			values: []string{"values"}, unseen: []string{"set", "setString", "secrets", "valuesTemplate", "inherit"},
			expression: expression{open: "{{", shut: "}}", hasLogic: true},
		},
	}
}

// fleetBundle is a fleet.yaml (fleet.rancher.io/ref-fleet-yaml).
func fleetBundle() packaged {
	return packaged{
		kind: "Fleet bundle", at: "helm", name: []string{"releaseName"}, chart: []string{"chart"}, version: []string{"version"},
		values: []string{"values"}, unseen: []string{"valuesFiles", "valuesFrom"}, expression: expression{open: "${", shut: "}"},
	}
}

// packagedReleases returns what an object, or a file without a kind, asks for in one of
// these forms.
func packagedReleases(object *values.Value, group string) []*Release {
	kind := object.Field("kind").Str()
	for _, p := range packagedKinds() {
		if kind == p.kind && group == p.group {
			return p.releases(object)
		}
	}
	var found []*Release
	for _, name := range []string{"helmCharts", "releases"} {
		p := packagedLists()[name]
		if list := object.Field(name); list != nil && (kind == "" || kind == "Kustomization") {
			for _, entry := range list.Items {
				if isGiven(first(entry, p.chart)) {
					found = append(found, p.releases(entry)...)
				}
			}
		}
	}
	if kind == "" && isGiven(object.At("helm", "chart")) {
		found = append(found, fleetBundle().releases(object)...)
		if targets := object.Field("targetCustomizations"); targets != nil {
			for _, target := range targets.Items {
				for _, r := range fleetBundle().releases(target) {
					r.Unseen = append(r.Unseen, "the rest of the bundle")
					found = append(found, r)
				}
			}
		}
	}
	return found
}

// releases returns one release for each text of values, as every one of them can be
// wrong by itself; the others are among what it does not see.
func (p packaged) releases(object *values.Value) []*Release {
	in := descend(object, p.at)
	if in == nil || in.Kind != values.Map {
		return nil
	}
	r := p.release(object, in)
	bodies, hasFiles := p.bodies(in)
	if hasFiles {
		r.Unseen = append(r.Unseen, "files")
	}
	if len(bodies) > 1 {
		r.Unseen = append(r.Unseen, "other values of its own")
	}
	if len(bodies) == 0 {
		return []*Release{&r}
	}
	var found []*Release
	for _, body := range bodies {
		one := r
		one.body = body
		found = append(found, &one)
	}
	return found
}

// release returns the release without its values.
func (p packaged) release(object, in *values.Value) Release {
	r := Release{Kind: p.kind, Name: nameOf(object), At: in.Body, expression: p.expression}
	if named := cmp.Or(object.Field("kind"), first(in, p.chart), first(in, p.name)); named != nil {
		r.At = named.Body
	}
	if name := first(in, p.name).Str(); r.Name == "" && isName(name) {
		r.Name = name
	}
	r.Chart = lastStep(first(in, p.chart).Str())
	r.Version = exactVersion(first(in, p.version).Str())
	if len(p.chart) == 0 {
		r.Unseen = append(r.Unseen, "what it is laid over")
	}
	for _, name := range p.unseen {
		if isGiven(in.Field(name)) {
			r.Unseen = append(r.Unseen, name)
		}
	}
	return r
}

// bodies returns the values, and whether files of values are named among them.
func (p packaged) bodies(in *values.Value) (bodies []*values.Value, hasFiles bool) {
	for _, name := range p.values {
		v := in.Field(name)
		given := []*values.Value{v}
		switch {
		case !isGiven(v):
			continue
		case v.Kind == values.List:
			given = v.Items
		}
		for _, v := range given {
			isText := v.Kind == values.String && given[0] == in.Field(name)
			if v.Kind == values.Map || isText {
				bodies = append(bodies, v)
			}
			hasFiles = hasFiles || v.Kind != values.Map && !isText
		}
	}
	return bodies, hasFiles
}

// first returns the first of several fields that is given, nil if none is.
func first(v *values.Value, paths []string) *values.Value {
	for _, path := range paths {
		if f := descend(v, path); isGiven(f) {
			return f
		}
	}
	return nil
}

// descend follows a path with dots.
func descend(v *values.Value, path string) *values.Value {
	if path == "" {
		return v
	}
	return v.At(strings.Split(path, ".")...)
}
