package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleEnvOverride = "env-override"

func envOverrideRule() Rule {
	return Rule{
		ID: ruleEnvOverride, Severity: diag.Warning, Class: Advice,
		Summary: "The values set an environment variable that the block decides.",
		Help:    "The chart would let it win; the post-renderer replaces it. Remove it.",
	}
}

// envDepth is how deep the chart nests the `env` of a service.
const envDepth = 4

// envOverrides warns of the variables of the auth block that the values also set
// directly, through the `env` of a service.
func (r *run) envOverrides(v *values.Value, path []string) {
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map || name == values.GlobalKey || len(path) == envDepth {
			continue
		}
		at := slices.Concat(path, []string{name})
		if name != "env" {
			r.envOverrides(f, at)
			continue
		}
		for _, variable := range f.Order {
			if !isAuthVariable(variable) || f.Field(variable).IsUnset() || r.isChartsOwn(at, variable, f.Field(variable)) {
				continue
			}
			full := strings.Join(append(at, variable), ".")
			r.add(diag.Warning, ruleEnvOverride, keySpan(f.Field(variable)), full,
				fmt.Sprintf("%s is decided by the auth block; the post-renderer replaces what is set here", variable),
				"remove it")
		}
	}
}

// isChartsOwn reports whether a variable is what the chart itself sets there: charts 0.18
// to 0.22 do so, which shows in values that were merged with theirs.
func (r *run) isChartsOwn(at []string, variable string, v *values.Value) bool {
	if r.values.IsDefault(v) {
		return true
	}
	inExtras := slices.Equal(at, []string{"cf-argocd-extras", "eventReporter", "container", "env"}) ||
		slices.Equal(at, []string{"cf-argocd-extras", "sourcesServer", "container", "env"})
	return inExtras && (variable == "ARGO_CD_TOKEN_SECRET_NAME" && v.Str() == AppProxySecretName || variable == "ARGO_CD_TOKEN_SECRET_KEY" && v.Str() == AppProxySecretKey)
}

// isAuthVariable reports whether the auth block decides the environment variable.
func isAuthVariable(name string) bool {
	switch name {
	case "ARGO_CD_TOKEN", "ARGO_CD_USERNAME", "ARGO_CD_PASSWORD", "ARGO_CD_TOKEN_SECRET_NAME", "ARGO_CD_TOKEN_SECRET_KEY":
		return true
	}
	return false
}
