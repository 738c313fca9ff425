package schema

import (
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestMasksOfRegions shows the lines of findings, once with a part of the file read
// and once with all of it: what is hidden must be the same.
func TestMasksOfRegions(t *testing.T) {
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
		sameMasks(t, text)
	}
}

// sameMasks compares the line of every finding, and then every line there is.
func sameMasks(t *testing.T, text string) {
	t.Helper()
	data := []byte(text)
	whole, err := values.Parse("values.yaml", data)
	part, partErr := values.ParsePart("values.yaml", data, wanted(data, nil))
	if err != nil || partErr != nil || !part.Partial() {
		return
	}
	linter := &Linter{}
	want, err := linter.Lint(values.FromFile(whole), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := linter.Lint(values.FromFile(part), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, d := range want.Diagnostics {
		lines = append(lines, d.Range.Start.Line)
	}
	for n := range strings.Count(text, "\n") + 1 {
		lines = append(lines, n+1)
	}
	for _, n := range lines {
		wantLine, _ := want.Masks.Line("values.yaml", n)
		gotLine, _ := got.Masks.Line("values.yaml", n)
		if !slices.Equal(gotLine, wantLine) {
			t.Fatalf("%q: of a part line %d is\n%+v\nof the whole\n%+v", text, n, gotLine, wantLine)
		}
	}
}
