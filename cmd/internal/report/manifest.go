package report

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// manifest is one document of which lines can be shown without what may be a credential:
// keys, booleans, what names something, and what a run has reported.
type manifest struct {
	names wiring.Names
	doc   *yamldoc.Document
	shown *mask.Text // nil where the document does not parse: no line is shown then
}

// newManifest prepares a document, which must not change afterwards, for a run that vouches
// for names.
func newManifest(raw []byte, names wiring.Names) *manifest {
	doc, err := yamldoc.Parse(raw)
	if err != nil {
		return &manifest{}
	}
	d := &manifest{names: names, doc: doc, shown: mask.New(doc.Text)}
	if doc.Root != nil {
		d.node(doc.Root, "", false)
	}
	return d
}

// Line implements Lines for the one document that there is, whatever its name.
func (d *manifest) Line(_ string, number int) (pieces []mask.Piece, ok bool) {
	if d.shown == nil {
		return nil, false
	}
	return d.shown.Line(number)
}

// node goes through what is below a key; a scalar there may be a name that may be shown.
// Aliases are not followed: what they stand for has its own place.
func (d *manifest) node(n *yaml.Node, key string, isName bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		d.scalar(n, isName || isShown(n, key))
	case yaml.SequenceNode:
		for _, item := range n.Content {
			d.node(item, key, false)
		}
	case yaml.MappingNode:
		name, _ := yamldoc.Scalar(yamldoc.Get(n, "name"))
		for pair := range slices.Chunk(n.Content, 2) {
			field, value := pair[0], pair[1]
			if field.Kind == yaml.ScalarNode && !yamldoc.IsMerge(field) {
				d.scalar(field, mask.Plain(field.Value))
			}
			d.node(value, field.Value, d.isName(key, field.Value, name, value.Value))
		}
	}
}

// isName reports whether the field of a mapping, which stands below a key and has a name,
// names something and may be shown.
func (d *manifest) isName(key, field, name, text string) bool {
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
func (d *manifest) scalar(n *yaml.Node, may bool) {
	start, end := d.doc.Text.Extent(n)
	written := string(d.doc.Text.Bytes()[start:end])
	if may && (written == n.Value || written == `"`+n.Value+`"` || written == "'"+n.Value+"'" || mask.PlainValue(written)) {
		d.shown.Show(start, end)
	} else {
		d.shown.Hide(start, end)
	}
}
