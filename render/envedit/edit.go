package envedit

import (
	"errors"
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render/tree"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// Edit is what one variable of a container must be. Make it with SetValue, SetRef
// or Remove.
type Edit struct {
	name   string
	value  *string
	ref    *schema.SecretRef
	remove bool
}

// SetValue makes the variable a plain value.
func SetValue(name, value string) Edit { return Edit{name: name, value: &value} }

// SetRef makes the variable come from the key of a Secret, with exactly the
// `optional` of ref, and without one where that is nil.
func SetRef(name string, ref schema.SecretRef) Edit { return Edit{name: name, ref: &ref} }

// Remove takes the variable away.
func Remove(name string) Edit { return Edit{name: name, remove: true} }

// Name returns the name of the variable.
func (e Edit) Name() string { return e.name }

// Target is a container of a document, and its edits: one for a name.
type Target struct {
	Container tree.Path
	Edits     []Edit
}

// Apply returns the document with the edits made. After it every edited variable
// has exactly one entry, or none if it was removed. The document itself does not
// change. An error means that a target has no such container, that its env is no
// list, or that no way was found to write the edits without changing anything
// else; its message holds nothing out of the document.
func Apply(doc *tree.Document, targets ...Target) ([]byte, error) {
	direct := true
	shared := aliased(doc.Root)
	for _, t := range targets {
		s, err := find(doc.Root, t)
		if err != nil {
			return nil, err
		}
		direct = direct && s.isDirect(doc.Root, shared)
	}
	if direct {
		if out, err := spliced(doc, targets); err == nil {
			return out, nil
		}
	}
	return rewritten(doc, targets, !direct)
}

// spliced makes the edits in the bytes.
func spliced(doc *tree.Document, targets []Target) ([]byte, error) {
	w := &writer{doc: doc, text: doc.Text}
	for _, t := range targets {
		s, err := find(doc.Root, t)
		if err != nil {
			return nil, err
		}
		if err := w.edit(s); err != nil {
			return nil, err
		}
	}
	out, err := w.splices.apply(doc.Text.Bytes())
	if err != nil {
		return nil, err
	}
	if tree.EndsLine(doc.Text.Bytes()) && !tree.EndsLine(out) {
		return nil, errLayout // the next document would be glued to it
	}
	want, err := edited(tree.Clone(doc.Root), targets)
	if err != nil {
		return nil, err
	}
	return out, verify(out, want)
}

// edited makes the edits in a tree.
func edited(root *yaml.Node, targets []Target) (*yaml.Node, error) {
	for _, t := range targets {
		s, err := find(root, t)
		if err != nil {
			return nil, err
		}
		s.edit()
	}
	return root, nil
}

// verify parses what was written and compares it with what it should say.
func verify(out []byte, want *yaml.Node) error {
	got, err := tree.Parse(out)
	if err != nil {
		return fmt.Errorf("edited document: %w", err)
	}
	if !tree.Equal(got.Root, want) {
		return errors.New("edited document says something else")
	}
	return nil
}
