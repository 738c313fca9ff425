package rule

import (
	"slices"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Options of one pass. What each means, schema.Options says.
type Options struct {
	ChartVersion *auth.ChartVersion
	Now          time.Time
	Rendered     bool
	Parameters   bool
	Scopes       [][]string
	// Structure says where a block does not have the shape that the JSON schema describes.
	Structure func(b *values.Value) ([]block.Structural, error)
}

// Runtime is what values say of one Runtime.
type Runtime struct {
	// Scope is where in the values those of the Runtime are: the names or aliases of
	// dependencies that lead there, none where they are the Runtime's own.
	Scope []string
	// Values are what Helm hands to the Runtime's chart of them.
	Values *values.Values
	// Settings is what they declare. It means something only where no finding is an Error.
	Settings auth.Settings
	// Place is where the chart looks for the block that declares the credential: one of
	// the paths in auth.Generations, or "" where there is none.
	Place string
	// Block is the path of that block in the values as they are written.
	Block string
	// Later is the path of a value that decides which credential is meant and that
	// another tool puts in its place later; "" where there is none.
	Later string
}

// Pass is one run of the rules over values: Check for each Runtime, then Finish.
type Pass struct {
	Options Options
	Whole   *values.Values // what is linted
	Masks   *mask.Masks    // of it
	Scopes  [][]string     // where in it the values of Runtimes are

	// Of the Runtime in question.
	Scope  []string       // of its values
	Values *values.Values // what it gets
	Blocks []block.Block  // it reads
	Choice Choice         // of them
	// Ignored are blocks that stand where no chart reads them, which a rule has reported.
	Ignored []block.Block

	// Of the block in question.
	Shapes  []block.Misshape
	Content block.Content

	rules     []Rule
	rule      Rule // the one that is running
	runtime   Runtime
	found     []*diag.Diagnostic
	judged    map[values.Span]bool // the places of blocks that a rule has dealt with
	encrypted bool
	keysAlone bool // nothing is said of values now, because they are encrypted
	broken    bool // a rule has an error about a block of the Runtime in question
}

// New returns a pass of rules over v.
func New(v *values.Values, masks *mask.Masks, rules []Rule, opts Options) *Pass {
	p := &Pass{Options: opts, rules: rules, Whole: v, Masks: masks, Scopes: opts.Scopes, judged: map[values.Span]bool{}}
	if p.Scopes == nil {
		p.Scopes = block.Scopes(v.Root)
	}
	p.encrypted = block.IsEncrypted(v.Root)
	return p
}

// Encrypted reports whether SOPS has encrypted the values, so that only their keys are judged.
func (p *Pass) Encrypted() bool { return p.encrypted }

// Check runs the rules over what the values say of the Runtime in a scope. The error is
// that of Options.Structure.
func (p *Pass) Check(scope []string) (Runtime, error) {
	p.Scope, p.Values, p.Ignored, p.broken, p.keysAlone = scope, p.Whole.Scope(scope...), nil, false, p.encrypted
	p.Blocks = p.locate()
	p.runtime = Runtime{Scope: scope, Values: p.Values, Settings: block.Settings(p.Values.Root)}
	p.each(func(r Rule) func(*Pass) { return r.Runtime })
	for _, b := range p.Blocks {
		if err := p.check(b); err != nil {
			return Runtime{}, err
		}
	}
	p.choose()
	p.each(func(r Rule) func(*Pass) { return r.Choice })
	return p.runtime, nil
}

// Finish runs the rules on the values as a whole, and returns all findings.
func (p *Pass) Finish() []diag.Diagnostic {
	p.Scope, p.Values, p.Ignored, p.keysAlone = nil, p.Whole, nil, false
	p.each(func(r Rule) func(*Pass) { return r.File })
	var all []diag.Diagnostic
	for _, d := range p.found {
		p.relateOverridden(d)
		d.Path = mask.Path(d.Path)
		all = append(all, *d)
	}
	return diag.Sort(all)
}

func (p *Pass) each(hook func(Rule) func(*Pass)) {
	for _, r := range p.rules {
		if run := hook(r); run != nil && !(p.broken && slices.Contains(r.After, AnyError)) {
			p.rule = r
			run(p)
		}
	}
}

// check runs the rules over one block.
func (p *Pass) check(b block.Block) error {
	structure, err := p.Options.Structure(b.Value)
	if err != nil {
		return err
	}
	p.Shapes, p.Content = block.Misshapes(b, structure), b.Content(p.Options.Now, p.Options.Rendered)
	p.noteLater(b)
	start := len(p.found)
	has := func(id string) bool {
		return slices.ContainsFunc(p.found[start:], func(d *diag.Diagnostic) bool { return d.Rule == id })
	}
	for _, r := range p.rules {
		if r.Block != nil && !slices.ContainsFunc(r.After, has) {
			p.rule = r
			r.Block(p, b)
		}
	}
	p.broken = p.broken || slices.ContainsFunc(p.found[start:], p.stops)
	return nil
}

// HasErrors reports whether any finding so far about the values keeps the post-renderer from
// working.
func (p *Pass) HasErrors() bool {
	return slices.ContainsFunc(p.found, func(d *diag.Diagnostic) bool { return p.stops(d) && p.classOf(d) != Account })
}

// stops reports whether a finding keeps the post-renderer from working. It refuses on
// structure: what a credential looks like inside is lint's affair.
func (p *Pass) stops(d *diag.Diagnostic) bool {
	return d.Severity == diag.Error && p.classOf(d) != Content
}

func (p *Pass) classOf(d *diag.Diagnostic) Class {
	return p.rules[slices.IndexFunc(p.rules, func(r Rule) bool { return r.ID == d.Rule })].Class
}

// Report adds a finding of the rule that is running, and returns it for further details.
// path is that of what it is about in the values of the Runtime in question.
func (p *Pass) Report(at values.Span, path, message, hint string) *diag.Diagnostic {
	return p.ReportAs(p.rule.Severity, at, path, message, hint)
}

// ReportAs is Report with a severity that is not the rule's own.
func (p *Pass) ReportAs(s diag.Severity, at values.Span, path, message, hint string) *diag.Diagnostic {
	return p.ReportElsewhere(s, at, p.At(path), message, hint)
}

// ReportElsewhere is ReportAs about what is not in the values: path is that in its file. Of
// encrypted values only keys are judged: where another error would keep render from
// working, nobody knows what is declared.
func (p *Pass) ReportElsewhere(s diag.Severity, at values.Span, path, message, hint string) *diag.Diagnostic {
	d := &diag.Diagnostic{Severity: s, Rule: p.rule.ID, File: at.File(), Range: at.Range(), Path: path, Message: message, Hint: hint}
	switch {
	case !p.keysAlone || p.rule.Keys:
		p.found = append(p.found, d)
	case p.stops(d) && p.runtime.Later == "":
		p.runtime.Later = mask.Path(path)
	}
	return d
}

// Related makes the one-element list of a second place.
func Related(s values.Span, message string) []diag.Related {
	return []diag.Related{{File: s.File(), Range: s.Range(), Message: message}}
}

// relateOverridden adds to a finding the place that its value was set before, in an
// earlier file or flag. That the chart's own default is overridden goes without saying.
func (p *Pass) relateOverridden(d *diag.Diagnostic) {
	v := p.Whole.Root.At(strings.Split(d.Path, ".")...)
	if v == nil || v.Body.File() != d.File || v.Overrides.IsUnset() || p.Values.IsDefault(v.Overrides) {
		return
	}
	d.Related = append(d.Related, Related(v.Overrides.KeySpan(), "overrides what is set here")...)
}

// IsGiven reports whether a value is not one of the chart's own values.
func (p *Pass) IsGiven(v *values.Value) bool { return !p.Values.IsDefault(v) }
