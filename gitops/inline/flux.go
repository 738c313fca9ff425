package inline

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// fluxRelease reads a HelmRelease. Its own values are laid over those of valuesFrom
// (helm-controller, ChartValuesFromReferences).
func fluxRelease(object *values.Value) *Release {
	r := newRelease(object)
	r.expression = expression{open: "${", shut: "}"} // what a Flux Kustomization substitutes
	spec, chart := object.Field("spec"), object.At("spec", "chart", "spec")
	r.Chart = lastStep(chart.Field("chart").Str())
	switch chart.At("sourceRef", "kind").Str() {
	case "HelmRepository":
		r.Version = exactVersion(chart.Field("version").Str())
	case "GitRepository":
		r.Path = chart.Field("chart").Str()
	}
	if isGiven(spec.Field("valuesFrom")) {
		r.Unseen = append(r.Unseen, "valuesFrom")
	}
	if isGiven(chart.Field("valuesFiles")) {
		r.Unseen = append(r.Unseen, "valuesFiles")
	}
	if body := spec.Field("values"); isGiven(body) && body.Kind == values.Map {
		r.body = body
	}
	return r
}
