package inline

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// argoReleases reads the sources of an Application, or of an ApplicationSet's template.
// If it has sources, Argo CD takes no notice of source.
func argoReleases(object, spec *values.Value) []*Release {
	sources := []*values.Value{spec.Field("source")}
	if many := spec.Field("sources"); isGiven(many) {
		sources = many.Items
	}
	var found []*Release
	for _, source := range sources {
		if source == nil || source.Kind != values.Map || isGiven(source.Field("ref")) && !isGiven(source.Field("chart")) && !isGiven(source.Field("helm")) {
			continue
		}
		r := newRelease(object)
		if r.Kind == ApplicationSet {
			r.expression = expression{open: "{{", shut: "}}", hasLogic: true}
			if isGiven(object.At("spec", "templatePatch")) {
				r.Unseen = append(r.Unseen, "templatePatch")
			}
		}
		r.argoSource(source)
		found = append(found, r)
	}
	return found
}

// argoSource reads one source. Argo CD lays valuesObject over valueFiles, or else
// values, and parameters over both (v3.6, helmTemplate in reposerver/repository).
func (r *Release) argoSource(source *values.Value) {
	repo := source.Field("repoURL").Str()
	switch chart := source.Field("chart").Str(); {
	case chart != "":
		r.Chart = lastStep(chart)
		r.Version = exactVersion(source.Field("targetRevision").Str())
	case strings.HasPrefix(repo, "oci://"):
		r.Chart = lastStep(repo)
		r.Version = exactVersion(source.Field("targetRevision").Str())
	default: // a Git repository, whose revision is not the chart's
		r.Path = source.Field("path").Str()
		r.Chart = lastStep(r.Path)
	}
	helm := source.Field("helm")
	for _, name := range []string{"valueFiles", "fileParameters"} {
		if isGiven(helm.Field(name)) {
			r.Unseen = append(r.Unseen, name)
		}
	}
	text, object := helm.Field("values"), helm.Field("valuesObject")
	switch {
	case object != nil && object.Kind == values.Map:
		r.body, r.Unused = object, isGiven(text)
	case isGiven(text) && text.Kind == values.String:
		r.body = text
	}
	if list := helm.Field("parameters"); list != nil {
		r.parameters = parametersOf(list.Items)
	}
}
