//go:build cluster

package preflight

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

// Rules of lint that have a check of their own here, where more is known than the
// values say; so have those about content.
const (
	reservedRule    = "reserved-secret"
	placeholderRule = "placeholder"
)

func isAboutContent(id string) bool { return schema.RuleOf(id).Class == rule.Content }

// values lints the block, and takes from it what the other checks need.
func (r *run) values(context.Context) (all []Result, _ error) {
	lint, err := r.linter.Lint(r.opts.Values, r.opts.Lint)
	if err != nil {
		return nil, err
	}
	const unknown = "the values declare no credential that could be checked"
	if len(lint.Others) > 0 {
		r.unfit = "the values hold several Runtimes"
		all = append(all, Result{Status: Failed, Seen: r.unfit, Advice: "give the values of one, or name its chart with --chart"})
	}
	if lint.Later != "" {
		r.unfit = unknown
		all = append(all, Result{Status: Skipped, Seen: lint.Later + " is encrypted, or filled in later by another tool", Advice: "give the values as Helm gets them"})
	}
	if !lint.Settings.Declared && r.opts.Lint.Defaults == nil {
		r.unfit = "the values declare no credential, and the chart's own are not known"
		all = append(all, Result{Status: Skipped, Seen: r.unfit, Advice: "give the values that hold the auth block, and the chart with --chart"})
	}
	if slices.ContainsFunc(lint.Diagnostics, schema.StopsRender) {
		r.unfit = unknown
	}
	for _, d := range lint.Diagnostics {
		switch {
		case d.Rule == reservedRule:
			r.reservedBy = append(r.reservedBy, d)
		case d.Severity != diag.Info && !isAboutContent(d.Rule):
			all = append(all, results([]diag.Diagnostic{d}, finding)...)
		}
	}
	if on := lint.Settings.BundledArgoCD; on != nil {
		r.bundled = *on
	}
	r.runtime = lint.Runtime.Values
	r.server = endpoint.Of(lint.Runtime, r.opts.Lint.ChartVersion, r.opts.Lint.Defaults != nil)
	if r.unfit == "" {
		r.auth = lint.Settings.EffectiveAuth(r.opts.Lint.ChartVersion)
		r.credential = r.auth.Plaintext
		if r.auth.UsernameRef == nil {
			r.username = r.auth.Username
		}
	}
	if len(all) == 0 {
		return result(OK, declared(lint), "")
	}
	return all, nil
}

// declared says in words which credential the values mean.
func declared(lint schema.Result) string {
	a := lint.Settings.Auth
	what := fmt.Sprintf("type %s", a.Mode)
	switch {
	case !lint.Settings.Declared:
		what = "no block, which means the chart's default: " + what
	case a.IsPlaintext():
		return what + ", given in the values"
	}
	return what + " from " + place(a.Credential())
}

// results are those of findings, each in the words of seen.
func results(findings []diag.Diagnostic, seen func(diag.Diagnostic) string) (all []Result) {
	for _, d := range findings {
		all = append(all, Result{Status: statusOf(d.Severity), Seen: seen(d), Advice: d.Hint})
	}
	return all
}

// finding is a diagnostic on one line.
func finding(d diag.Diagnostic) string {
	at := ""
	switch {
	case d.File != "" && d.Range.Start.Line > 0:
		at = fmt.Sprintf("%s:%d:%d: ", d.File, d.Range.Start.Line, d.Range.Start.Column)
	case d.File != "":
		at = d.File + ": "
	}
	return fmt.Sprintf("%s%s [%s]", at, d.Message, d.Rule)
}

func statusOf(s diag.Severity) Status {
	return cmp.Or(map[diag.Severity]Status{diag.Error: Failed, diag.Warning: Warning}[s], OK)
}
