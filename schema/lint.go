package schema

import (
	"errors"
	"fmt"
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
	ArgoCD *ArgoCDConfig
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
	Masks *Masks
	// Encrypted is set where SOPS has encrypted the values: only their keys were judged,
	// and what they declare is not known.
	Encrypted bool
}

// Runtime is what values say of one Runtime.
type Runtime struct {
	// Scope is where in the values those of the Runtime are: the names or aliases of
	// dependencies that lead there, none where they are the Runtime's own.
	Scope []string
	// Values are what Helm hands to the Runtime's chart of them.
	Values *values.Values
	// Settings is what they declare. It means something only where no Diagnostic is an Error.
	Settings Settings
	// Place is where the chart looks for the block that declares the credential:
	// OldBlockPath, NewBlockPath, or "" where there is none.
	Place string
	// Block is the path of that block in the values as they are written.
	Block string
	// Later is the path of a value that decides which credential is meant and that
	// another tool puts in its place later; "" where there is none.
	Later string
}

// Only returns what values declare that are to wire one Runtime. unclear says why they do
// not tell, "" if they do: another tool fills in a value later, or there are several
// Runtimes that do not agree. One that is switched off is none; that is known only where
// the chart is, which says by what values its dependencies are.
func (r Result) Only() (s Settings, unclear string) {
	all := slices.DeleteFunc(append([]Runtime{r.Runtime}, r.Others...), func(o Runtime) bool { return o.Values.IsOff(o.Scope...) })
	if len(all) == 0 {
		all = []Runtime{r.Runtime}
	}
	for _, o := range all {
		switch {
		case o.Later != "":
			return s, fmt.Sprintf("%s is encrypted, or filled in later by another tool, so that it is not known what the values declare", o.Later)
		case !all[0].Settings.equal(o.Settings):
			return s, fmt.Sprintf("the values are those of several Runtimes, below %s and %s, which do not declare the same", shownPath(strings.Join(all[0].Scope, ".")), shownPath(strings.Join(o.Scope, ".")))
		}
	}
	return all[0].Settings, ""
}

// StreamOptions are those for values that a Runtime's chart has put into rendered manifests.
func StreamOptions(now time.Time) Options {
	return Options{Now: now, Rendered: true, Scopes: [][]string{nil}}
}

// run is one lint on its way.
type run struct {
	linter *Linter
	opts   Options
	whole  *values.Values // what is linted
	masks  *Masks         // of it
	scopes [][]string
	values *values.Values // what the Runtime in question gets of it
	scope  []string
	found  []*diag.Diagnostic
	start  int // of found, with the findings of the block in question
	// judged holds the places of blocks that a rule has dealt with.
	judged    map[values.Span]bool
	encrypted bool
	runtime   Runtime // in question
}

// Lint checks merged values. The error is not about the values: it says that the
// schema itself is broken.
func (l *Linter) Lint(v *values.Values, opts Options) (Result, error) {
	if opts.Defaults != nil {
		v = v.Over(opts.Defaults)
	}
	if opts.ChartVersion != nil && *opts.ChartVersion == (ChartVersion{}) {
		opts.ChartVersion = nil // 0.0.0 is that of every checkout of the chart
	}
	masks := newMasks(v).with(opts.ArgoCD)
	result := Result{Masks: masks}
	if v.Root.Kind != values.Map && v.Root.Kind != values.Null {
		result.Runtime = Runtime{Values: v, Settings: Settings{Auth: DefaultAuth()}}
		return result, nil // no values file
	}
	r := &run{linter: l, opts: opts, whole: v, masks: masks, scopes: opts.Scopes, judged: map[values.Span]bool{}}
	if r.scopes == nil {
		r.scopes = scopesOf(v.Root)
	}
	r.encrypted = isEncrypted(v.Root)
	for i, scope := range r.scopes {
		if err := r.lint(scope); err != nil {
			return Result{}, err
		}
		if i == 0 {
			result.Runtime = r.runtime
		} else {
			result.Others = append(result.Others, r.runtime)
		}
	}
	r.scope, r.values = nil, r.whole
	r.stray(r.whole.Root, nil, nil)
	r.laterDocuments()
	result.Encrypted = r.encrypted
	for _, d := range r.found {
		r.relateOverridden(d)
		d.Path = shownPath(d.Path)
		result.Diagnostics = append(result.Diagnostics, *d)
	}
	result.Diagnostics = diag.Sort(result.Diagnostics)
	return result, nil
}

