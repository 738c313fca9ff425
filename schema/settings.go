package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// settings reads what the values say beside the block, and warns of what gets in
// its way. In files that are not a Runtime's it says nothing.
func (r *run) settings(hasBlock bool) Settings {
	root := r.values.Root
	s := Settings{}
	isRuntime := hasBlock || root.At("global", "runtime") != nil || root.At("global", "codefresh") != nil
	if enabled := root.At("argo-cd", "enabled"); enabled != nil && enabled.Kind == values.Bool {
		bundled := enabled.Scalar.(bool)
		s.BundledArgoCD = &bundled
		if bundled && isRuntime {
			r.add(diag.Warning, ruleBundledArgoCD, enabled.Body, "argo-cd.enabled",
				"the chart's own Argo CD is switched on: charts up to 0.25 then ignore the auth block, newer ones do not",
				"set argo-cd.enabled to false to use an Argo CD that is already there")
		}
	}
	if enabled := root.At("gitops-operator", "enabled"); enabled != nil && enabled.Kind == values.Bool {
		s.GitOpsOperatorDisabled = !enabled.Scalar.(bool)
	}
	if hasBlock {
		r.envOverrides(root, nil)
	}
	return s
}

// envDepth is how deep the chart nests the `env` of a service.
const envDepth = 4

// envOverrides warns of the variables of the auth block that the values also set
// directly, through the `env` of a service.
func (r *run) envOverrides(v *values.Value, path []string) {
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map || name == "global" || len(path) == envDepth {
			continue
		}
		at := slices.Concat(path, []string{name})
		if name != "env" {
			r.envOverrides(f, at)
			continue
		}
		for _, variable := range f.Order {
			if !isAuthVariable(variable) || f.Field(variable).IsUnset() {
				continue
			}
			full := strings.Join(append(at, variable), ".")
			r.add(diag.Warning, ruleEnvOverride, keySpan(f.Field(variable)), full,
				fmt.Sprintf("%s is decided by the auth block; the post-renderer replaces what is set here", variable),
				"remove it")
		}
	}
}

// isAuthVariable reports whether the auth block decides the environment variable.
func isAuthVariable(name string) bool {
	switch name {
	case "ARGO_CD_TOKEN", "ARGO_CD_USERNAME", "ARGO_CD_PASSWORD", "ARGO_CD_TOKEN_SECRET_NAME", "ARGO_CD_TOKEN_SECRET_KEY":
		return true
	}
	return false
}
