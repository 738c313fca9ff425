package fix

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Lint checks one text of a file; (*schema.Linter).LintFile does, given a name and options.
type Lint func(data []byte) (schema.Result, error)

// Outcome is what became of a file.
type Outcome struct {
	// Data is the text with every fix made. Where there is none it is the old text.
	Data []byte
	// Fixed holds the findings that were mended, in the order in which they were. Their
	// places, and their edits, refer to the text as it was at that moment.
	Fixed []diag.Diagnostic
	// Before is what lint says of the old text, After what it says of Data.
	Before, After schema.Result
}

// Changed reports whether anything was mended.
func (o Outcome) Changed() bool { return len(o.Fixed) > 0 }

// maxRounds bounds how often a file is mended and linted again. One misspelt step of
// a path hides the next, so that it takes some, but never this many.
const maxRounds = 32

// File mends a file until lint offers no more fixes. Only findings in the file called
// name count. Every round is checked: its findings must be gone, and nothing may have
// come in their place but what they hid, else it is undone and its fixes are left
// alone. The error is that of lint.
func File(name string, data []byte, lint Lint) (Outcome, error) {
	before, err := lint(data)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Data: data, Before: before, After: before}
	refused := map[identity]bool{}
	for range maxRounds {
		offered := offers(o.After.Diagnostics, name, refused)
		if len(offered) == 0 {
			return o, nil
		}
		mended, err := o.round(offered, lint)
		if err != nil {
			return Outcome{}, err
		}
		if mended {
			continue
		}
		// One of them is to blame, so the first goes alone. If that fails too it is out.
		if mended, err = o.round(offered[:1], lint); err != nil {
			return Outcome{}, err
		}
		if !mended {
			refused[identify(offered[0])] = true
		}
	}
	return o, nil
}

// identity names a finding in a way that outlives changes elsewhere in the file.
type identity struct{ rule, path, message string }

func identify(d diag.Diagnostic) identity { return identity{d.Rule, d.Path, d.Message} }

func offers(ds []diag.Diagnostic, name string, refused map[identity]bool) []diag.Diagnostic {
	var offered []diag.Diagnostic
	for _, d := range ds {
		if d.File == name && len(d.Fix) > 0 && !refused[identify(d)] {
			offered = append(offered, d)
		}
	}
	return offered
}

// round makes the fixes offered, and keeps the result if it is better than before.
func (o *Outcome) round(offered []diag.Diagnostic, lint Lint) (mended bool, err error) {
	out, applied := Apply(o.Data, offered)
	if len(applied) == 0 || bytes.Equal(out, o.Data) {
		return false, nil
	}
	after, err := lint(out)
	if err != nil {
		return false, err
	}
	if !isBetter(o.Data, out, o.After.Diagnostics, after.Diagnostics, applied) {
		return false, nil
	}
	o.Data, o.After, o.Fixed = out, after, append(o.Fixed, applied...)
	return true, nil
}

// isBetter reports whether a text without the findings that were mended is all that
// the edits brought about.
//
// It does not count errors, because one finding may hide many: the body under a
// misspelt key is not looked into, and an unknown type keeps lint from judging the
// credential. So an error may come up if it is about something that was not there
// before, under that name, or if its rule waits for others to be content. Any other
// would be of our own making.
func isBetter(old, new []byte, before, after, applied []diag.Diagnostic) bool {
	was, err := values.Parse("", old)
	_, err2 := values.Parse("", new)
	if errors.Join(err, err2) != nil {
		return false
	}
	more := map[identity]int{}
	for _, d := range after {
		more[identify(d)]++
	}
	for _, d := range before {
		more[identify(d)]--
	}
	isThere := func(d diag.Diagnostic) bool { return more[identify(d)] >= 0 }
	isWorse := func(d diag.Diagnostic) bool {
		return more[identify(d)] > 0 && d.Severity == diag.Error && !waits(d) && was.Root.At(strings.Split(d.Path, ".")...) != nil
	}
	return !slices.ContainsFunc(applied, isThere) && !slices.ContainsFunc(after, isWorse)
}

// waits reports whether a finding is of a rule that says nothing while others speak:
// those on the credential as a whole, and on what it looks like inside.
func waits(d diag.Diagnostic) bool {
	r := schema.RuleOf(d.Rule)
	return len(r.After) > 0 || r.Class == rule.Content || r.Class == rule.Account
}
