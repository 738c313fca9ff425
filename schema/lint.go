package schema

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule/field"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule/place"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Options of one lint.
type Options struct {
	// ChartVersion is the version of the gitops-runtime chart that the values are
	// for; nil where it is not known, and then the block may stand at either place.
	ChartVersion *auth.ChartVersion
	// Now is the time against which the expiry of tokens is held; where it is zero
	// no token counts as expired.
	Now time.Time
	// Rendered says that the values come out of rendered manifests, from which this
	// program may have taken the credential: its marker stands for one then.
	Rendered bool
	// Defaults are the values of the chart itself and of what it depends on, laid beneath
	// what is linted; nil where they are not known.
	Defaults *values.Values
	// Scopes says where in the values those of Runtimes are, as names or aliases of
	// dependencies; one without names is the values as a whole. nil where no chart tells:
	// then the values do.
	Scopes [][]string
	// Parameters says that values from flags are parameters of an Application of Argo CD.
	Parameters bool
	// ArgoCD is what Argo CD's own configuration says about its accounts; nil where it
	// is not given, and then nothing is said about the account.
	ArgoCD *argocd.Config
}

// Result of one lint.
type Result struct {
	// Runtime is what the values say of a Runtime: of the first of several.
	Runtime
	// Others are further Runtimes in the same values, as an umbrella chart may have them.
	Others []Runtime
	// Diagnostics are sorted, without repetitions, and never quote a credential.
	Diagnostics []diag.Diagnostic
	// Masks shows lines of the sources without what may be a credential.
	Masks *mask.Masks
	// Encrypted is set where SOPS has encrypted the values: only their keys were judged,
	// and what they declare is not known.
	Encrypted bool
}

// Runtime is what values say of one Runtime.
type Runtime = rule.Runtime

// Only returns what values declare that are to wire one Runtime. unclear says why they do
// not tell, "" if they do: another tool fills in a value later, or there are several
// Runtimes that do not agree. One that is switched off is none; that is known only where
// the chart is, which says by what values its dependencies are.
func (r Result) Only() (s auth.Settings, unclear string) {
	all := slices.DeleteFunc(append([]Runtime{r.Runtime}, r.Others...), func(o Runtime) bool { return o.Values.IsOff(o.Scope...) })
	if len(all) == 0 {
		all = []Runtime{r.Runtime}
	}
	for _, o := range all {
		switch {
		case o.Later != "":
			return s, fmt.Sprintf("%s is encrypted, or filled in later by another tool, so that it is not known what the values declare", o.Later)
		case !all[0].Settings.Equal(o.Settings):
			return s, fmt.Sprintf("the values are those of several Runtimes, below %s and %s, which do not declare the same", mask.Path(strings.Join(all[0].Scope, ".")), mask.Path(strings.Join(o.Scope, ".")))
		}
	}
	return all[0].Settings, ""
}

// StreamOptions are those for values that a Runtime's chart has put into rendered manifests.
func StreamOptions(now time.Time) Options {
	return Options{Now: now, Rendered: true, Scopes: [][]string{nil}}
}

// Lint checks merged values. The error is not about the values: it says that the
// schema itself is broken.
func (l *Linter) Lint(v *values.Values, opts Options) (Result, error) {
	if opts.Defaults != nil {
		v = v.Over(opts.Defaults)
	}
	if opts.ChartVersion != nil && *opts.ChartVersion == (auth.ChartVersion{}) {
		opts.ChartVersion = nil // 0.0.0 is that of every checkout of the chart
	}
	result := Result{Masks: mask.NewMasks(v)}
	if opts.ArgoCD != nil {
		opts.ArgoCD.Vouch(result.Masks)
	}
	if v.Root.Kind != values.Map && v.Root.Kind != values.Null {
		result.Runtime = Runtime{Values: v, Settings: auth.Settings{Auth: auth.Default()}}
		return result, nil // no values file
	}
	pass := rule.New(v, result.Masks, l.rules(opts.ArgoCD), rule.Options{
		ChartVersion: opts.ChartVersion, Now: opts.Now, Rendered: opts.Rendered, Parameters: opts.Parameters,
		Scopes: opts.Scopes, Structure: l.structure,
	})
	for i, scope := range pass.Scopes {
		runtime, err := pass.Check(scope)
		switch {
		case err != nil:
			return Result{}, err
		case i == 0:
			result.Runtime = runtime
		default:
			result.Others = append(result.Others, runtime)
		}
	}
	result.Encrypted = pass.Encrypted()
	result.Diagnostics = pass.Finish()
	return result, nil
}

// LintFile checks one values file by itself. YAML that does not parse is a finding.
func (l *Linter) LintFile(name string, data []byte, opts Options) (Result, error) {
	f, err := values.ParsePart(name, data, block.Wanted(data, opts.Scopes))
	if err != nil {
		return Unreadable(err)
	}
	return l.Lint(values.FromFile(f), opts)
}

// StopsRender reports whether a finding keeps the post-renderer from working. It
// refuses on structure: what a credential looks like inside is lint's affair.
func StopsRender(d diag.Diagnostic) bool {
	return d.Severity == diag.Error && RuleOf(d.Rule).Class != rule.Content
}

// Unreadable returns the result for values that could not be read: a source that does not
// parse, or a file that is not a mapping, is a finding. Any other error is returned as it is.
func Unreadable(err error) (Result, error) {
	if e, ok := errors.AsType[*values.SyntaxError](err); ok {
		return failed(rule.YAMLSyntax, e.Span, e.Message, cmp.Or(e.Hint, "Helm cannot read the file as it is")), nil
	}
	if e, ok := errors.AsType[*values.RootError](err); ok {
		return failed(rule.WrongType, e.Span, "a values file must be a mapping of keys to values", "Helm refuses this file"), nil
	}
	return Result{}, err
}

func failed(rule string, at values.Span, message, hint string) Result {
	d := diag.Diagnostic{Severity: diag.Error, Rule: rule, File: at.File(), Range: at.Range(), Message: message, Hint: hint}
	return Result{Diagnostics: []diag.Diagnostic{d}, Masks: mask.Opaque(at.Source)}
}

// Rules returns every rule with its documentation, in the order of the documentation.
func Rules() []rule.Rule {
	all := rules(nil)
	for i := range all {
		all[i].Doc = rule.DocOf(all[i].ID)
	}
	return all
}

func rules(config *argocd.Config) []rule.Rule {
	return slices.Concat(place.Rules(), field.Rules(), argocd.Rules(config))
}

// RuleOf returns the rule with this ID without its documentation, the zero Rule if there is
// none.
func RuleOf(id string) rule.Rule {
	for _, r := range rules(nil) {
		if r.ID == id {
			return r
		}
	}
	return rule.Rule{}
}
