// Package printable makes text from elsewhere, a file, the cluster, Argo CD, safe to
// show on a terminal: nothing in it moves the cursor or sets a colour. The colours are its
// own.
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

// Painted returns s in a colour (what stands between ESC [ and m), if there is one and
// colours are wanted.
func Painted(wanted bool, color, s string) string {
	if !wanted || color == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}
