package spot

import (
	"bytes"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// The further reasons for which a block is not moved.
const (
	becauseBraces   = "the mappings around it, or those around its new place, are written in braces"
	becauseComments = "there are comments that have no place where it goes to"
)

// move is a block on its way to another place in the same file, where the mappings around
// both places have their entries on lines of their own. Nothing else is moved.
type move struct {
	Spot
	target
	// outer is what goes from the old place: the block, or the outermost of the
	// mappings around it that hold nothing else.
	outer Spot
	cut   stretch  // the lines that go, with their comments
	own   stretch  // of these, the lines of the block
	top   []string // the comments above the outermost mapping that goes
	eol   string
}

// Move returns the edits that take the entry, a block at from, to the path to, with its
// comments, and the mappings around it away that would be left without anything. cut holds
// the lines that go.
func (s Spot) Move(from, to []string) (edits []diag.Edit, cut diag.Range, why string) {
	if s.value.Shared || s.file.Root.At(from...) != s.value {
		return nil, cut, becauseAlias
	}
	for i, v := range s.above {
		if IsTwice(v, from[i]) {
			return nil, cut, becauseTwice
		}
	}
	m := move{Spot: s, outer: s, eol: s.file.Source.Text.Break(s.value.Key.End)}
	if m.target, why = s.target(to); why != "" {
		return nil, cut, why
	}
	if slices.ContainsFunc(append(slices.Clone(s.above), m.in), isFlow) {
		return nil, cut, becauseBraces
	}
	for len(m.outer.above) > 2 && len(written(m.outer.Parent())) == 1 {
		n := len(m.outer.above) - 1
		m.outer.above, m.outer.value = s.above[:n], s.above[n]
	}
	if why = m.load(); why != "" {
		return nil, cut, why
	}
	l, ok := layoutOf(m.in)
	if !ok {
		return nil, cut, becauseLayout
	}
	if m.isTied(m.cut, m.outer.value) {
		return nil, cut, becauseAnchor
	}
	edits = m.edits(m.place(l), m.lines(l))
	if !s.leads(edits, m.moved(from, to)) {
		return nil, cut, becauseLayout
	}
	return edits, s.file.Source.Text.Range(m.cut.start, m.cut.end), ""
}

// load finds the lines that go and, among them, those of the block.
func (m *move) load() (why string) {
	lines, ok := ownLines(m.outer.value)
	own, ok2 := ownLines(m.value)
	if !ok || !ok2 {
		return becauseLayout
	}
	m.cut = withComments(lines, m.outer.value, floor(m.outer.Parent(), m.outer.value))
	if m.outer.value == m.value {
		m.own = m.cut
		return ""
	}
	m.own = withComments(own, m.value, floor(m.Parent(), m.value))
	m.own.end = min(m.own.end, m.cut.end)
	text := m.bytes()
	for line := range bytes.Lines(text[m.cut.start:lines.start]) {
		m.top = append(m.top, string(bytes.TrimSpace(line)))
	}
	if hasComment(text[lines.start:m.own.start]) || hasComment(text[m.own.end:m.cut.end]) {
		return becauseComments
	}
	return ""
}

// hasComment reports whether there is one in lines that hold nothing else but keys of the
// block's own and the signs of mappings.
func hasComment(lines []byte) bool { return bytes.IndexByte(lines, '#') >= 0 }

// moved returns the file's data with the block at its new place.
func (m move) moved(from, to []string) any {
	var block any
	m.data(func(at map[string]any, name string) { block = at[name] })
	root := m.outer.data(func(at map[string]any, name string) { delete(at, name) })
	at, _ := root.(map[string]any)
	for _, name := range to[:len(to)-1] {
		below, ok := at[name].(map[string]any)
		if !ok {
			below = map[string]any{}
			at[name] = below
		}
		at = below
	}
	at[to[len(to)-1]] = block
	return root
}

// place returns where the block goes: where it came from if it came out of the same
// mapping, so that as little as possible changes, else behind the last entry.
func (m *move) place(l layout) int {
	at := l.end(m.in)
	if i := slices.Index(m.above, m.in); i >= 0 {
		from := m.value
		if i+1 < len(m.above) {
			from = m.above[i+1]
		}
		if from == m.outer.value {
			return m.cut.start
		}
		if lines, ok := ownLines(from); ok {
			at = withComments(lines, from, lines.start).end
		}
	}
	if m.cut.start < at && at < m.cut.end {
		return m.cut.start
	}
	return at
}

// lines writes the block and the mappings around it that its new place lacks.
func (m *move) lines(l layout) string {
	var b strings.Builder
	at := l.column
	write := func(line string) { b.WriteString(strings.Repeat(" ", at) + line + m.eol) }
	for _, line := range m.top {
		write(line)
	}
	for _, name := range m.names[:len(m.names)-1] {
		write(name + ":")
		at += l.step
	}
	was, _ := column(m.value)
	b.Write(indented(m.bytes()[m.own.start:m.own.end], at-was))
	if !strings.HasSuffix(b.String(), "\n") {
		b.WriteString(m.eol)
	}
	return b.String()
}

// edits returns those that put text at an offset and take away what goes. They are one
// where they touch, and a file that ends without a line break still does.
func (m *move) edits(at int, text string) []diag.Edit {
	data := m.bytes()
	if m.cut.start <= at && at <= m.cut.end {
		if m.cut.end == len(data) && !bytes.HasSuffix(data, []byte("\n")) {
			text = strings.TrimSuffix(text, m.eol)
		}
		return []diag.Edit{m.cover(m.cut.start, m.cut.end, text)}
	}
	if at == len(data) && !bytes.HasSuffix(data, []byte("\n")) {
		text = m.eol + strings.TrimSuffix(text, m.eol)
	}
	edits := []diag.Edit{m.cover(at, at, text), m.cover(m.cut.start, m.cut.end, "")}
	if m.cut.start < at {
		slices.Reverse(edits)
	}
	return edits
}
