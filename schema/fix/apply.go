// Package fix mends values files by the edits that findings carry. It works on
// bytes in memory and writes nothing: whoever calls it does.
package fix

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Apply makes the edits of findings in data, and returns the new text and the
// findings whose edits were made. A fix is made as a whole or not at all: where it
// overlaps one that stands before it in ds, or lies outside data, it waits for another
// round. data stays as it is. All of ds must be about the file that data is.
func Apply(data []byte, ds []diag.Diagnostic) (out []byte, applied []diag.Diagnostic) {
	out = data
	var edits []diag.Edit
	for _, d := range ds {
		if len(d.Fix) == 0 {
			continue
		}
		more := append(slices.Clone(edits), withoutRepeats(d.Fix, edits)...)
		if next, ok := diag.Splice(data, more); ok {
			out, edits, applied = next, more, append(applied, d)
		}
	}
	return out, applied
}

// withoutRepeats returns the fix, or nothing if every edit of it is made already: two
// findings may have one cause.
func withoutRepeats(fix, made []diag.Edit) []diag.Edit {
	for _, e := range fix {
		if !slices.Contains(made, e) {
			return fix
		}
	}
	return nil
}
