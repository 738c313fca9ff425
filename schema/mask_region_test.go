package schema

import (
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestMasksOfRegions shows the lines of findings, once with a part of the file read
// and once with all of it: what is hidden must be the same. Of other lines nothing is
// shown where a part of the file does not tell what they are.
func TestMasksOfRegions(t *testing.T) {
	linter := &Linter{}
	texts := ruleFiles(t)
	for _, around := range surroundings() {
		for _, region := range regions() {
			texts = append(texts, around+region, region+around)
		}
	}
	for seed := range uint64(3_000) {
		texts = append(texts, inventValues(seed))
	}
	for _, text := range texts {
		sameMasks(t, linter, text)
	}
}

// sameMasks compares the line of every finding, and then every line there is.
func sameMasks(t *testing.T, linter *Linter, text string) {
	t.Helper()
	data := []byte(text)
	whole, err := values.Parse("values.yaml", data)
	part, partErr := values.ParsePart("values.yaml", data, block.Wanted(data, nil))
	if err != nil || partErr != nil || !part.Partial() {
		return
	}
	want, err := linter.Lint(values.FromFile(whole), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := linter.Lint(values.FromFile(part), Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]bool{}
	for _, d := range want.Diagnostics {
		found[d.Range.Start.Line] = true
	}
	for n := 1; n <= strings.Count(text, "\n")+1; n++ {
		wantLine, _ := want.Masks.Line("values.yaml", n)
		gotLine, _ := got.Masks.Line("values.yaml", n)
		isShown := func(p mask.Piece) bool { return !p.Hidden && strings.TrimSpace(p.Text) != "" }
		if !slices.Equal(gotLine, wantLine) && (found[n] || slices.ContainsFunc(gotLine, isShown)) {
			t.Fatalf("%q: of a part line %d is\n%+v\nof the whole\n%+v", text, n, gotLine, wantLine)
		}
	}
}
