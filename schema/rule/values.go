package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// valuesRules are the rules on values beside the block that get in its way.
func valuesRules() []Rule {
	return []Rule{
		{ID: "bundled-argo-cd", Severity: diag.Warning, Class: Advice, Runtime: bundledArgoCD},
		{ID: "env-override", Severity: diag.Warning, Class: Advice, Keys: true, Runtime: envOverrides},
	}
}

// appProxyUsername is the path of the username that charts from 0.24.4 on prefer to
// the block's, though they call it deprecated.
func appProxyUsername() []string { return []string{"app-proxy", "config", "argoCdUsername"} }

// settingsOf reads what the values say beside the block.
func settingsOf(root *values.Value) auth.Settings {
	s := auth.Settings{AppProxyUsername: root.At(appProxyUsername()...).Str()}
	if v := root.At("argo-cd", "enabled"); v != nil && v.Kind == values.Bool {
		bundled := v.Scalar.(bool)
		s.BundledArgoCD = &bundled
	}
	if v := root.At("gitops-operator", "enabled"); v != nil {
		off := v.Kind == values.Null || v.Kind == values.Bool && !v.Scalar.(bool)
		s.GitOpsOperatorDisabled = &off
	}
	return s
}

// bundled returns `argo-cd.enabled`, nil where it is unset or filled in later, and where the
// values are not a Runtime's: other charts bring an Argo CD along too.
func (p *Pass) bundled() *values.Value {
	v := p.values.Root.At("argo-cd", "enabled")
	if v == nil || v.Kind == values.Null || len(p.blocks) == 0 && !p.isRuntime() || block.IsSealed(v.Str()) {
		return nil
	}
	return v
}

func bundledArgoCD(p *Pass) {
	enabled := p.bundled()
	if enabled == nil || enabled.Kind != values.Bool || !enabled.Scalar.(bool) {
		return
	}
	message := "the chart's own Argo CD is switched on: charts up to 0.25 then ignore the auth block, newer ones do not"
	switch v := p.opts.ChartVersion; {
	case v != nil && v.BundledIgnoresBlock():
		message = fmt.Sprintf("the chart's own Argo CD is switched on, and chart %s then ignores the auth block", v)
	case v != nil:
		message = fmt.Sprintf("the chart's own Argo CD is switched on, and chart %s signs in with the auth block all the same", v)
	}
	p.report(enabled.Body, "argo-cd.enabled", message, "set argo-cd.enabled to false to use an Argo CD that is already there")
}

// envDepth is how deep the chart nests the `env` of a service.
const envDepth = 4

// envOverrides warns of the variables of the auth block that the values also set
// directly, through the `env` of a service.
func envOverrides(p *Pass) {
	if len(p.blocks) > 0 {
		p.envBelow(p.values.Root, nil)
	}
}

func (p *Pass) envBelow(v *values.Value, path []string) {
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map || name == values.GlobalKey || len(path) == envDepth {
			continue
		}
		at := slices.Concat(path, []string{name})
		if name != "env" {
			p.envBelow(f, at)
			continue
		}
		for _, variable := range f.Order {
			if !isVariable(variable) || f.Field(variable).IsUnset() || p.isChartsOwn(at, variable, f.Field(variable)) {
				continue
			}
			p.report(f.Field(variable).KeySpan(), strings.Join(append(at, variable), "."),
				fmt.Sprintf("%s is decided by the auth block; the post-renderer replaces what is set here", variable),
				"remove it")
		}
	}
}

// isChartsOwn reports whether a variable is what the chart itself sets there: charts 0.18
// to 0.22 do so, which shows in values that were merged with theirs.
func (p *Pass) isChartsOwn(at []string, variable string, v *values.Value) bool {
	if p.values.IsDefault(v) {
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
