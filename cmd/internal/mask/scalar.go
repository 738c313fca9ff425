package mask

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// maxDepth bounds how many documents inside each other are read as such.
const maxDepth = 3

// extent returns where a scalar stands, without its anchor and tag.
func (w *walk) extent(n *yaml.Node) span {
	start := w.text.SkipProperties(w.text.Offset(n.Line, n.Column))
	return span{start, w.text.ScalarEnd(start, yamldoc.StyleOf(n.Style), n.Value)}
}

// isText reports whether a scalar can be a credential at all.
func isText(n *yaml.Node) bool {
	return n.Value != "" && n.Value != marker && !yamldoc.IsNull(n) && n.ShortTag() != "!!bool"
}

// scalar looks at the value of a key, or at a key itself.
func (w *walk) scalar(n *yaml.Node, key string) {
	w.scalars = append(w.scalars, w.extent(n))
	switch {
	case redact.Speaks(key):
		w.hide(n, false)
	case strings.Contains(n.Value, "\n"), strings.HasPrefix(n.Value, "{"), strings.HasPrefix(n.Value, "["):
		w.inside(n)
	case w.masker.isCredential(n.Value):
		w.hide(n, false)
	}
}

// inside looks into a scalar that may be a document of its own: the values in the
// chart's hook ConfigMap, a manifest in an annotation, some tool's configuration.
func (w *walk) inside(n *yaml.Node) {
	text := yamldoc.New([]byte(n.Value))
	var spans []span
	doc, err := yamldoc.Parse(text.Bytes())
	if err == nil && doc.Root != nil && doc.Root.Kind != yaml.ScalarNode && w.depth < maxDepth {
		inner := newWalk(w.masker, doc)
		inner.depth = w.depth + 1
		inner.document()
		text, spans = doc.Text, inner.spans
		w.values = append(w.values, inner.values...)
	} else {
		for _, at := range w.masker.assigned.FindAllSubmatchIndex(text.Bytes(), -1) {
			spans = append(spans, span{at[2], at[3]})
		}
	}
	moved, ok := w.outside(n, text, spans)
	if !ok {
		w.hide(n, false)
	}
	w.spans = append(w.spans, moved...)
}

// outside moves spans of a scalar's value to where they stand in the document. That
// is known of literal blocks alone, in which every line is one of the value, indented.
// Of others ok is false if there is anything to hide.
func (w *walk) outside(n *yaml.Node, value *yamldoc.Text, spans []span) (moved []span, ok bool) {
	if n.Style&yaml.LiteralStyle == 0 {
		return nil, len(spans) == 0 && len(w.masker.inLine([]byte(n.Value), 0)) == 0
	}
	for _, s := range spans {
		for i := value.Position(s.start).Line; ; i++ {
			line, at := value.Line(i)
			if at >= s.end {
				break
			}
			written, from := w.text.Line(n.Line + i)
			// YAML knows line breaks that editors do not.
			if from != w.text.Offset(n.Line+i, 1) || !bytes.HasSuffix(written, line) {
				return nil, false
			}
			shift := from + len(written) - len(line) - at
			moved = append(moved, span{max(s.start, at) + shift, min(s.end, at+len(line)) + shift})
		}
	}
	return moved, true
}
