// Package mask shows lines of manifests without what may be a credential: keys, booleans,
// what names something, and what a run has reported.
package mask

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Names are those of Secrets, of keys in them, of objects and of accounts that a run has
// reported.
type Names []string

// MayShow reports whether a text that stands where a name should may be shown: it is a
// plain name, or reported and no token.
func (n Names) MayShow(text string) bool {
	return mask.Plain(text) || slices.Contains(n, text) && !redact.MayBeToken(text)
}

// Shown returns a name, or what is printed in its place if it may not be shown.
func (n Names) Shown(name string) string {
	if name == "" || n.MayShow(name) {
		return name
	}
	return mask.Hidden
}

// Env reports whether the value of an environment variable may be shown: it says which
// Secret to read, or who signs in.
func (n Names) Env(name, value string) bool {
	switch name {
	case "ARGO_CD_TOKEN_SECRET_NAME", "ARGO_CD_TOKEN_SECRET_KEY":
		return value == "" || n.MayShow(value)
	case "ARGO_CD_USERNAME":
		return value == "" || value == auth.DefaultUsername || slices.Contains(n, value) && !redact.MayBeToken(value)
	}
	return value == ""
}

// Manifest is one document of which lines can be shown.
type Manifest struct {
	names Names
	doc   *yamldoc.Document
	shown *mask.Text // nil where the document does not parse: no line is shown then
}

// Manifest prepares a document, which must not change afterwards.
func (n Names) Manifest(raw []byte) *Manifest {
	doc, err := yamldoc.Parse(raw)
	if err != nil {
		return &Manifest{}
	}
	d := &Manifest{names: n, doc: doc, shown: mask.New(doc.Text)}
	if doc.Root != nil {
		d.node(doc.Root, "")
	}
	return d
}

// Line returns a line (from 1) of the document in pieces, without its line break; ok is
// false where no part of it may be shown. The name of the file is not looked at.
func (d *Manifest) Line(_ string, number int) (pieces []mask.Piece, ok bool) {
	if d.shown == nil {
		return nil, false
	}
	return d.shown.Line(number)
}

// node goes through what is below a key. Aliases are not followed: what they stand for
// has its own place.
func (d *Manifest) node(n *yaml.Node, key string) {
	switch n.Kind {
	case yaml.ScalarNode:
		d.scalar(n, isShown(n, key))
	case yaml.SequenceNode:
		for _, item := range n.Content {
			d.node(item, key)
		}
	case yaml.MappingNode:
		name, _ := yamldoc.Scalar(yamldoc.Get(n, "name"))
		for i := 0; i+1 < len(n.Content); i += 2 {
			field, value := n.Content[i], n.Content[i+1]
			if field.Kind == yaml.ScalarNode && !yamldoc.IsMerge(field) {
				d.scalar(field, mask.Plain(field.Value))
			}
			if value.Kind == yaml.ScalarNode {
				d.scalar(value, isShown(value, field.Value) || d.isName(key, field.Value, name, value.Value))
			} else {
				d.node(value, field.Value)
			}
		}
	}
}

// isName reports whether the field of a mapping, which stands below a key and has a name,
// names something and may be shown.
func (d *Manifest) isName(key, field, name, text string) bool {
	switch {
	case field == "name", field == "key" && strings.HasSuffix(key, "KeyRef"):
		return d.names.MayShow(text)
	case field == "value":
		return d.names.Env(name, text)
	}
	return false
}

// isShown reports whether a scalar may be shown wherever it stands.
func isShown(n *yaml.Node, key string) bool {
	return n.ShortTag() == "!!bool" || yamldoc.IsNull(n) || n.Value == "" || (key == "kind" || key == "apiVersion") && mask.Plain(n.Value)
}

// scalar shows a scalar if it may be and stands there as it reads, else it hides it: in a
// block scalar there can be a comment.
func (d *Manifest) scalar(n *yaml.Node, may bool) {
	start, end := d.doc.Text.Extent(n)
	written := string(d.doc.Text.Bytes()[start:end])
	if may && (written == n.Value || written == `"`+n.Value+`"` || written == "'"+n.Value+"'" || mask.PlainValue(written)) {
		d.shown.Show(start, end)
	} else {
		d.shown.Hide(start, end)
	}
}
