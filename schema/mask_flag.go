package schema

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// isFlag reports whether a source is a use of a flag.
func (m *Masks) isFlag(src *values.Source) bool {
	return !slices.ContainsFunc(m.files, func(f *values.File) bool { return f.Source == src })
}

// flag returns what must not be shown of a flag's text: everything from the first
// credential on. Its commas may be part of that: only their writer knows whether they
// were meant to separate values.
func (m *Masks) flag(src *values.Source, start, end int) []stretch {
	from := end
	if hidden := m.extents(src).hidden; len(hidden) > 0 {
		from = min(from, hidden[0].start)
	}
	if i := assigned(string(src.Text.Bytes())); i >= 0 {
		from = min(from, i)
	}
	if from >= end {
		return nil // nothing in it is one
	}
	return []stretch{{max(from, start), end}}
}

// assigned returns where in a flag's text the first value begins whose path speaks of a
// credential, -1 if none does. What becomes of the value does not matter: a later part
// of the flag may have replaced it.
func assigned(text string) int {
	for at := 0; at < len(text); {
		path, rest, found := strings.Cut(text[at:], "=")
		if !found {
			return -1
		}
		steps := strings.Split(path[strings.LastIndexByte(path, ',')+1:], ".")
		last, _, _ := strings.Cut(steps[len(steps)-1], "[")
		isSecret := func(step string) bool { return step == fieldToken || step == fieldPassword }
		if speaksOfSecrets(last) || slices.ContainsFunc(steps, isSecret) {
			return at + len(path) + 1
		}
		at = len(text) - len(rest)
	}
	return -1
}
