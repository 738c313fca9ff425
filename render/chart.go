package render

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/render/scan"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

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
func (r *runtime) missing(s auth.Settings) (names []string) {
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

// Services returns the names of the services that may be allowed to be missing.
func Services() []string {
	var names []string
	for _, s := range scan.Services() {
		names = append(names, s.Name)
	}
	return names
}
