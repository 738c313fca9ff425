package schema

import (
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestMasksShowNoValues looks at every line of many files: of a value that is neither a
// type nor a name not a character is shown.
func TestMasksShowNoValues(t *testing.T) {
	linter := &Linter{}
	texts := ruleFiles(t)
	for _, around := range surroundings() {
		for _, region := range regions() {
			texts = append(texts, around+region)
		}
	}
	for seed := range uint64(1_000) {
		texts = append(texts, inventValues(seed))
	}
	for _, text := range texts {
		file, err := values.Parse("values.yaml", []byte(text))
		if err != nil {
			continue
		}
		result, err := linter.LintFile("values.yaml", []byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		closed := closedBytes(file.Root, "", make([]bool, len(text)))
		for _, masks := range []*mask.Masks{result.Masks, result.Masks.Whole()} {
			for n := 1; ; n++ {
				pieces, ok := masks.Line("values.yaml", n)
				if !ok {
					break
				}
				for _, p := range pieces {
					for i := p.Start; i < p.End && !p.Hidden; i++ {
						if closed[i] && strings.TrimSpace(text[i:i+1]) != "" {
							t.Fatalf("%q: line %d shows %+v", text, n, p)
						}
					}
				}
			}
		}
	}
}

// closedBytes notes where the values are that lint shows only where it knows what they are.
func closedBytes(v *values.Value, key string, closed []bool) []bool {
	if v == nil {
		return closed
	}
	isText := (v.Kind == values.String || v.Kind == values.Number) && !v.IsUnset()
	known, last := []string{block.Type, block.RefName, block.RefKey, block.RefOptional, "enabled"}, key[strings.LastIndexByte(key, '.')+1:]
	if isText && !slices.Contains(known, last) && block.Nearest(last, known) == "" && block.PlaceholderForm(v.Str()) == "" {
		for i := v.Body.Start; i < v.Body.End; i++ {
			closed[i] = true
		}
	}
	for _, name := range v.Order {
		closedBytes(v.Field(name), name, closed)
	}
	for _, d := range v.Duplicates {
		closedBytes(d.First, d.Name, closed)
	}
	for _, item := range v.Items {
		closedBytes(item, key, closed)
	}
	return closed
}
