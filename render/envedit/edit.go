package envedit

import (
	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/emit"
	"github.com/helm-runtime-auth/runtime-auth/schema/edit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Edit is what one variable of a container must be: a Literal, a SecretKey with exactly the
// `optional` of its Ref, or nothing at all.
type Edit struct {
	Var
	Remove bool
}

// Target is a container of a document, and its edits: one for a name.
type Target struct {
	Container yamldoc.Path
	Edits     []Edit
}

// Apply returns the document with the edits made. After it every edited variable
// has exactly one entry, or none if it was removed. The document itself does not
// change. An error means that a target has no such container, that its env is no
// list, or that no way was found to write the edits without changing anything
// else; its message holds nothing out of the document.
func Apply(doc *yamldoc.Document, targets ...Target) ([]byte, error) {
	encode := func(n *yaml.Node) ([]byte, error) { return emit.YAML(n) }
	shared := aliased(doc.Root)
	for _, t := range targets {
		s, err := find(doc.Root, t)
		if err != nil {
			return nil, err
		}
		if s.isShared(doc.Root, shared) {
			return edit.Anew(doc, func(root *yaml.Node) (*yaml.Node, error) {
				expanded, err := yamldoc.Expand(root)
				if err != nil {
					return nil, err
				}
				return edited(expanded, targets)
			}, encode)
		}
	}
	return edit.Rewrite(doc, func(root *yaml.Node) (*yaml.Node, error) { return edited(root, targets) }, encode)
}

// edited makes the edits in a tree.
func edited(root *yaml.Node, targets []Target) (*yaml.Node, error) {
	for _, t := range targets {
		s, err := find(root, t)
		if err != nil {
			return nil, err
		}
		if !s.changes() {
			continue
		}
		if err := s.edit(root); err != nil {
			return nil, err
		}
	}
	return root, nil
}
