package render

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/render/scan"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

// The rules of the warnings in a report.
const (
	ruleBundled   = "bundled-argo-cd"
	ruleRedaction = "redaction-incomplete" // a credential is left in the chart's values
)

// Witness stands in a report for the source of the values where nobody has declared a
// credential: the manifests themselves, which agree on one.
const Witness = "manifests"

const (
	giveValues = "give the values that helm gets with -f/--values or --set, name the files in RUNTIME_AUTH_VALUES, or run helm through `helm runtime-auth install`"
	sameValues = "give the renderer the same values as helm, or say --override-stream-values if the difference is meant"
)

// decideFor settles which credential a Runtime gets. What was declared in the given
// values is enforced. Where nothing was, the values in the stream are what Helm used;
// without those the manifests must agree among themselves, and stay as they are.
func (e *engine) decideFor(r *runtime) error {
	found, err := e.streamValues(r)
	if err != nil {
		return err
	}
	switch given := e.settings; {
	case given != nil && given.Declared:
		if e.several {
			return valuesErrorf("the given values are those of one Runtime, and the stream holds several, one of them%s", r.named()).
				hint("wire the manifests of each by themselves, or leave the values to the ConfigMap " + scan.ValuesConfig + " of each")
		}
		r.settings = *given
		if found != nil { // what was not given is as in the values that helm used
			r.settings.BundledArgoCD = cmp.Or(given.BundledArgoCD, found.BundledArgoCD)
			r.settings.GitOpsOperatorDisabled = cmp.Or(given.GitOpsOperatorDisabled, found.GitOpsOperatorDisabled)
		}
	case found != nil:
		r.settings, r.source = *found, r.values[len(r.values)-1].name
	case given == nil:
		return valuesErrorf("no values were given, and the stream holds none%s: the ConfigMap %s is not in it", r.named(), scan.ValuesConfig).hint(giveValues)
	default:
		r.settings, r.source, r.isWitness = *given, Witness, true
	}
	if r.generation() == nil {
		return streamErrorf("the stream holds no Runtime: neither argo-gateway (charts 0.26 and newer) nor sources-server (0.18 to 0.25), nor a label helm.sh/chart of such a version").
			remedy(WholeStream, "pass the manifests of the gitops-runtime chart, 0.18.0 or newer")
	}
	r.auth = r.settings.EffectiveAuth(r.version)
	switch r.handsOff = e.isHandedOff(r); {
	case r.handsOff:
		return nil
	case r.isWitness:
		return e.witness(r)
	case r.source != "" && r.auth.IsDefault(), r.settings.Implied && !e.opts.OverrideStreamValues:
		return e.checkDefault(r)
	}
	return nil
}

// checkDefault refuses to replace a credential by the chart's default because of values
// that nobody may have meant that way: those given may be half of what helm got, and those
// in the stream have the default where nobody has said anything.
func (e *engine) checkDefault(r *runtime) error {
	for _, p := range e.consumers(r) {
		if !usesOther(p, r.auth.Ref) {
			continue
		}
		whose := "given values"
		if r.source != "" {
			whose = "values in the stream, " + r.source + ","
		}
		return valuesErrorf("the %s name no credential but the chart's default, and %s uses another one", whose, p.Object).
			hint("give all values that helm gets; or name the credential: passwordSecretKeyRef: {name: …, key: …}")
	}
	return nil
}

// usesOther reports whether a service has a credential that is not the chart's default:
// the password ref, from which app-proxy makes a token for itself and for the others.
// A variable that is empty is none.
func usesOther(p *scan.Workload, ref auth.SecretRef) bool {
	is := func(name string, ref auth.SecretRef, text string) bool {
		switch v := p.Vars[name]; v.Origin {
		case envedit.SecretKey:
			return v.Ref.Same(ref)
		case envedit.Literal:
			return v.Value == "" || v.Value == text
		default:
			return !scan.IsGiven(p.Vars, name)
		}
	}
	made := auth.SecretRef{Name: auth.AppProxySecretName, Key: auth.AppProxySecretKey}
	if p.Service != auth.AppProxy {
		return !is(wiring.TokenSecretName, auth.SecretRef{}, made.Name) || !is(wiring.TokenSecretKey, auth.SecretRef{}, made.Key)
	}
	alone := p.Vars[wiring.Token].Origin == envedit.SecretKey && !scan.IsGiven(p.Vars, wiring.Password) // a token that app-proxy does not make
	return alone || !is(wiring.Password, ref, "") || !is(wiring.Token, made, "")
}

// consumers returns the workloads of a Runtime that use its credential.
func (e *engine) consumers(r *runtime) []*scan.Workload {
	return slices.DeleteFunc(slices.Clone(e.world.workloads), func(p *scan.Workload) bool {
		return p.Service == "" || !e.isOf(r, p.Object.Namespace)
	})
}

