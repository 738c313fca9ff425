// Package inline finds the values that manifests of GitOps engines hold: Flux
// HelmReleases, Argo CD Applications and ApplicationSets, and the forms of packaged. It
// lints and fixes them in place, as if each were a values file.
package inline

import (
	"regexp"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// The kinds of objects that are understood.
const (
	HelmRelease    = "HelmRelease"    // helm.toolkit.fluxcd.io, v2 and the betas before it
	Application    = "Application"    // argoproj.io/v1alpha1
	ApplicationSet = "ApplicationSet" // likewise
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
	Version *schema.ChartVersion
	// Unseen names the fields through which the release takes more values that are not
	// in the manifest, such as valueFiles. What is missing may come from there.
	Unseen []string
	// Unused is set if the manifest has a string of values that its valuesObject replaces.
	Unused bool

	body       *values.Value // the values: a mapping or a string; nil if there are none
	parameters []parameter
	expression expression
}

// String returns the object as people call it: HelmRelease flux-system/runtime.
func (r *Release) String() string {
	if r.Name == "" {
		return r.Kind
	}
	return r.Kind + " " + r.Name
}

// Find returns the releases in a manifest, in their order: those of all documents, and
// of the items of lists. name is what findings call the file. A file that holds no such
// object has none. The error is a *values.SyntaxError.
func Find(name string, data []byte) ([]*Release, error) {
	f, err := values.Parse(name, data)
	if err != nil {
		return nil, err
	}
	found := appendReleases(nil, f.Root)
	for _, doc := range f.Later {
		found = appendReleases(found, doc)
	}
	return found, nil
}

func appendReleases(found []*Release, object *values.Value) []*Release {
	group, _, _ := strings.Cut(object.Field("apiVersion").Str(), "/")
	switch kind := object.Field("kind").Str(); {
	case kind == HelmRelease && group == "helm.toolkit.fluxcd.io":
		return append(found, fluxRelease(object))
	case kind == Application && group == "argoproj.io":
		return append(found, argoReleases(object, object.Field("spec"))...)
	case kind == ApplicationSet && group == "argoproj.io":
		return append(found, argoReleases(object, object.At("spec", "template", "spec"))...)
	case strings.HasSuffix(kind, "List"):
		if items := object.Field("items"); items != nil {
			for _, item := range items.Items {
				found = appendReleases(found, item)
			}
		}
	default:
		return append(found, packagedReleases(object, group)...)
	}
	return found
}

// newRelease returns a release of an object, with nothing but what is common to all.
func newRelease(object *values.Value) *Release {
	kind := object.Field("kind")
	return &Release{Kind: kind.Str(), Name: nameOf(object), At: kind.Body}
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
func isName(text string) bool {
	return regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$`).MatchString(text)
}

// exactVersion returns the version that text names, nil if that is a range of
// versions: those of a chart have three numbers, and with fewer it is a range to Helm.
func exactVersion(text string) *schema.ChartVersion {
	if !regexp.MustCompile(`^v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]*)?$`).MatchString(text) {
		return nil
	}
	v, err := schema.ParseChartVersion(text)
	if err != nil {
		return nil
	}
	return &v
}

// isGiven reports whether a field says anything.
func isGiven(v *values.Value) bool { return !v.IsUnset() }

// lastStep returns what follows the last slash: the chart's name, of a path to it.
func lastStep(path string) string {
	path = strings.TrimRight(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}
