package yamldoc_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// TestLines compares the lines of texts made by chance with what the breaks of YAML
// 1.1, and LF alone, divide them into.
func TestLines(t *testing.T) {
	const bom = "\ufeff"
	yamlBreak := regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]")
	parts := []string{"a", "\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029", "ü", "bcdefghi", bom}
	chance := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		var b strings.Builder
		kinds := 2 + chance.IntN(len(parts)-1) // most texts lack most of the breaks
		for range chance.IntN(8) {
			b.WriteString(parts[chance.IntN(min(kinds, len(parts)))])
		}
		doc := b.String()
		text := yamldoc.New([]byte(doc))
		first := len(doc) - len(strings.TrimPrefix(doc, bom))
		starts := []int{first}
		for _, at := range yamlBreak.FindAllStringIndex(doc, -1) {
			starts = append(starts, at[1])
		}
		for i, want := range append(starts, len(doc)) {
			if got := text.Offset(i+1, 1); got != want {
				t.Fatalf("%q: line %d begins at %d, want %d", doc, i+1, got, want)
			}
		}
		for i, line := range strings.Split(doc, "\n") {
			got, _ := text.Line(i + 1)
			if want := strings.TrimRight(line, "\r"); string(got) != strings.TrimPrefix(want, bom) && (i == 0 || string(got) != want) {
				t.Fatalf("%q: line %d is %q, want %q", doc, i+1, got, want)
			}
		}
	}
}

// TestLongLine compares columns far behind the beginning of a line with counted ones.
func TestLongLine(t *testing.T) {
	doc := "\ufeffä\n" + strings.Repeat("a", 300) + strings.Repeat("ü", 700) + strings.Repeat("b€", 300) + "\nö c\n"
	text := yamldoc.New([]byte(doc))
	line, column := 1, 1
	for at, r := range doc {
		if r == '\ufeff' {
			continue
		}
		if got := text.Position(at); got.Line != line || got.Column != column {
			t.Fatalf("Position(%d) = %+v, want %d:%d", at, got, line, column)
		}
		if got := text.Offset(line, column); got != at {
			t.Fatalf("Offset(%d, %d) = %d, want %d", line, column, got, at)
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
	if got := text.Offset(2, 10_000); got != len(doc) {
		t.Errorf("a column behind the end is at %d", got)
	}
}