// streamValues reads the values that the chart put into the stream for a Runtime, nil
// if there are none. They are compared with those that were given, unless these are to
// beat them; then nothing is wrong with them.
func (e *engine) streamValues(r *runtime) (*auth.Settings, error) {
	all := r.values
	if len(all) == 0 {
		return nil, nil
	}
	last := all[len(all)-1]
	given := e.settings
	override := e.opts.OverrideStreamValues && given != nil && given.Declared
	for _, v := range all {
		if v.text != last.text && !override {
			return nil, valuesErrorf("two ConfigMaps hold the values of the Runtime%s, and they differ: %s in %s, %s in %s", r.named(), v.name, v.at, last.name, last.at).
				hint("several Runtimes in one stream must be told apart by metadata.namespace; wire each by itself")
		}
	}
	read := e.lint(last.name, last.text)
	diags := read.Diagnostics
	stopped := slices.ContainsFunc(diags, schema.StopsRender) || read.Later != ""
	switch {
	case override && stopped:
		return nil, nil
	case stopped && given != nil && given.Declared:
		err := valuesErrorf("the values in the stream, %s, are not valid, so they are others than those given", last.name).remedy(SameValues, sameValues)
		err.Diagnostics = diags
		return nil, err
	case stopped:
		err := valuesErrorf("the values in the stream, %s, are not valid", last.name).hint(giveValues)
		err.Diagnostics = diags
		return nil, err
	}
	if !read.Settings.Declared { // not what the chart writes, which has a block at least by its default
		return nil, nil
	}
	if given == nil || !given.Declared {
		e.report.Warnings = append(e.report.Warnings, diags...)
	}
	if given != nil && !override {
		if about := differ(*given, read.Settings, r.version); about != "" {
			return nil, valuesErrorf("the given values and those in the stream, %s, differ about %s", last.name, about).remedy(SameValues, sameValues)
		}
	}
	return &read.Settings, nil
}

// lint lints values that the chart's hook ConfigMap carries: they are merged, and hold the
// chart's defaults too. name is what findings call them.
func (e *engine) lint(name, text string) schema.Result {
	result, err := e.linter.LintFile(name, []byte(text), schema.StreamOptions(e.opts.Now))
	if err != nil {
		result.Diagnostics = append(result.Diagnostics, diag.Diagnostic{Severity: diag.Error, Rule: rule.YAMLSyntax, File: name, Message: err.Error()})
	}
	e.report.Linted = append(e.report.Linted, result)
	return result
}

// differ says about what two Runtimes' settings contradict each other, "" if they do
// not. What was not given contradicts nothing, and neither does the chart's default
// credential, which is in the stream whether anybody has declared it or not.
func differ(given, used auth.Settings, version *auth.ChartVersion) string {
	isOther := func(a, b *bool) bool { return a != nil && b != nil && *a != *b }
	givenAuth, usedAuth := given.EffectiveAuth(version), used.EffectiveAuth(version)
	switch {
	case given.Declared && !givenAuth.Equal(usedAuth) && !usedAuth.Equal(auth.Default()):
		return "the credential of Argo CD"
	case isOther(given.BundledArgoCD, used.BundledArgoCD):
		return "argo-cd.enabled"
	case isOther(given.GitOpsOperatorDisabled, used.GitOpsOperatorDisabled):
		return "gitops-operator.enabled"
	}
	return ""
}

// isHandedOff reports whether the chart ignores the auth block, as charts up to 0.25 do
// beside their own Argo CD. Where the values do not say whether that is switched on,
// which it is by default, the manifests do: they hold its API server.
func (e *engine) isHandedOff(r *runtime) bool {
	off := r.generation().From.BundledIgnoresBlock()
	if r.settings.BundledArgoCD == nil && off && e.holdsArgoCD(r.namespace) {
		r.settings.BundledArgoCD = new(true)
	}
	if !isTrue(r.settings.BundledArgoCD) {
		return false
	}
	message := "argo-cd.enabled is true, and the chart wires the auth block all the same"
	if off {
		message = "argo-cd.enabled is true: charts up to 0.25 then ignore the auth block, so nothing was wired"
	}
	e.report.warn(diag.Diagnostic{Rule: ruleBundled, Message: message})
	return off
}

// witness takes the credential that all services of a Runtime use. The error says that
// they do not agree on one.
func (e *engine) witness(r *runtime) error {
	all := e.consumers(r)
	for _, auth := range credentials(all) {
		r.auth = auth
		isOther := func(p *scan.Workload) bool {
			_, edits := e.wireOne(r, p)
			return len(edits) > 0
		}
		if !slices.ContainsFunc(all, isOther) {
			return nil
		}
	}
	return valuesErrorf("the values declare no credential, and the services%s do not agree on one%s", r.named(), disagreement(all)).
		hint("give the values that hold the auth block, or --chart where the chart's own values do")
}

// credentials returns what the services may have been wired to, as far as one tells.
func credentials(all []*scan.Workload) []auth.Auth {
	var found []auth.Auth
	for _, p := range all {
		if p.Service != auth.AppProxy {
			name, key := p.Vars[wiring.TokenSecretName], p.Vars[wiring.TokenSecretKey]
			found = append(found, auth.Auth{Mode: auth.ModeToken, Ref: auth.SecretRef{Name: name.Value, Key: key.Value}})
			continue
		}
		var own []auth.Auth
		if v := p.Vars[wiring.Token]; v.Origin == envedit.SecretKey {
			own = append(own, auth.Auth{Mode: auth.ModeToken, Ref: v.Ref})
		}
		if v := p.Vars[wiring.Password]; v.Origin == envedit.SecretKey {
			auth := auth.Auth{Mode: auth.ModePassword, Ref: v.Ref, Username: p.Vars[wiring.Username].Value}
			if u := p.Vars[wiring.Username]; u.Origin == envedit.SecretKey {
				auth.UsernameRef = &u.Ref
			}
			own = append(own, auth)
		}
		return own
	}
	return found
}

// disagreement names two services that use different Secrets, where that is so plain.
func disagreement(all []*scan.Workload) string {
	var first *scan.Workload
	var reads string
	for _, p := range all {
		if p.Vars[wiring.TokenSecretName].Origin != envedit.Literal {
			continue
		}
		var names wiring.Names // nobody has declared anything
		is := names.Shown(p.Vars[wiring.TokenSecretName].Value) + "/" + names.Shown(p.Vars[wiring.TokenSecretKey].Value)
		switch {
		case first == nil:
			first, reads = p, is
		case is != reads:
			return fmt.Sprintf(": %s reads %s, %s reads %s", first.Object, reads, p.Object, is)
		}
	}
	return ""
}
