// Package diag is the vocabulary of findings: where something is (Position,
// Range), what is wrong with it (Diagnostic) and what would mend it (Edit).
// It knows nothing of YAML, Helm or terminals.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says how bad a finding is. The zero value is invalid, so that a
// Diagnostic built without one is caught by tests instead of passing as an error.
type Severity uint8

// The severities, most serious first.
const (
	Error   Severity = iota + 1 // the chart or the cluster refuses it, ignores it or gets it wrong
	Warning                     // it works, and is probably not what was meant
	Info                        // worth knowing
)

// String returns "error", "warning" or "info".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Info:
		return "info"
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText returns what String returns, for the JSON formats.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Position is a place in a file.
type Position struct {
	Line   int `json:"line"`   // 1-based
	Column int `json:"column"` // 1-based, in runes
	Offset int `json:"offset"` // 0-based, in bytes
}

// Range is a stretch of a file; End is exclusive.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Len returns the length of the range in bytes.
func (r Range) Len() int { return r.End.Offset - r.Start.Offset }

// Edit replaces the bytes of Range in the file of its Diagnostic by NewText.
type Edit struct {
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
	// Secret says that NewText holds a credential, because a moved block has one in
	// plaintext. Such an edit may be applied and must never be printed.
	Secret bool `json:"-"`
}

// Related is a second place that explains a finding: the first of two
// duplicates, the file that is overridden.
type Related struct {
	File    string `json:"file"`
	Range   Range  `json:"range"`
	Message string `json:"message"`
}

// Diagnostic is one finding.
type Diagnostic struct {
	Severity Severity  `json:"severity"`
	Rule     string    `json:"rule"` // stable kebab-case id
	File     string    `json:"file"`
	Range    Range     `json:"range"`
	Path     string    `json:"path,omitempty"` // values path, such as global.external-argo-cd.auth.type
	Message  string    `json:"message"`        // lower case, no full stop, never a secret
	Hint     string    `json:"hint,omitempty"` // what to do
	Fix      []Edit    `json:"fix,omitempty"`
	Related  []Related `json:"related,omitempty"`
}

// HasErrors reports whether any of ds is an Error.
func HasErrors(ds []Diagnostic) bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders findings by file, place, severity, rule and message, and drops
// exact repetitions. It sorts in place and returns the shortened slice.
func Sort(ds []Diagnostic) []Diagnostic {
	slices.SortStableFunc(ds, compare)
	return slices.CompactFunc(ds, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Range.Start.Offset, b.Range.Start.Offset),
		cmp.Compare(a.Range.End.Offset, b.Range.End.Offset),
		cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Message, b.Message),
	)
}
