// Package reference reads through which places outside of an object a release takes its
// chart, and more values.
package reference

import (
	"cmp"
	"path"
	"regexp"
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

// Part is one text of the values of a release: one in the object if it has a Body.
type Part struct {
	Body *values.Value
	Reference
}

// Order puts what an object refers to in order with its own values, in is the mapping that
// describes the release. The first in the list is what the others are laid over.
type Order func(object, in *values.Value, own []Part) []Part

// files are references to files from a folder, "" for that of the manifest.
func files(field, folder string, optional bool, names ...string) (all []Part) {
	for _, name := range names {
		p := Reference{Field: field, Path: name, Optional: optional}
		if folder != "" && !strings.Contains(name, "://") && !strings.HasPrefix(name, "/") {
			p.Path = "/" + path.Join(strings.Trim(folder, "/"), name)
		}
		all = append(all, Part{Reference: p})
	}
	return all
}

// chart is a reference to the folder of a chart.
func chart(field, folder string) Part {
	return Part{Reference: Reference{Field: field, Path: folder, IsChart: true}}
}

// inChart are references to files in a chart that comes from elsewhere.
func inChart(field string, names ...string) (all []Part) {
	for _, name := range names {
		all = append(all, Part{Reference: Reference{Field: field, Kind: "chart file", Name: name}})
	}
	return all
}

// Flux is for a HelmRelease: valuesFrom in its order, and over it its own values
// (helm-controller 1.4.3, ChartValuesFromReferences). valuesFiles are the chart's.
func Flux(object, spec *values.Value, own []Part) (all []Part) {
	namespace := object.At("metadata", "namespace").Str()
	if ref := spec.Field("chartRef"); !ref.IsUnset() {
		all = append(all, Part{Reference: Reference{
			Field: "chartRef", Kind: ref.Field("kind").Str(), Name: ref.Field("name").Str(), IsChart: true,
			Namespace: cmp.Or(ref.Field("namespace").Str(), namespace),
		}})
	}
	all = append(all, FluxChart(spec.At("chart", "spec"))...)
	for _, from := range items(spec.Field("valuesFrom")) {
		all = append(all, Part{Reference: Reference{
			Field: "valuesFrom", Kind: from.Field("kind").Str(), Namespace: namespace, Name: from.Field("name").Str(),
			Key: cmp.Or(from.Field("valuesKey").Str(), "values.yaml"), Target: from.Field("targetPath").Str(), Optional: isTrue(from.Field("optional")),
		}})
	}
	return append(all, own...)
}

// FluxChart is for the fields of a HelmChart of Flux: its chart, and the files in it.
func FluxChart(spec *values.Value) []Part {
	names := texts(spec.Field("valuesFiles"))
	if spec.At("sourceRef", "kind").Str() != "GitRepository" {
		return inChart("valuesFiles", names...)
	}
	folder := chart("chart", "/"+path.Clean(spec.Field("chart").Str()))
	return append([]Part{folder}, files("valuesFiles", "/", isTrue(spec.Field("ignoreMissingValuesFiles")), names...)...)
}

// Argo is for a source of an Application. A file is in the source that $ref names, in the
// chart, or below the folder of the source (Argo CD 3.5.1, getResolvedValueFiles in
// reposerver/repository).
func Argo(_, source *values.Value, own []Part) (all []Part) {
	isFolder := source.Field("chart").Str() == "" && !strings.HasPrefix(source.Field("repoURL").Str(), "oci://")
	folder := source.Field("path").Str()
	if isFolder && folder != "" {
		all = append(all, chart("path", "/"+path.Clean(folder)))
	}
	helm := source.Field("helm")
	ignore := isTrue(helm.Field("ignoreMissingValueFiles"))
	for _, name := range texts(helm.Field("valueFiles")) {
		ref := regexp.MustCompile(`^\$[\w-]+/`).FindString(name)
		switch {
		case ref != "" && !strings.HasPrefix(ref, "$ARGOCD_"):
			all = append(all, files("valueFiles", "/", ignore, strings.TrimPrefix(name, ref))...)
		case !isFolder && !strings.Contains(name, "://"):
			all = append(all, inChart("valueFiles", name)...)
		default:
			all = append(all, files("valueFiles", "/"+folder, ignore, name)...)
		}
	}
	return append(all, own...)
}

// K3s is for a HelmChart of k3s. Over its values a HelmChartConfig of the same name lays
// its own (k3s-io/helm-controller, valuesSecretAddConfig in pkg/controllers/chart).
func K3s(object, _ *values.Value, own []Part) []Part {
	const config = "HelmChartConfig"
	to := Reference{Field: config, Kind: config, Name: object.At("metadata", "name").Str(), Optional: true}
	to.Namespace = object.At("metadata", "namespace").Str()
	return append(own, Part{Reference: to})
}

// Inflated is for kustomize's description of a chart. valuesInline replaces valuesFile, is
// over it or beneath it; the additional files are over both (kustomize 5.8.1,
// HelmChartInflationGenerator in api/internal/builtins).
func Inflated(_, in *values.Value, own []Part) []Part {
	var file []Part
	if name := cmp.Or(in.Field("valuesFile").Str(), in.Field("values").Str()); name != "" {
		file = files("valuesFile", "", false, name)
	}
	switch how := in.Field("valuesMerge").Str(); {
	case len(own) == 0:
		own = file
	case how == "merge" && len(file) == 0: // then the chart's defaults are over those of the object
		own = append(own, inChart("valuesMerge", "values.yaml")...)
	case how == "merge":
		own = append(own, file...)
	case how != "replace":
		own = append(file, own...)
	}
	return append(own, files("additionalValuesFiles", "", false, texts(in.Field("additionalValuesFiles"))...)...)
}

// Fleet is for a fleet.yaml, whose files and references are over its values (rancher/fleet,
// generateValues in internal/bundlereader).
func Fleet(object, in *values.Value, own []Part) []Part {
	own = append(Helmfile(object, in, own), files("valuesFiles", "", false, texts(in.Field("valuesFiles"))...)...)
	if from := in.Field("valuesFrom"); !from.IsUnset() {
		own = append(own, Part{Reference: Reference{Field: "valuesFrom", Kind: "valuesFrom"}})
	}
	return own
}

// Helmfile is for a form whose chart is a folder if its name begins with a dot.
func Helmfile(_, in *values.Value, own []Part) []Part {
	if name := in.Field("chart").Str(); strings.HasPrefix(name, ".") {
		return append([]Part{chart("chart", name)}, own...)
	}
	return own
}

// Files are those that a list among values names, relative to the folder of the manifest.
func Files(list ...string) []Part { return files("files", "", false, list...) }

func isTrue(v *values.Value) bool { return v != nil && v.Scalar == true }

func items(v *values.Value) []*values.Value {
	if v == nil {
		return nil
	}
	return v.Items
}

// texts returns the texts in a list.
func texts(list *values.Value) (all []string) {
	for _, item := range items(list) {
		if item.Kind == values.String {
			all = append(all, item.Str())
		}
	}
	return all
}
