// Package edit changes the bytes of a YAML document and proves what it did: splice,
// parse again, compare. What does not come out as it was meant is not returned.
package edit

import (
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Splice replaces the bytes from Start to End by Text.
type Splice struct {
	Start, End int
	Text       string
}

// Apply returns the document with all splices made, which must say what the tree want
// does. Splices at one place keep their order. Where the document ends with a line
// break, the result does: another document may follow it.
func Apply(doc *yamldoc.Document, splices []Splice, want *yaml.Node) ([]byte, error) {
	data := doc.Text.Bytes()
	slices.SortStableFunc(splices, func(a, b Splice) int { return a.Start - b.Start })
	out := make([]byte, 0, len(data)+256*len(splices))
	done := 0
	for _, s := range splices {
		if s.Start < done || s.End < s.Start || s.End > len(data) {
			return nil, errors.New("splices overlap")
		}
		out = append(append(out, data[done:s.Start]...), s.Text...)
		done = s.End
	}
	out = append(out, data[done:]...)
	if yamldoc.EndsLine(data) && !yamldoc.EndsLine(out) {
		return nil, errors.New("the last line break would be lost")
	}
	if err := Verify(out, want); err != nil {
		return nil, err
	}
	return out, nil
}

// Verify parses a document and compares it with what it should say.
func Verify(out []byte, want *yaml.Node) error {
	got, err := yamldoc.Parse(out)
	if err != nil {
		return fmt.Errorf("edited document: %w", err)
	}
	if !yamldoc.Equal(got.Root, want) {
		return errors.New("edited document says something else")
	}
	return nil
}
