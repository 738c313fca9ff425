package edit

import (
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

// indent returns an offset's column as spaces.
func (w *writer) indent(off int) string {
	n, _ := w.text.Column(off)
	return strings.Repeat(" ", n)
}

// beginsLine reports whether nothing but spaces stands in front of a node on its line.
func (w *writer) beginsLine(n *yaml.Node) bool {
	_, isFirst := w.text.Column(w.start(n))
	return isFirst
}

// at returns where a node begins, with its anchor and tag.
func (w *writer) at(n *yaml.Node) int { return w.text.Offset(n.Line, n.Column) }

// column returns the indentation of the keys of a mapping.
func (w *writer) column(m *yaml.Node) string { return w.indent(w.at(m.Content[0])) }
