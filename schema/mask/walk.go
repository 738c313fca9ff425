package mask

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// place is what a value is there for, as far as the keys above it say.
type place uint8

const (
	outside  place = iota
	inBlock        // a field of an auth block
	inRef          // a field of a reference to a Secret
	inSecret       // a credential, with all below
)

// value goes through a value below a key and all below it, and says what may be shown.
func (m *Masks) value(v *values.Value, key string, at place) {
	if v == nil {
		return
	}
	switch {
	case at == inSecret:
		m.hide(v.Body)
		for _, item := range v.Items {
			m.value(item, "", inSecret)
		}
		for _, name := range v.Order {
			m.value(v.Field(name), name, inSecret)
		}
	case v.Kind == values.Map: // of a flag its Body is that of the value in it
		m.mapping(v, below(key, at))
	case m.vouched[v.Body] != nil:
		for _, part := range m.vouched[v.Body] {
			m.show(part)
		}
	case v.Kind == values.List && len(v.Items) > 0:
		if at != outside {
			at = inSecret
			m.hide(v.Body)
		}
		for _, item := range v.Items {
			m.value(item, key, at)
		}
	case PlainValue(v.Body.Text()) && (v.IsUnset() || isShown(v, key, at)):
		m.show(v.Body)
	default:
		m.hide(v.Body)
	}
	earlier := v.Overrides
	for earlier != nil && earlier.Body.Source == v.Body.Source { // a part of the same flag
		earlier = earlier.Overrides
	}
	m.value(earlier, key, at)
}

func (m *Masks) mapping(v *values.Value, at place) {
	if at == inSecret {
		m.hide(v.Body)
	}
	field := func(name string, f *values.Value, key values.Span) {
		if at != inSecret && PlainValue(key.Text()) {
			m.show(key)
		}
		last, at := lastStep(name), at
		if last != name && at == outside { // a path as one key
			at = below(lastStep(strings.TrimSuffix(name, "."+last)), outside)
		}
		m.value(f, last, at)
	}
	for _, name := range v.Order {
		field(name, v.Field(name), v.Field(name).Key)
	}
	for _, d := range v.Duplicates {
		field(d.Name, d.First, d.First.Key)
	}
}

// below returns the place of what is in a mapping.
func below(key string, at place) place {
	switch {
	case at == outside && isNear(key, "auth"):
		return inBlock
	case at == outside && key == "secretKeyRef", at == inBlock && block.IsRef(right(key, block.Fields())), at == outside && block.IsRef(key):
		return inRef
	case at == outside:
		return outside
	}
	return inSecret
}

// isShown reports whether the value of a field may be shown: a boolean, the type of a
// block, the name or key of a Secret.
func isShown(v *values.Value, key string, at place) bool {
	switch at {
	case inBlock:
		switch right(key, block.Fields()) {
		case block.Token, block.Password:
			return false
		case block.Type:
			return IsTypeWord(v.Str())
		}
	case inRef:
		switch right(key, block.RefFields()) {
		case block.RefName:
			return v.Str() != "" && block.ValidName(v.Str())
		case block.RefKey:
			return v.Str() != "" && block.ValidKey(v.Str())
		}
	}
	return v.Kind == values.Bool || key == block.Type && block.IsMode(v)
}

// IsTypeWord reports whether a text that is there for the type may be shown: one short
// word, with white space around it at most.
func IsTypeWord(s string) bool {
	const longest = 16
	s = strings.TrimSpace(s)
	return len(s) <= longest && Plain(s) && !strings.ContainsAny(s, "0123456789._/-")
}

// right returns the known name that a key is, or was meant to be; "" if none.
func right(key string, known []string) string {
	if slices.Contains(known, key) {
		return key
	}
	return block.Nearest(key, known)
}

func isNear(key, known string) bool { return key == known || block.IsSlip(key, known) }

func lastStep(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func (m *Masks) show(s values.Span) {
	if !s.IsZero() {
		m.text(s.Source).Show(s.Start, s.End)
	}
}

func (m *Masks) hide(s values.Span) {
	if !s.IsZero() {
		m.text(s.Source).Hide(s.Start, s.End)
	}
}
