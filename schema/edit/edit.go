// Package edit changes a YAML document where its tree was changed, and leaves every other
// byte as it is: it finds the places, splices text into them, parses the result again and
// compares it with the changed tree. A node whose layout is odd is written anew as a whole:
// the smallest one that can be, in the end the document. What does not come out as it was
// meant is not returned.
package edit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Change changes a copy of a document's tree, and returns it. Nodes that stay keep their
// Line and Column, new ones have none; one that takes the place of another has its Line and
// Column, and the Style that it should be written in.
type Change func(root *yaml.Node) (*yaml.Node, error)

// Encoder writes a tree in block style, with the dashes of a list in the column of its key.
type Encoder func(n *yaml.Node) ([]byte, error)

// Rewrite returns the document with a change made. An error means that no way was found to
// write the change and nothing else; but for the errors of change, its message holds
// nothing out of the document.
func Rewrite(doc *yamldoc.Document, change Change, encode Encoder) ([]byte, error) {
	want, err := change(yamldoc.Clone(doc.Root))
	if err != nil {
		return nil, err
	}
	w := &writer{text: doc.Text, encode: encode, step: "  "}
	if w.node(doc.Root, want); !w.odd {
		if out, err := Apply(doc, w.splices, want); err == nil {
			return withoutBreak(doc, out, want), nil
		}
	}
	return Anew(doc, change, encode)
}

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
	if err := verify(out, want); err != nil {
		return nil, err
	}
	return out, nil
}

// verify parses a document and compares it with what it should say.
func verify(out []byte, want *yaml.Node) error {
	got, err := yamldoc.Parse(out)
	if err != nil {
		return fmt.Errorf("edited document: %w", err)
	}
	if !yamldoc.Equal(got.Root, want) {
		return errors.New("edited document says something else")
	}
	return nil
}

// withoutBreak takes the last line break off where the document had none.
func withoutBreak(doc *yamldoc.Document, out []byte, want *yaml.Node) []byte {
	if yamldoc.EndsLine(doc.Text.Bytes()) || !yamldoc.EndsLine(out) {
		return out
	}
	cut := bytes.TrimSuffix(bytes.TrimSuffix(out, []byte("\n")), []byte("\r"))
	if verify(cut, want) != nil { // it belongs to a scalar
		return out
	}
	return cut
}
