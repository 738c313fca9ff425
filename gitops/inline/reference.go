package inline

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Reference is a place outside of an object through which a release takes its chart, or
// more values.
type Reference struct {
	Field string // that names the place, such as valuesFrom
	// Kind, Namespace and Name are those of an object of Kubernetes. Without a Kind it is a
	// file, or the folder of a chart.
	Kind, Namespace, Name string
	// Key is that of the data of a ConfigMap or Secret, Target the path of the one value
	// that it is, "" where it is a text of values.
	Key, Target string
	// Path is from the root of a repository if it begins with a slash, else from the folder
	// of the manifest. It may be a glob, have expressions in it, or be an address.
	Path string
	// IsChart is set if it leads to the chart, and not to values.
	IsChart bool
	// Optional says that it need not exist.
	Optional bool
}

// String returns what it leads to as people call it: Secret runtime-values.
func (r Reference) String() string {
	if r.Kind != "" {
		return r.Kind + " " + r.Name
	}
	return strings.TrimPrefix(r.Path, "/")
}

// References returns where the chart of a release is, and more of its values: these in the
// order in which they are laid over each other.
func (r *Release) References() (all []Reference) {
	for _, p := range r.parts {
		if p.body == nil {
			all = append(all, p.Reference)
		}
	}
	return all
}

// part is one text of the values of a release: one in the object if it has a body.
type part struct {
	body *values.Value
	Reference
}

// files are references to files from a folder, "" for that of the manifest.
func files(field, folder string, optional bool, names ...string) (all []part) {
	for _, name := range names {
		p := Reference{Field: field, Path: name, Optional: optional}
		if folder != "" && !strings.Contains(name, "://") && !strings.HasPrefix(name, "/") {
			p.Path = "/" + path.Join(strings.Trim(folder, "/"), name)
		}
		all = append(all, part{Reference: p})
	}
	return all
}

// chart is a reference to the folder of a chart.
func chart(field, folder string) part {
	return part{Reference: Reference{Field: field, Path: folder, IsChart: true}}
}

// inChart are references to files in a chart that comes from elsewhere.
func inChart(field string, names ...string) (all []part) {
	for _, name := range names {
		all = append(all, part{Reference: Reference{Field: field, Kind: "chart file", Name: name}})
	}
	return all
}

func isTrue(v *values.Value) bool { return v != nil && v.Scalar == true }

// fluxParts are those of a HelmRelease: valuesFrom in its order, and over it its own
// values (helm-controller 1.4.3, ChartValuesFromReferences). valuesFiles are the chart's.
func fluxParts(r *Release, object, spec *values.Value, own []part) (all []part) {
	namespace := object.At("metadata", "namespace").Str()
	if ref := spec.Field("chartRef"); !ref.IsUnset() {
		to := Reference{Field: "chartRef", Kind: ref.Field("kind").Str(), Namespace: namespace, Name: ref.Field("name").Str(), IsChart: true}
		if other := ref.Field("namespace").Str(); other != "" {
			to.Namespace = other
		}
		all = append(all, part{Reference: to})
	}
	all = append(all, r.fluxChart(spec.At("chart", "spec"))...)
	for _, from := range items(spec.Field("valuesFrom")) {
		to := Reference{
			Field: "valuesFrom", Kind: from.Field("kind").Str(), Namespace: namespace, Name: from.Field("name").Str(),
			Key: "values.yaml", Target: from.Field("targetPath").Str(), Optional: isTrue(from.Field("optional")),
		}
		if key := from.Field("valuesKey").Str(); key != "" {
			to.Key = key
		}
		all = append(all, part{Reference: to})
	}
	return append(all, own...)
}

// fluxChart are the chart of a HelmRelease and the files in it, from the fields of a
// HelmChart of Flux.
func (r *Release) fluxChart(chartSpec *values.Value) []part {
	names := texts(items(chartSpec.Field("valuesFiles"))...)
	if r.Path == "" {
		return inChart("valuesFiles", names...)
	}
	ignore := isTrue(chartSpec.Field("ignoreMissingValuesFiles"))
	return append([]part{chart("chart", "/"+path.Clean(r.Path))}, files("valuesFiles", "/", ignore, names...)...)
}

