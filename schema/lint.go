package schema

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Options of one lint.
type Options struct {
	// ChartVersion is the version of the gitops-runtime chart that the values are
	// for; nil where it is not known, and then the block may stand at either place.
	ChartVersion *ChartVersion
	// Now is the time against which the expiry of tokens is held; where it is zero
	// no token counts as expired.
	Now time.Time
	// Rendered says that the values come out of rendered manifests, from which this
	// program may have taken the credential: its marker stands for one then.
	Rendered bool
	// Defaults is the chart's own values file, laid beneath what is linted; nil where
	// it is not known.
	Defaults *values.File
	// ArgoCD is what Argo CD's own configuration says about its accounts; nil where it
	// is not given, and then nothing is said about the account.
	ArgoCD *ArgoCDConfig
}

// Result of one lint.
type Result struct {
	// Settings is what the values declare. It means something only where no
	// Diagnostic is an Error.
	Settings Settings
	// Block is the values path of the block that declares them, "" where there is none.
	Block string
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
	block  string // see Result
}

// Lint checks merged values. The error is not about the values: it says that the
// schema itself is broken.
func (l *Linter) Lint(v *values.Values, opts Options) (Result, error) {
	if opts.Defaults != nil {
		v = v.Over(opts.Defaults)
	}
	r := &run{linter: l, opts: opts, values: v}
	if v.Root.Kind != values.Map && v.Root.Kind != values.Null {
		return Result{Settings: Settings{Auth: defaultAuth()}, Masks: newMasks(v).with(opts.ArgoCD)}, nil // no values file
	}
	settings, err := r.lint()
	if err != nil {
		return Result{}, err
	}
	result := Result{Settings: settings, Block: r.block, Masks: newMasks(v).with(opts.ArgoCD)}
	for _, d := range r.found {
		r.relateOverridden(d)
		result.Masks.clean(d)
		result.Diagnostics = append(result.Diagnostics, *d)
	}
	result.Diagnostics = diag.Sort(result.Diagnostics)
	return result, nil
}

// LintFile checks one values file by itself. YAML that does not parse is a finding.
func (l *Linter) LintFile(name string, data []byte, opts Options) (Result, error) {
	f, err := values.ParsePart(name, data, wanted(data))
	var syntax *values.SyntaxError
	if errors.As(err, &syntax) {
		return SyntaxResult(syntax), nil
	}
	if err != nil {
		return Result{}, err
	}
	return l.Lint(values.FromFile(f), opts)
}

// StopsRender reports whether a finding keeps the post-renderer from working. It
// refuses on structure: what a credential looks like inside is lint's affair.
func StopsRender(d diag.Diagnostic) bool {
	switch d.Rule {
	case rulePlaceholder, rulePaddedCredential, ruleMalformedToken, ruleSessionToken,
		ruleProjectToken, ruleSSOToken, ruleExpiringToken, ruleExpiredToken:
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
		r.unquoted(b)
		r.content(b)
		r.moved(b)
		r.ignoredFields(b)
		broken = broken || r.errors() > before
	}
	settings.Auth = defaultAuth()
	var declared *block
	if len(blocks) > 0 {
		inForce := r.choose(blocks, auths, broken)
		settings.Auth, declared = auths[inForce], &blocks[inForce]
		if !r.values.IsDefault(declared.value) {
			r.block = declared.where()
		}
	}
	r.argoCD(declared, settings.Auth)
	return settings, nil
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

// relateOverridden adds to a finding the place that its value was set before, in an
// earlier file or flag. That the chart's own default is overridden goes without saying.
func (r *run) relateOverridden(d *diag.Diagnostic) {
	v := r.values.Root.At(strings.Split(d.Path, ".")...)
	if v == nil || v.Body.File() != d.File || v.Overrides.IsUnset() || r.values.IsDefault(v.Overrides) {
		return
	}
	d.Related = append(d.Related, related(keySpan(v.Overrides), "overrides what is set here")...)
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

// keySpan is where a field's key stands, or the value itself where it has none.
func keySpan(v *values.Value) values.Span {
	if v.Key.IsZero() {
		return v.Body
	}
	return v.Key
}
