// Package count writes how many there are of something.
package count

import (
	"fmt"
	"slices"
	"strings"
)

// Of returns "1 Runtime", "2 Runtimes", "0 Runtimes" for what "Runtime".
func Of(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// Some is Of, but "" where there is none.
func Some(n int, what string) string {
	if n == 0 {
		return ""
	}
	return Of(n, what)
}

// Are returns "3 missing" for what "missing", "" where none are.
func Are(n int, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", n, what)
}

// List returns "2 errors, 1 warning" for such texts, without those that are empty.
func List(counts ...string) string {
	return strings.Join(slices.DeleteFunc(counts, func(s string) bool { return s == "" }), ", ")
}
