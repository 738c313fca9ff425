package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// The rules, by the names that findings carry.
const (
	ruleYAMLSyntax          = "yaml-syntax"
	ruleExtraDocument       = "extra-document"
	ruleDuplicateKey        = "duplicate-key"
	ruleMisspelledKey       = "misspelled-key"
	ruleMisplacedBlock      = "misplaced-block"
	ruleMovedBlock          = "moved-block"
	ruleBothBlocks          = "both-blocks"
	ruleUnknownField        = "unknown-field"
	ruleWrongType           = "wrong-type"
	ruleMissingField        = "missing-field"
	ruleInvalidValue        = "invalid-value"
	ruleInvalidName         = "invalid-name"
	ruleNoCredential        = "no-credential"
	ruleTwoCredentials      = "two-credentials"
	ruleImpliedType         = "implied-type"
	ruleUnusedCredential    = "unused-credential"
	ruleIgnoredField        = "ignored-field"
	ruleInheritedDefault    = "inherited-default"
	rulePlaintextCredential = "plaintext-credential"
	ruleReservedSecret      = "reserved-secret"
	ruleBundledArgoCD       = "bundled-argo-cd"
	ruleEnvOverride         = "env-override"
)

// Options of one lint.
type Options struct {
	// ChartVersion is the version of the gitops-runtime chart that the values are
	// for; nil where it is not known, and then the block may stand at either place.
	ChartVersion *ChartVersion
}

// Result of one lint.
type Result struct {
	// Settings is what the values declare. It means something only where no
	// Diagnostic is an Error.
	Settings Settings
	// Diagnostics are sorted, without repetitions, and never quote a credential.
	Diagnostics []diag.Diagnostic
	// Masks hides the credentials in lines of the sources that are shown to people.
	Masks *Masks
}

// run is one lint on its way.
type run struct {
	linter *Linter
	opts   Options
	values *values.Values
	found  []*diag.Diagnostic
}

// Lint checks merged values. The error is not about the values: it says that the
// schema itself is broken.
func (l *Linter) Lint(v *values.Values, opts Options) (Result, error) {
	r := &run{linter: l, opts: opts, values: v}
	if v.Root.Kind != values.Map && v.Root.Kind != values.Null {
		return Result{Settings: Settings{Auth: defaultAuth()}, Masks: newMasks(v)}, nil // no values file
	}
	settings, err := r.lint()
	if err != nil {
		return Result{}, err
	}
	result := Result{Settings: settings, Masks: newMasks(v)}
	for _, d := range r.found {
		result.Diagnostics = append(result.Diagnostics, *d)
	}
	result.Diagnostics = diag.Sort(result.Diagnostics)
	return result, nil
}

// LintFile checks one values file by itself. YAML that does not parse is a finding.
func (l *Linter) LintFile(name string, data []byte, opts Options) (Result, error) {
	f, err := values.Parse(name, data)
	var syntax *values.SyntaxError
	if errors.As(err, &syntax) {
		return SyntaxResult(syntax), nil
	}
	if err != nil {
		return Result{}, err
	}
	return l.Lint(values.FromFile(f), opts)
}

// SyntaxResult is the result for a source that does not parse.
func SyntaxResult(e *values.SyntaxError) Result {
	return Result{
		Diagnostics: []diag.Diagnostic{{
			Severity: diag.Error, Rule: ruleYAMLSyntax, File: e.Span.File(), Range: e.Span.Range(),
			Message: e.Message, Hint: "Helm cannot read the file as it is",
		}},
		Masks: opaque(e.Span.Source),
	}
}

// RootResult is the result for a values file that is not a mapping.
func RootResult(e *values.RootError) Result {
	return Result{
		Diagnostics: []diag.Diagnostic{{
			Severity: diag.Error, Rule: ruleWrongType, File: e.Span.File(), Range: e.Span.Range(),
			Message: "a values file must be a mapping of keys to values", Hint: "Helm refuses this file",
		}},
		Masks: opaque(e.Span.Source),
	}
}

// StopsRender reports whether a finding keeps the post-renderer from working. It
// refuses on structure: what a credential looks like inside is lint's affair.
func StopsRender(d diag.Diagnostic) bool {
	switch d.Rule {
	case "malformed-token", "session-token", "project-token", "sso-token",
		"expiring-token", "expired-token", "placeholder", "padded-credential":
		return false
	}
	return d.Severity == diag.Error
}

func (r *run) lint() (Settings, error) {
	blocks := r.locate()
	settings := r.settings(len(blocks) > 0)
	auths := make([]Auth, len(blocks))
	broken := false
	for i, b := range blocks {
		before := r.errors()
		if err := r.shape(b); err != nil {
			return settings, err
		}
		auths[i] = r.credential(b)
		r.chartVersion(b)
		broken = broken || r.errors() > before
	}
	settings.Auth = r.choose(blocks, auths, broken)
	return settings, nil
}

// choose returns the credential in force. Of two blocks the one that says only
// what the chart's defaults say yields: merged values always hold the defaults of
// the chart's own place.
func (r *run) choose(blocks []block, auths []Auth, broken bool) Auth {
	switch len(blocks) {
	case 0:
		return defaultAuth()
	case 1:
		return auths[0]
	}
	first, second := 0, 1
	if r.isLater(blocks[0].value, blocks[1].value) {
		first, second = 1, 0
	}
	switch {
	case broken: // said already; which one would count is moot
	case auths[0].Equal(auths[1]), auths[first].Equal(defaultAuth()):
		return auths[second]
	case auths[second].Equal(defaultAuth()):
		return auths[first]
	default:
		d := r.add(diag.Error, ruleBothBlocks, keySpan(blocks[second].value), blocks[second].where(),
			fmt.Sprintf("the values declare two different credentials, here and at %s", blocks[first].where()),
			"keep the block that your chart version reads: global.external-argo-cd up to 0.25, global.integrations from 0.26 on")
		d.Related = related(keySpan(blocks[first].value), "the other block")
	}
	return auths[second]
}

func defaultAuth() Auth {
	return Auth{Mode: ModePassword, Ref: DefaultPasswordRef(), Username: DefaultUsername}
}

// add reports a finding and returns it for further details.
func (r *run) add(s diag.Severity, rule string, at values.Span, path, message, hint string) *diag.Diagnostic {
	if slices.ContainsFunc(strings.Split(path, "."), looksSecret) {
		path = redacted // a credential pasted as a key
	}
	d := &diag.Diagnostic{Severity: s, Rule: rule, File: at.File(), Range: at.Range(), Path: path, Message: message, Hint: hint}
	r.found = append(r.found, d)
	return d
}

func (r *run) errors() int {
	n := 0
	for _, d := range r.found {
		if d.Severity == diag.Error {
			n++
		}
	}
	return n
}

// isLater reports whether a stands behind b in the order in which Helm reads:
// files, then flags, then the place within one source.
func (r *run) isLater(a, b *values.Value) bool {
	x, y := keySpan(a), keySpan(b)
	if x.Source != y.Source {
		sources := r.values.Sources()
		return slices.Index(sources, x.Source) > slices.Index(sources, y.Source)
	}
	return x.Start > y.Start
}

// keySpan is where a field's key stands, or the value itself where it has none.
func keySpan(v *values.Value) values.Span {
	if v.Key.IsZero() {
		return v.Body
	}
	return v.Key
}
