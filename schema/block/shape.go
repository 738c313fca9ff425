package block

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Structural is one way in which a block does not have the shape that the JSON schema
// describes: the place, as field names below the block, and the schema's keyword.
type Structural struct {
	At      []string
	Keyword string
}

// Form is what keeps a part of a block from having its shape.
type Form uint8

// The forms.
const (
	Unknown  Form = iota // fields that no chart knows
	Sealed               // another tool fills it in later
	Replaced             // a placeholder, which something may replace
	Mistyped
	BadType // of the block
	BadName
)

// Misshape is one part of a block that does not have its shape.
type Misshape struct {
	Form  Form
	Value *values.Value
	At    []string // field names below the block
	Path  string
	What  string // it is, for messages
	Want  string // instead, where it is Mistyped
}

// Misshapes says what the JSON schema's findings about a block mean, one for each place: a
// value can fail several keywords.
func Misshapes(b Block, found []Structural) []Misshape {
	var all []Misshape
	done := map[string]bool{}
	place := func(s Structural) string { return strings.Join(s.At, "\x00") }
	slices.SortStableFunc(found, func(a, b Structural) int { return strings.Compare(place(a), place(b)) }) // the library goes through maps
	for _, s := range found {
		if !done[place(s)] {
			done[place(s)] = true
			all = append(all, misshapeOf(b, s))
		}
	}
	return all
}

func misshapeOf(b Block, s Structural) Misshape {
	m := Misshape{Value: b.Value.At(s.At...), At: s.At, Path: b.Where(s.At...), What: "the block"}
	name := ""
	if n := len(s.At); n > 0 {
		name = s.At[n-1]
		m.What = fmt.Sprintf("%q", name)
	}
	mistype := func(want string) Misshape {
		m.Form, m.Want = Mistyped, want
		return m
	}
	switch text := m.Value.Str(); {
	case s.Keyword == "additionalProperties":
		m.Form = Unknown
	case IsSealed(text):
		m.Form = Sealed
	case IsVariable(text) || PlaceholderForm(text) != "" && strings.ContainsAny(text[:1], "<%_"):
		m.Form = Replaced
	case name == "":
		return mistype("a mapping with the field \"type\" and a credential")
	case len(s.At) == 1 && IsRef(name):
		return mistype("a mapping {name: …, key: …}")
	case name == RefOptional:
		return mistype("true or false")
	case m.Value.Kind != values.String:
		return mistype("a string")
	case s.At[0] == Type:
		m.Form = BadType
	default:
		m.Form = BadName
	}
	return m
}

// Stranger is a field of the block, or of a reference in it, that no chart knows.
type Stranger struct {
	Value         *values.Value
	Path, Written string
	Known         []string // the names that it could have
	Right         string   // the one of them that it is a slip for, "" if none
}

// Strangers returns the fields that no chart knows, of all that keeps the block from having its
// shape.
func (b Block) Strangers(found []Misshape) []Stranger {
	var all []Stranger
	for _, m := range found {
		if m.Form != Unknown {
			continue
		}
		known := Fields()
		if len(m.At) > 0 {
			known = RefFields()
		}
		for _, name := range m.Value.Order {
			if f := m.Value.Field(name); f != nil && !slices.Contains(known, name) {
				all = append(all, Stranger{f, b.Where(slices.Concat(m.At, []string{name})...), name, known, Nearest(name, known)})
			}
		}
	}
	return all
}
