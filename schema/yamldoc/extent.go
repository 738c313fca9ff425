package yamldoc

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Extent returns where a node stands, without its anchor and tag: from its first byte
// to just behind its last. A block collection ends with its last entry. One of which
// there is nothing to see has no length, and comes right behind its anchor and tag.
func (t *Text) Extent(n *yaml.Node) (start, end int) {
	start = t.Start(n)
	switch {
	case n.Kind == yaml.AliasNode:
		return start, t.wordEnd(start)
	case n.Kind == yaml.ScalarNode && isEmpty(n):
		return start, start
	case n.Kind == yaml.ScalarNode: // the parser does not report a tag "!"
		return start, t.scalarEnd(t.skipProperties(start), n.Value)
	}
	end = start
	if last := len(n.Content); last > 0 {
		_, end = t.Extent(n.Content[last-1])
	}
	return start, t.CollectionEnd(n, start, end)
}

// CollectionEnd returns where a mapping or sequence ends that begins at start and whose
// last entry ends at last.
func (t *Text) CollectionEnd(n *yaml.Node, start, last int) int {
	// A mapping of one pair in a flow sequence, [a: b], needs no brackets.
	if n.Style&yaml.FlowStyle == 0 || start == len(t.data) || t.data[start] != '[' && t.data[start] != '{' {
		return max(start, last)
	}
	for i := max(start+1, last); i < len(t.data); i++ {
		switch t.data[i] {
		case ']', '}':
			return i + 1
		case '#':
			i = t.LineEnd(i) - 1
		}
	}
	return len(t.data)
}

// Start returns where a node begins, behind its anchor and tag.
func (t *Text) Start(n *yaml.Node) int {
	start := t.Offset(n.Line, n.Column)
	if n.Kind == yaml.AliasNode || n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return start
	}
	if n.Kind == yaml.ScalarNode && isEmpty(n) {
		return t.propertiesEnd(start)
	}
	return t.skipProperties(start)
}

// isEmpty reports whether there is nothing to see of a scalar.
func isEmpty(n *yaml.Node) bool { return n.Value == "" && n.Style&^yaml.TaggedStyle == 0 }

// propertiesEnd returns the offset just behind the anchor and the tag, or either, at off.
func (t *Text) propertiesEnd(off int) int {
	end := off
	for t.isProperty(off) {
		end = t.wordEnd(off)
		for off = end; off < len(t.data) && (t.data[off] == ' ' || t.data[off] == '\t'); off++ {
		}
	}
	return end
}

// skipProperties returns the offset of what stands behind any anchor and tag at off.
func (t *Text) skipProperties(off int) int {
	for t.isProperty(off) {
		for off < len(t.data) && !isSpace(t.data[off]) {
			off++
		}
		off = t.skipSpace(off)
	}
	return off
}

// isProperty reports whether an anchor or tag begins at off.
func (t *Text) isProperty(off int) bool {
	return off < len(t.data) && (t.data[off] == '&' || t.data[off] == '!')
}

// wordEnd returns the offset just behind the alias (*name), or the anchor or tag of
// nothing, at off.
func (t *Text) wordEnd(off int) int {
	for off < len(t.data) && !isSpace(t.data[off]) && strings.IndexByte(",[]{}", t.data[off]) < 0 {
		off++
	}
	return off
}

// scalarEnd returns the offset just behind the scalar that begins at off and whose parsed
// value is value. A block scalar ends with its last line that is not blank, without that
// line's break.
func (t *Text) scalarEnd(off int, value string) int {
	if off == len(t.data) {
		return off
	}
	switch t.data[off] { // no plain scalar begins with any of these
	case '"', '\'':
		return t.quotedEnd(off)
	case '|', '>':
		return t.blockEnd(off)
	}
	return t.plainEnd(off, value)
}

