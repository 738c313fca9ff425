// Package shell writes names into commands that people copy.
package shell

import "strings"

// Argument writes s so that a shell takes it for one argument and runs nothing of it.
// Names come out of tokens and Secrets too.
func Argument(s string) string {
	special := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._/:@", r))
	}
	if s != "" && !strings.HasPrefix(s, "-") && !strings.ContainsFunc(s, special) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
