// Package printable makes text from elsewhere, a file, the cluster, Argo CD, safe to
// show on a terminal: nothing in it moves the cursor or sets a colour.
package printable

import (
	"strings"
	"unicode"
)

// Line returns s as one line: a tab is a space, and whatever else cannot be printed
// is the replacement character.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