// argoParts are those of a source of an Application. A file is in the source that $ref
// names, in the chart, or below the folder of the source (Argo CD 3.5.1,
// getResolvedValueFiles in reposerver/repository).
func argoParts(r *Release, _, source *values.Value, _ []part) (all []part) {
	if r.Path != "" {
		all = append(all, chart("path", "/"+path.Clean(r.Path)))
	}
	helm := source.Field("helm")
	ignore := isTrue(helm.Field("ignoreMissingValueFiles"))
	for _, name := range texts(items(helm.Field("valueFiles"))...) {
		ref := regexp.MustCompile(`^\$[\w-]+/`).FindString(name)
		switch {
		case ref != "" && !strings.HasPrefix(ref, "$ARGOCD_"):
			all = append(all, files("valueFiles", "/", ignore, strings.TrimPrefix(name, ref))...)
		case r.Path == "" && !strings.Contains(name, "://"):
			all = append(all, inChart("valueFiles", name)...)
		default:
			all = append(all, files("valueFiles", "/"+r.Path, ignore, name)...)
		}
	}
	if r.body != nil {
		all = append(all, part{body: r.body})
	}
	return all
}

// k3sParts are those of a HelmChart of k3s. Over its values a HelmChartConfig of the same
// name lays its own (k3s-io/helm-controller, valuesSecretAddConfig in pkg/controllers/chart).
func k3sParts(_ *Release, object, _ *values.Value, own []part) []part {
	namespace, name := object.At("metadata", "namespace").Str(), object.At("metadata", "name").Str()
	return append(own, part{Reference: Reference{Field: "HelmChartConfig", Kind: "HelmChartConfig", Namespace: namespace, Name: name, Optional: true}})
}

// inflatedParts are those of kustomize's description of a chart. valuesInline takes the
// place of valuesFile, lies over it or beneath it; the additional files are over both
// (kustomize 5.8.1, HelmChartInflationGenerator in api/internal/builtins).
func inflatedParts(r *Release, _, in *values.Value, own []part) []part {
	var file []part
	if name := first(in, "valuesFile values").Str(); name != "" {
		file = files("valuesFile", "", false, name)
	}
	how := in.Field("valuesMerge").Str()
	switch {
	case len(own) == 0:
		own = file
	case how == "merge" && len(file) == 0:
		own = append(own, inChart("valuesMerge", "values.yaml")...)
		r.Unseen = append(r.Unseen, "valuesMerge")
	case how == "merge":
		own = append(own, file...)
	case how != "replace":
		own = append(file, own...)
	default:
		r.Unseen = slices.DeleteFunc(r.Unseen, func(field string) bool { return field == "valuesFile" || field == "values" })
	}
	return append(own, files("additionalValuesFiles", "", false, texts(items(in.Field("additionalValuesFiles"))...)...)...)
}

// fleetParts are those of a fleet.yaml, whose files and references are laid over its values
// (rancher/fleet, generateValues in internal/bundlereader).
func fleetParts(r *Release, object, in *values.Value, own []part) []part {
	own = append(folderParts(r, object, in, own), files("valuesFiles", "", false, texts(items(in.Field("valuesFiles"))...)...)...)
	if from := in.Field("valuesFrom"); !from.IsUnset() {
		own = append(own, part{Reference: Reference{Field: "valuesFrom", Kind: "valuesFrom"}})
	}
	return own
}

// folderParts are those of a form whose chart is a folder if its name begins with a dot.
func folderParts(_ *Release, _, in *values.Value, own []part) []part {
	if name := in.Field("chart").Str(); strings.HasPrefix(name, ".") {
		return append([]part{chart("chart", name)}, own...)
	}
	return own
}
