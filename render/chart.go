package render

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// parseChartLabel reads the value of the label helm.sh/chart: the chart's name and its
// version. The version is nil where it is not known how it is wired: of charts before the
// first generation, and of the 0.0.0 of a chart that was never released. For another
// chart's label text is "".
func parseChartLabel(label string) (text string, version *auth.ChartVersion) {
	text, found := strings.CutPrefix(label, auth.ChartName+"-")
	if !found {
		return "", nil
	}
	v, err := auth.ParseChartVersion(text)
	switch {
	case err != nil:
		return "", nil
	case v.Generation() == nil:
		return text, nil
	}
	return text, &v
}

// generation returns the chart's generation: by its version, or else by the services that
// only one of them runs. It is nil where neither is there.
func (r *runtime) generation() *auth.Generation {
	if r.version != nil {
		return r.version.Generation()
	}
	for _, g := range slices.Backward(auth.Generations()) {
		if r.found[g.Mark] {
			return &g
		}
	}
	return nil
}

// expected returns the services that the chart runs if nothing is switched off.
func (r *runtime) expected() []auth.Service {
	if g := r.generation(); g != nil {
		return g.Services
	}
	return nil
}

// missing returns the services that the chart runs, that are not switched off by
// the values, and that are not in the stream.
func (r *runtime) missing(s schema.Settings) (names []string) {
	for _, e := range r.expected() {
		off := e.Name == operator && isTrue(s.GitOpsOperatorDisabled) ||
			r.version != nil && r.version.Compare(e.AlwaysFrom) < 0 && (s.BundledArgoCD == nil || *s.BundledArgoCD)
		if !off && !r.found[e.Name] {
			names = append(names, e.Name)
		}
	}
	return names
}

// operator is the service that values can switch off.
const operator = "gitops-operator"

func isTrue(b *bool) bool { return b != nil && *b }
