package edit

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"
)

// blockList is a list in block style.
type blockList struct {
	*writer
	old    []*yaml.Node
	dashes []int  // the offset of every entry's dash
	dash   string // the spaces in front of the dashes
	gap    string // the spaces behind them
	json   bool   // the entries are flow mappings
	eol    string
}

// blockItems changes a list in block style, of which something is left.
func (w *writer) blockItems(old, want *yaml.Node) {
	outer := w.step
	w.step = stepOf(old.Content)
	w.items(old, want, &blockList{writer: w, old: old.Content})
	w.step = outer
}

// clear writes [] over a list of which nothing is left.
func (w *writer) clear(key, old *yaml.Node) {
	colon := w.end(key)
	if !bytes.HasPrefix(w.text.Bytes()[colon:], []byte(":")) {
		w.odd = true
		return
	}
	w.splice(colon+1, colon+1, " []")
	l := &blockList{writer: w, old: old.Content}
	for i := range old.Content {
		l.remove(i)
	}
}

// measure finds the dashes of the list and how it is laid out, once. It reports whether it
// could.
func (l *blockList) measure() bool {
	if l.dashes != nil {
		return true
	}
	var dashes []int
	l.gap, l.json = " ", true
	after := 0
	for _, e := range l.old {
		dash, ok := l.dashBefore(l.at(e), after)
		if !ok {
			l.odd = true
			return false
		}
		dashes = append(dashes, dash)
		l.json = l.json && e.Kind == yaml.MappingNode && e.Style&yaml.FlowStyle != 0
		after = max(dash+1, l.end(e))
	}
	l.dashes = dashes
	l.dash = l.indent(l.dashes[0])
	l.eol = l.text.Break(l.dashes[0])
	for i, e := range l.old { // the spacing of the first entry that shows some
		if !isBlockMapping(e) {
			continue
		}
		first := l.at(e.Content[0])
		if n := first - l.dashes[i] - 1; n > 0 && l.text.LineStart(first) == l.text.LineStart(l.dashes[i]) {
			l.gap = strings.Repeat(" ", n)
			break
		}
	}
	return true
}

func isBlockMapping(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0
}

// stepOf returns by how much a mapping below a key is indented in the first entry that has
// one.
func stepOf(entries []*yaml.Node) string {
	for _, e := range entries {
		for i := 1; isBlockMapping(e) && i < len(e.Content); i += 2 {
			k, v := e.Content[i-1], e.Content[i]
			if !isBlockMapping(v) {
				continue
			}
			// Where it has an anchor, the position of v is that of the anchor.
			if first := v.Content[0]; first.Line > k.Line && first.Column > k.Column {
				return strings.Repeat(" ", first.Column-k.Column)
			}
		}
	}
	return "  "
}

// dashBefore returns the offset of the dash of the entry at off: on its line, or
// alone on a line above it.
func (w *writer) dashBefore(off, after int) (int, bool) {
	data := w.text.Bytes()
	end := off
	for {
		start := w.text.LineStart(end)
		line := data[start:end]
		if i := bytes.IndexByte(line, '#'); i >= 0 && end != off {
			line = line[:i]
		}
		line = bytes.TrimRight(line, " \t\r\n")
		if explicit, ok := bytes.CutSuffix(line, []byte(" ?")); ok && end == off { // of a key, as in "- ? name"
			line = bytes.TrimRight(explicit, " ")
		}
		if n := len(line) - 1; n >= 0 {
			return start + n, start+n >= after && line[n] == '-' && len(bytes.TrimLeft(line[:n], " ")) == 0
		}
		if start <= after {
			return 0, false
		}
		end = start - 1
	}
}

// entry returns the lines of an entry.
func (l *blockList) entry(n *yaml.Node) []string {
	lines := inBlock(n.Content, l.step)
	if l.json {
		lines = []string{inFlow(n)}
	}
	lines = indented(lines, l.dash+" "+l.gap)
	lines[0] = l.dash + "-" + lines[0][len(l.dash)+1:]
	return lines
}

// add writes a new entry behind an old one and its comments, or in front of the list.
func (l *blockList) add(prev int, n *yaml.Node) {
	if !l.measure() {
		return
	}
	at := l.top()
	if prev >= 0 {
		at = l.behind(l.old[prev], l.dashes[prev])
		for l.belongs(at) {
			at = l.text.LineEnd(at)
		}
	}
	l.lines(at, at, l.entry(n), l.eol)
}

// belongs reports whether the line at an offset is a comment that is indented as
// what stands inside of an entry is.
func (l *blockList) belongs(at int) bool {
	indent, ok := l.text.Comment(at)
	return ok && indent > len(l.dash)
}

// top returns the offset of the first entry's line, or of the comments above it.
func (l *blockList) top() int {
	at := l.text.LineStart(l.dashes[0])
	for at > 0 {
		above := l.text.LineStart(at - 1)
		if line := bytes.TrimSpace(l.text.Bytes()[above:at]); len(line) == 0 || line[0] != '#' {
			break
		}
		at = above
	}
	return at
}

// remove takes away an entry's own lines.
func (l *blockList) remove(i int) {
	if l.measure() {
		l.lines(l.text.LineStart(l.dashes[i]), l.behind(l.old[i], l.dashes[i]), nil, l.eol)
	}
}

// replace writes another entry in the place of one: over it where that one is on one line,
// as an alias is.
func (l *blockList) replace(i int, n *yaml.Node) {
	old := l.old[i]
	from := l.at(old)
	switch {
	case isBlockMapping(old):
		if l.measure() {
			l.lines(l.text.LineStart(l.dashes[i]), l.behind(old, l.dashes[i]), l.entry(n), l.eol)
		}
	case n.Style&yaml.FlowStyle != 0:
		l.splice(from, l.end(old), inFlow(n))
	default:
		l.splice(from, l.end(old), strings.Join(l.encoded(n), l.text.Break(from)+l.indent(from)))
	}
}

// behind returns the offset of the line that follows the lines of a node, which has one at
// an offset at least.
func (w *writer) behind(n *yaml.Node, at int) int {
	at = w.text.LineEnd(max(at, w.end(n)))
	for keepsBlanks(n) && at < len(w.text.Bytes()) && len(bytes.TrimSpace(w.text.Bytes()[at:w.text.LineEnd(at)])) == 0 {
		at = w.text.LineEnd(at)
	}
	return at
}

// keepsBlanks reports whether a node ends with a block scalar to which the blank
// lines behind it belong (|+, >+).
func keepsBlanks(n *yaml.Node) bool {
	for n.Kind != yaml.AliasNode && len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	isBlock := n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	return isBlock && (n.Value == "\n" || strings.HasSuffix(n.Value, "\n\n"))
}
