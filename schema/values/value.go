// Package values reads Helm values and merges them exactly as Helm does, while
// remembering for every value which file or flag it came from, and where in it.
package values

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Kind is the type of a value, as Helm's templates see it.
type Kind uint8

// The kinds of values. Null is also what a missing document reads as.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Map
)

// String returns the kind as people call it.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "a mapping"}[k]
}

// Source is a place values come from: a file, or one use of a flag.
type Source struct {
	Name string // the file's name, or the flag: "--set"
	Text *yamldoc.Text
}

// Span is a stretch of a Source. The zero Span is nowhere.
type Span struct {
	Source *Source
	Start  int // byte offsets, end exclusive
	End    int
}

// IsZero reports whether the span is nowhere.
func (s Span) IsZero() bool { return s.Source == nil }

// File returns the name of the span's source.
func (s Span) File() string {
	if s.Source == nil {
		return ""
	}
	return s.Source.Name
}

// Range returns lines and columns for the span.
func (s Span) Range() diag.Range {
	if s.Source == nil {
		return diag.Range{}
	}
	return s.Source.Text.Range(s.Start, s.End)
}

// Text returns the bytes of the span.
func (s Span) Text() string {
	if s.Source == nil {
		return ""
	}
	return string(s.Source.Text.Bytes()[s.Start:s.End])
}

// Value is one value with its origin. Merged values are a tree of them.
type Value struct {
	Kind   Kind
	Scalar any // bool, float64 or string, where Kind is one of these
	Items  []*Value
	Fields map[string]*Value
	// Order lists the names of Fields as they were first written.
	Order []string
	// Duplicates holds the keys that stand more than once in this very mapping.
	Duplicates []Duplicate

	// Key is where the key of this value stands; nowhere for list items and roots.
	Key Span
	// Body is where the value itself stands.
	Body Span
	// Shared is set where the value was reached through a YAML alias or a merge key:
	// its place is also somebody else's.
	Shared bool
	// Overrides is the value from an earlier file or flag that this one replaced.
	Overrides *Value
	gone      bool // a null that has taken itself away, too; see Over
}

// Duplicate is a key written twice in one mapping. Helm takes the last one
// without a word (sigs.k8s.io/yaml).
type Duplicate struct {
	Name  string
	First *Value // what is lost
	Later Span   // the key that won
}

// KeySpan is where a field's key stands, or the value itself where it has none.
func (v *Value) KeySpan() Span {
	if v.Key.IsZero() {
		return v.Body
	}
	return v.Key
}

// Field returns the field of that name, nil if v is nil, no mapping, or lacks it.
func (v *Value) Field(name string) *Value {
	if v == nil {
		return nil
	}
	return v.Fields[name]
}

// At follows a path of field names, nil where it ends early.
func (v *Value) At(path ...string) *Value {
	for _, name := range path {
		v = v.Field(name)
	}
	return v
}

// Str returns the string that v holds, "" for anything else.
func (v *Value) Str() string {
	if v == nil || v.Kind != String {
		return ""
	}
	return v.Scalar.(string)
}

// IsUnset reports whether the chart takes v for not given: absent, null, "", {} or [].
func (v *Value) IsUnset() bool {
	switch {
	case v == nil:
		return true
	case v.Kind == Bool, v.Kind == Number:
		return false
	}
	return v.Str() == "" && len(v.Items) == 0 && len(v.Fields) == 0
}

// Data returns v as Helm has it: map[string]any, []any, string, float64, bool or nil.
func (v *Value) Data() any {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case Map:
		m := make(map[string]any, len(v.Fields))
		for name, f := range v.Fields {
			if !f.gone {
				m[name] = f.Data()
			}
		}
		return m
	case List:
		l := make([]any, len(v.Items))
		for i, item := range v.Items {
			l[i] = item.Data()
		}
		return l
	}
	return v.Scalar
}

// set puts field name into the mapping v.
func (v *Value) set(name string, f *Value) {
	if _, ok := v.Fields[name]; !ok {
		v.Order = append(v.Order, name)
	}
	v.Fields[name] = f
}

// merge lays b over a as Helm's mergeMaps does (pkg/cli/values): mappings are
// merged, anything else is replaced. Both must be mappings; neither is changed.
func merge(a, b *Value) *Value {
	out := shallow(a)
	out.Key, out.Body, out.Shared, out.Overrides = b.Key, b.Body, b.Shared, b.Overrides
	out.Duplicates = append(out.Duplicates, b.Duplicates...)
	for _, name := range b.Order {
		earlier, later := a.Fields[name], b.Fields[name]
		switch {
		case earlier == nil:
			out.set(name, later)
		case earlier.Kind == Map && later.Kind == Map:
			out.set(name, merge(earlier, later))
		default:
			replaced := *later
			replaced.Overrides = earlier
			out.set(name, &replaced)
		}
	}
	return out
}
