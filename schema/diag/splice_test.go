package diag_test

import (
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

func edit(start, end int, text string) diag.Edit {
	return diag.Edit{Range: diag.Range{Start: diag.Position{Offset: start}, End: diag.Position{Offset: end}}, NewText: text}
}

func TestSplice(t *testing.T) {
	const data = "0123456789"
	for _, test := range []struct {
		name  string
		edits []diag.Edit
		want  string // "" where they are refused
	}{
		{"none", nil, data},
		{"out of order", []diag.Edit{edit(8, 9, "b"), edit(0, 1, "a")}, "a1234567b9"},
		{"insert at both ends", []diag.Edit{edit(10, 10, "z"), edit(0, 0, "a")}, "a0123456789z"},
		{"side by side", []diag.Edit{edit(2, 4, ""), edit(4, 6, "x")}, "01x6789"},
		{"insert behind a cut", []diag.Edit{edit(2, 4, ""), edit(4, 4, "x")}, "01x456789"},
		{"overlap", []diag.Edit{edit(2, 5, ""), edit(4, 6, "")}, ""},
		{"the same place", []diag.Edit{edit(2, 2, "x"), edit(2, 4, "")}, ""},
		{"outside", []diag.Edit{edit(9, 11, "")}, ""},
		{"before the beginning", []diag.Edit{edit(-1, 0, "")}, ""},
		{"backwards", []diag.Edit{edit(5, 4, "")}, ""},
	} {
		out, ok := diag.Splice([]byte(data), test.edits)
		if string(out) != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q, %v", test.name, out, ok)
		}
	}
}
