package envedit

import (
	"bytes"
	"errors"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/edit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// writer collects the splices of a document.
type writer struct {
	doc     *yamldoc.Document
	text    *yamldoc.Text
	splices []edit.Splice
}

var errLayout = errors.New("unusual layout")

// start returns the offset of a node's content.
func (w *writer) start(n *yaml.Node) int { return w.text.Start(n) }

// end returns the offset just behind a node.
func (w *writer) end(n *yaml.Node) int {
	_, end := w.text.Extent(n)
	return end
}

// splice puts text in the place of the bytes from start to end.
func (w *writer) splice(start, end int, text string) {
	w.splices = append(w.splices, edit.Splice{Start: start, End: end, Text: text})
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

// eolAt returns the line end of the line that holds an offset, or of the line
// before it where the text ends without one.
func (w *writer) eolAt(off int) string {
	data := w.text.Bytes()
	end := w.text.LineEnd(off)
	if end == len(data) && !yamldoc.EndsLine(data) {
		end = w.text.LineStart(off)
	}
	if bytes.HasSuffix(data[:end], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// indent returns the offset's column as spaces, and whether nothing but spaces
// stands in front of it on its line.
func (w *writer) indent(off int) (string, bool) {
	before := w.text.Bytes()[w.text.LineStart(off):off]
	return strings.Repeat(" ", len(before)), len(bytes.TrimLeft(before, " ")) == 0
}
