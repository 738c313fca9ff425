package field

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// valuesRules are the rules on values beside the block that get in its way.
func valuesRules() []rule.Rule {
	return []rule.Rule{
		{ID: "bundled-argo-cd", Severity: diag.Warning, Class: rule.Advice, Runtime: bundledArgoCD},
		{ID: "env-override", Severity: diag.Warning, Class: rule.Advice, Keys: true, Runtime: envOverrides},
	}
}

// bundled returns `argo-cd.enabled`, nil where it is unset or filled in later, and where the
// values are not a Runtime's: other charts bring an Argo CD along too.
func bundled(p *rule.Pass) *values.Value {
	v := p.Values.Root.At("argo-cd", "enabled")
	if v == nil || v.Kind == values.Null || len(p.Blocks) == 0 && !p.IsRuntime() || block.IsSealed(v.Str()) {
		return nil
	}
	return v
}

func bundledArgoCD(p *rule.Pass) {
	enabled := bundled(p)
	if enabled == nil || enabled.Kind != values.Bool || !enabled.Scalar.(bool) {
		return
	}
	message := "the chart's own Argo CD is switched on: charts up to 0.25 then ignore the auth block, newer ones do not"
	switch v := p.Options.ChartVersion; {
	case v != nil && v.BundledIgnoresBlock():
		message = fmt.Sprintf("the chart's own Argo CD is switched on, and chart %s then ignores the auth block", v)
	case v != nil:
		message = fmt.Sprintf("the chart's own Argo CD is switched on, and chart %s signs in with the auth block all the same", v)
	}
	p.Report(enabled.Body, "argo-cd.enabled", message, "set argo-cd.enabled to false to use an Argo CD that is already there")
}

// envDepth is how deep the chart nests the `env` of a service.
const envDepth = 4

// envOverrides warns of the variables of the auth block that the values also set
// directly, through the `env` of a service.
func envOverrides(p *rule.Pass) {
	if len(p.Blocks) > 0 {
		envBelow(p, p.Values.Root, nil)
	}
}

func envBelow(p *rule.Pass, v *values.Value, path []string) {
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map || name == values.GlobalKey || len(path) == envDepth {
			continue
		}
		at := slices.Concat(path, []string{name})
		if name != "env" {
			envBelow(p, f, at)
			continue
		}
		for _, variable := range f.Order {
			if !isVariable(variable) || f.Field(variable).IsUnset() || isChartsOwn(p, at, variable, f.Field(variable)) {
				continue
			}
			p.Report(f.Field(variable).KeySpan(), strings.Join(append(at, variable), "."),
				fmt.Sprintf("%s is decided by the auth block; the post-renderer replaces what is set here", variable),
				"remove it")
		}
	}
}

// isChartsOwn reports whether a variable is what the chart itself sets there: charts 0.18
// to 0.22 do so, which shows in values that were merged with theirs.
func isChartsOwn(p *rule.Pass, at []string, variable string, v *values.Value) bool {
	if p.Values.IsDefault(v) {
		return true
	}
	inExtras := slices.Equal(at, []string{"cf-argocd-extras", "eventReporter", "container", "env"}) ||
		slices.Equal(at, []string{"cf-argocd-extras", "sourcesServer", "container", "env"})
	return inExtras && (variable == "ARGO_CD_TOKEN_SECRET_NAME" && v.Str() == auth.AppProxySecretName || variable == "ARGO_CD_TOKEN_SECRET_KEY" && v.Str() == auth.AppProxySecretKey)
}

// isVariable reports whether the auth block decides the environment variable.
func isVariable(name string) bool {
	switch name {
	case "ARGO_CD_TOKEN", "ARGO_CD_USERNAME", "ARGO_CD_PASSWORD", "ARGO_CD_TOKEN_SECRET_NAME", "ARGO_CD_TOKEN_SECRET_KEY":
		return true
	}
	return false
}
