// Package inline finds the values that manifests of GitOps engines hold: Flux
// HelmReleases, Argo CD Applications and ApplicationSets, and the forms of other tools. It
// lints and fixes them in place, as if each were a values file.
package inline

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/gitops/reference"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Release is one installation of a chart that a manifest asks for: a HelmRelease, one
// source of an Application or ApplicationSet, one text of values of another form.
type Release struct {
	Kind string // of the object, or what the form is called
	// Name is the object's namespace and name, joined by a slash; "" if they are not
	// such as Kubernetes takes.
	Name string
	// At is where the object says its kind.
	At values.Span
	// Chart is the name of the chart, "" where the manifest does not say it.
	Chart string
	// Path is where in a git repository the chart's folder is, with slashes; "" where the
	// chart comes from elsewhere.
	Path string
	// Version is the chart's version, nil unless the manifest names exactly one.
	Version *auth.ChartVersion
	// Unseen names the fields through which the release takes more values that are not
	// in the manifest, such as valueFiles. What is missing may come from there.
	Unseen []string
	// files are the values files that these fields name, as they are written.
	files []string
	// Unused is set if the manifest has a string of values that its valuesObject replaces.
	Unused bool

	body       *values.Value    // the values: a mapping or a string; nil if there are none
	parts      []reference.Part // those and what the object refers to, in the order in which they are merged
	isFollowed bool             // what it refers to is among parts, and not only in Unseen
	parameters []parameter
	expression expression
}

// String returns the object as people call it: HelmRelease flux-system/runtime.
func (r *Release) String() string { return strings.TrimSpace(r.Kind + " " + r.Name) }

// namesFiles reports whether a field through which a release takes more values names
// files, which may be in the same repository.
func namesFiles(field string) bool {
	return slices.Contains([]string{"valueFiles", "valuesFiles", "valuesFile", "additionalValuesFiles", "files"}, field)
}

// Elsewhere returns the fields of Unseen through which values come that nobody has
// searched, which isSearched says of a file that the manifest names.
func (r *Release) Elsewhere(isSearched func(file string) bool) []string {
	isElsewhere := func(file string) bool { return !isSearched(file) }
	isHere := len(r.files) > 0 && !slices.ContainsFunc(r.files, isElsewhere)
	return slices.DeleteFunc(slices.Clone(r.Unseen), func(field string) bool { return isHere && namesFiles(field) })
}

// Find returns the releases in a manifest, in their order: those of all documents, and
// of the items of lists. name is what findings call the file. A file that holds no such
// object has none. The error is a *values.SyntaxError.
func Find(name string, data []byte) ([]*Release, error) {
	_, found, err := find(name, data)
	return found, err
}

// find returns the documents, too.
func find(name string, data []byte) (docs []*values.Value, found []*Release, err error) {
	f, err := values.Parse(name, data)
	if err != nil {
		return nil, nil, err
	}
	docs = append([]*values.Value{f.Root}, f.Later...)
	for _, doc := range docs {
		found = append(found, releasesOf(doc)...)
	}
	return docs, found, nil
}

// releasesOf returns what an object, or a file without a kind, asks for.
func releasesOf(object *values.Value) (found []*Release) {
	group, _, _ := strings.Cut(object.Field("apiVersion").Str(), "/")
	kind := object.Field("kind").Str()
	for _, f := range forms() {
		if f.kind == kind && f.group == group {
			return f.releases(object)
		}
	}
	switch {
	case strings.HasSuffix(kind, "List"):
		for _, item := range items(object.Field("items")) {
			found = append(found, releasesOf(item)...)
		}
	case kind == "" || kind == "Kustomization":
		for _, f := range lists() {
			for _, entry := range items(object.Field(f.list)) {
				if first(entry, f.chart) != nil { // what else is called like that has none
					found = append(found, f.entry(entry, entry)...)
				}
			}
		}
		if bundle := fleetBundle(); kind == "" && !object.At("helm", "chart").IsUnset() {
			found = append(found, bundle.releases(object)...)
			for _, target := range items(object.Field("targetCustomizations")) {
				for _, r := range bundle.releases(target) {
					r.Unseen = append(r.Unseen, "the rest of the bundle")
					found = append(found, r)
				}
			}
		}
	}
	return found
}

// items returns the items of a list, none of anything else.
func items(v *values.Value) []*values.Value {
	if v == nil {
		return nil
	}
	return v.Items
}

// nameOf returns the object's namespace and name. A name that Kubernetes does not take
// may be anything, and is left out.
func nameOf(object *values.Value) string {
	name, namespace := object.At("metadata", "name").Str(), object.At("metadata", "namespace").Str()
	switch {
	case !isName(name):
		return ""
	case !isName(namespace):
		return name
	}
	return namespace + "/" + name
}

// isName reports whether Kubernetes takes a text for a name.
func isName(text string) bool { return text != "" && block.ValidName(text) }

// exactVersion returns the version that text names, nil if that is a range of
// versions: those of a chart have three numbers, and with fewer it is a range to Helm.
func exactVersion(text string) *auth.ChartVersion {
	v, err := auth.ParseChartVersion(text)
	if err != nil || !regexp.MustCompile(`^v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]*)?$`).MatchString(text) {
		return nil
	}
	return &v
}

// lastStep returns what follows the last slash: the chart's name, of a path to it.
func lastStep(p string) string {
	_, last := path.Split(strings.TrimRight(p, "/"))
	return last
}
