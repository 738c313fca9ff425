// Package count writes how many there are of something.
package count

import (
	"fmt"
	"strings"
)

// Kind is how many there are of one kind. Many is what several are called, "" if that is
// the same.
type Kind struct {
	N         int
	One, Many string
}

// Of returns "1 Runtime", "2 Runtimes" for what "Runtime".
func Of(n int, what string) string { return Kind{n, what, what + "s"}.String() }

// String returns "1 error", "0 errors".
func (k Kind) String() string {
	name := k.One
	if k.N != 1 && k.Many != "" {
		name = k.Many
	}
	return fmt.Sprintf("%d %s", k.N, name)
}

// List returns "2 errors, 1 warning", without what there is none of.
func List(kinds ...Kind) string {
	var parts []string
	for _, k := range kinds {
		if k.N > 0 {
			parts = append(parts, k.String())
		}
	}
	return strings.Join(parts, ", ")
}