// LintFile checks one values file by itself. YAML that does not parse is a finding.
func (l *Linter) LintFile(name string, data []byte, opts Options) (Result, error) {
	f, err := values.ParsePart(name, data, wanted(data, opts.Scopes))
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
	return d.Severity == diag.Error && ClassOf(d.Rule) != Content
}

// lint checks what the values say of the Runtime in a scope.
func (r *run) lint(scope []string) error {
	r.scope, r.values = scope, r.whole.Scope(scope...)
	blocks := r.locate()
	r.runtime = Runtime{Scope: scope, Values: r.values}
	settings := r.settings(len(blocks) > 0)
	var auths []Auth // of the blocks that say anything
	broken := false
	for _, b := range blocks {
		r.start = len(r.found)
		if err := r.shape(b); err != nil {
			return err
		}
		auth := r.credential(b)
		if b.says(isAny) {
			auths = append(auths, auth)
		}
		r.ciphertext(b)
		for _, name := range []string{fieldTokenRef, fieldPasswordRef, fieldUsernameRef} {
			r.pasted(b, name)
		}
		r.unquoted(b)
		r.content(b)
		r.moved(b)
		r.ignoredFields(b)
		broken = broken || slices.ContainsFunc(r.found[r.start:], stops)
	}
	blocks = slices.DeleteFunc(blocks, func(b block) bool { return !b.says(isAny) })
	settings.Auth = DefaultAuth()
	var declared *block
	if len(blocks) > 0 {
		inForce, declares := r.choose(blocks, auths, broken)
		settings.Auth, declared = auths[inForce], &blocks[inForce]
		if settings.Declared = declares; declares {
			settings.Implied = !declared.namesCredential(r.isGiven) && settings.Auth.IsDefault()
			r.runtime.Place, r.runtime.Block = strings.Join(declared.path, "."), shownPath(r.at(declared.where()))
		}
	}
	if !settings.Declared {
		r.lost()
	}
	r.runtime.Settings = settings
	r.keysAlone()
	r.argoCD(declared, settings.EffectiveAuth(r.opts.ChartVersion))
	return nil
}

func stops(d *diag.Diagnostic) bool { return StopsRender(*d) }

// declares reports whether a block that says something declares a credential. What the
// chart's own values say does so only where it is another one than the vendor's: its
// default is there in every release, whether anybody meant it or not.
func (r *run) declares(b block, auth Auth) bool {
	return b.says(r.isGiven) || !auth.Equal(DefaultAuth())
}

// isGiven reports whether a value is not one of the chart's own values.
func (r *run) isGiven(v *values.Value) bool { return !r.values.IsDefault(v) }

// DefaultAuth returns the credential of a chart to which none was given.
func DefaultAuth() Auth {
	return Auth{Mode: ModePassword, Ref: DefaultPasswordRef(), Username: DefaultUsername}
}

// add reports a finding and returns it for further details. path is that of what it is
// about in the values of the Runtime in question.
func (r *run) add(s diag.Severity, rule string, at values.Span, path, message, hint string) *diag.Diagnostic {
	d := &diag.Diagnostic{Severity: s, Rule: rule, File: at.File(), Range: at.Range(), Path: r.at(path), Message: message, Hint: hint}
	r.found = append(r.found, d)
	return d
}

// relateOverridden adds to a finding the place that its value was set before, in an
// earlier file or flag. That the chart's own default is overridden goes without saying.
func (r *run) relateOverridden(d *diag.Diagnostic) {
	v := r.whole.Root.At(strings.Split(d.Path, ".")...)
	if v == nil || v.Body.File() != d.File || v.Overrides.IsUnset() || r.values.IsDefault(v.Overrides) {
		return
	}
	d.Related = append(d.Related, related(keySpan(v.Overrides), "overrides what is set here")...)
}

// keySpan is where a field's key stands, or the value itself where it has none.
func keySpan(v *values.Value) values.Span {
	if v.Key.IsZero() {
		return v.Body
	}
	return v.Key
}