// quotedEnd scans to the closing quote of the kind found at off.
func (t *Text) quotedEnd(off int) int {
	quote := t.data[off]
	for i := off + 1; i < len(t.data); i++ {
		switch {
		case quote == '"' && t.data[i] == '\\':
			i++
		case t.data[i] != quote:
		case quote == '\'' && i+1 < len(t.data) && t.data[i+1] == '\'':
			i++
		default:
			return i + 1
		}
	}
	return len(t.data)
}

// plainEnd walks value and source in step. They differ only in white space,
// because lines are folded; where they differ otherwise, the line ends the scalar.
func (t *Text) plainEnd(off int, value string) int {
	i := off
	for value != "" {
		r, n := utf8.DecodeRuneInString(value)
		if r == ' ' || r == '\n' || r == '\t' {
			value = strings.TrimLeft(value, " \t\n")
			i = t.skipSpace(i)
			continue
		}
		if !bytes.HasPrefix(t.data[i:], []byte(value[:n])) {
			return off + len(bytes.TrimRight(t.data[off:t.LineEnd(off)], " \t\r\n"))
		}
		value, i = value[n:], i+n
	}
	return i
}

// blockEnd finds the last line of the literal or folded scalar whose indicator is at off.
func (t *Text) blockEnd(off int) int {
	next := t.LineEnd(off)
	header := bytes.TrimRight(t.data[off:next], " \t\r\n")
	if i := bytes.IndexAny(header, " \t"); i >= 0 {
		header = header[:i] // a comment may follow
	}
	parent := t.parentIndent(off)
	indent := -1
	if i := bytes.IndexAny(header, "123456789"); i >= 0 {
		indent = max(parent, 0) + int(header[i]-'0')
	}
	end := off + len(header)
	for next < len(t.data) {
		start := next
		next = t.LineEnd(start)
		line := bytes.TrimRight(t.data[start:next], "\r\n")
		lead := Indent(line)
		if lead == len(line) {
			continue // blank: inside only if more content follows
		}
		if indent < 0 && lead > parent {
			indent = lead
		}
		if indent < 0 || lead < indent || Marker(line) != 0 {
			break
		}
		end = start + len(line)
	}
	return end
}

// parentIndent returns the column (0-based) of the key or entry to which the
// block scalar at off belongs, -1 at the top level of a document.
func (t *Text) parentIndent(off int) int {
	line := t.data[t.LineStart(off):off]
	if Marker(line) != 0 || len(bytes.TrimSpace(line)) == 0 {
		return -1
	}
	for col := 0; ; col++ {
		col += Indent(line[col:])
		// "- key: |" belongs to the key, "- |" to the entry
		if col+1 >= len(line) || line[col] != '-' || line[col+1] != ' ' || len(bytes.TrimSpace(line[col+1:])) == 0 {
			return col
		}
	}
}

// Outside returns where an offset in the value of a literal block scalar stands in the
// text, which has every line of the value, indented. It is not known of other scalars.
func (t *Text) Outside(n *yaml.Node, value *Text, off int) (at int, known bool) {
	if n.Style&yaml.LiteralStyle == 0 {
		return 0, false
	}
	line := max(sort.SearchInts(value.yaml, off+1), 1)
	start, from := value.yaml[line-1], t.Offset(n.Line+line, 1)
	from += Indent(t.data[from:]) - Indent(value.data[start:])
	if at = from + off - start; from < 0 || at < from || at > len(t.data) {
		return 0, false
	}
	return at, bytes.HasPrefix(t.data[from:], value.data[start:off])
}

func (t *Text) skipSpace(off int) int {
	for off < len(t.data) {
		if n := breakLen(t.data, off); n > 0 {
			off += n
		} else if isSpace(t.data[off]) {
			off++
		} else {
			break
		}
	}
	return off
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// Marker returns '-' or '.' for the document marker that a line begins with, 0 if it
// begins with none.
func Marker(line []byte) byte {
	isMarker := bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("..."))
	if !isMarker || len(line) > 3 && !isSpace(line[3]) {
		return 0
	}
	return line[0]
}
