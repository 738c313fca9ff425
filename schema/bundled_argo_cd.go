package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleBundledArgoCD = "bundled-argo-cd"

func bundledArgoCDRule() Rule {
	return Rule{
		ID: ruleBundledArgoCD, Severity: diag.Warning, Class: Advice,
		Summary: "The chart's own Argo CD is switched on beside a block for another one.",
		Help:    "Charts up to 0.25 then ignore the block, newer ones do not. Set argo-cd.enabled to false.",
	}
}

// bundledArgoCD returns `argo-cd.enabled` as Helm's templates read it, nil where it is
// unset. It speaks only of the values of a Runtime: other charts bring an Argo CD along too.
func (r *run) bundledArgoCD(hasBlock bool) *bool {
	enabled := r.values.Root.At("argo-cd", "enabled")
	if enabled == nil || enabled.Kind == values.Null {
		return nil
	}
	bundled, isBool := enabled.Scalar.(bool)
	if !hasBlock && !r.isRuntime() || isSealed(enabled.Str()) {
		if isBool {
			return &bundled
		}
		return nil
	}
	if !isBool {
		r.wrongType(enabled, "argo-cd.enabled", "\"enabled\"", "true or false")
		return nil
	}
	if bundled {
		message := "the chart's own Argo CD is switched on: charts up to 0.25 then ignore the auth block, newer ones do not"
		if v := r.opts.ChartVersion; v != nil && v.Less(0, 26, 0) {
			message = fmt.Sprintf("the chart's own Argo CD is switched on, and chart %s then ignores the auth block", v)
		} else if v != nil {
			message = fmt.Sprintf("the chart's own Argo CD is switched on, and chart %s signs in with the auth block all the same", v)
		}
		r.add(diag.Warning, ruleBundledArgoCD, enabled.Body, "argo-cd.enabled",
			message,
			"set argo-cd.enabled to false to use an Argo CD that is already there")
	}
	return &bundled
}

// isRuntime reports whether the values are a Runtime's, block or not.
func (r *run) isRuntime() bool {
	return r.values.Root.At("global", "runtime") != nil || r.values.Root.At("global", "codefresh") != nil
}
