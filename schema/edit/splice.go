package edit

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// start returns the offset of a node's content.
func (w *writer) start(n *yaml.Node) int { return w.text.Start(n) }

// end returns the offset just behind a node.
func (w *writer) end(n *yaml.Node) int {
	_, end := w.text.Extent(n)
	return end
}

// splice puts text in the place of the bytes from start to end.
func (w *writer) splice(start, end int, text string) {
	w.splices = append(w.splices, Splice{Start: start, End: end, Text: text})
}

// replace puts text over a node, behind its properties.
func (w *writer) replace(n *yaml.Node, text string) { w.splice(w.start(n), w.end(n), text) }

// lines replaces whole lines, from start to end, by others.
func (w *writer) lines(start, end int, lines []string, eol string) {
	text := ""
	if len(lines) > 0 {
		text = strings.Join(lines, eol) + eol
	}
	data := w.text.Bytes()
	if end == len(data) && !yamldoc.EndsLine(data) { // the last line has no break
		text = strings.TrimSuffix(text, eol)
		if start == end && text != "" {
			text = eol + text
		}
	}
	w.splice(start, end, text)
}

// indent returns the offset's column as spaces, and whether nothing but spaces
// stands in front of it on its line.
func (w *writer) indent(off int) (string, bool) {
	before := w.text.Bytes()[w.text.LineStart(off):off]
	return strings.Repeat(" ", len(before)), len(bytes.TrimLeft(before, " ")) == 0
}

// column returns the indentation of the keys of a mapping.
func (w *writer) column(m *yaml.Node) string {
	indent, _ := w.indent(w.text.Offset(m.Content[0].Line, m.Content[0].Column))
	return indent
}
