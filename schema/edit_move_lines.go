package schema

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// load finds what goes from the old place and what of it comes along.
func (m *move) load() (why string) {
	if isFlow(m.outer.parent()) {
		m.cut = m.outer.flowEntry()
		m.cargo = cargo{block: m.text(m.value.Key.Start, valueEnd(m.value)), lead: m.leadAt(m.value.Key.Start)}
		m.mid = slices.Concat(m.comments(m.cut.start, m.value.Key.Start), m.comments(valueEnd(m.value), m.cut.end))
		return ""
	}
	lines, ok := ownLines(m.outer.value)
	if !ok {
		return becauseLayout
	}
	m.cut = withComments(lines, m.outer.value, floor(m.outer.parent(), m.outer.value))
	from, end := m.value.Key.Start, valueEnd(m.value)
	if !isFlow(m.parent()) {
		own, ok := ownLines(m.value)
		if !ok {
			return becauseLayout
		}
		own = withComments(own, m.value, own.start)
		from, end = own.start, min(own.end, m.cut.end)
	}
	m.block, m.lead = m.text(from, end), m.leadAt(m.value.Key.Start)
	split := m.outer.value.Key.Start
	if m.outer.value == m.value {
		split = m.cut.start // all comments above are the block's own
	}
	m.top = m.comments(m.cut.start, split)
	m.mid = m.comments(split, from)
	m.below = m.comments(end, m.cut.end)
	if isFlow(m.parent()) {
		m.block = append(m.block, m.eol...)
		rest := m.comments(end, lines.end) // beside the closing braces
		m.mid, m.below = append(m.mid, rest...), m.below[len(rest):]
	}
	return ""
}

func (m *move) text(start, end int) []byte { return slices.Clone(m.bytes()[start:end]) }

// leadAt returns how far the line at an offset is indented.
func (m *move) leadAt(offset int) int {
	lead := 0
	for _, c := range m.bytes()[lineStart(m.file.Source.Text, offset):offset] {
		if c != ' ' {
			break
		}
		lead++
	}
	return lead
}

// comments returns those between the marks and the keys of the mappings that go.
func (m *move) comments(start, end int) []string {
	var keys []values.Span
	for _, v := range append(m.above[len(m.outer.above):len(m.above):len(m.above)], m.value) {
		keys = append(keys, v.Key)
	}
	return comments(m.bytes(), start, end, keys...)
}

// intoLines puts the block into a mapping whose entries stand on lines of their own.
func (m *move) intoLines() ([]patch, string) {
	l, ok := layoutOf(m.in)
	if !ok {
		return nil, becauseLayout
	}
	names := m.names
	switch {
	case m.slot == nil:
		at := m.place(l)
		return []patch{{stretch{at, at}, m.lines(l.column, l.step, names)}}, ""
	case len(names) > 1:
		unset, ok := empty(m.slot)
		lines, ok2 := ownLines(m.slot)
		if !ok || !ok2 {
			return nil, becauseLayout
		}
		return []patch{
			{unset, ""},
			{stretch{lines.end, lines.end}, m.lines(l.column+l.step, l.step, names[1:])},
		}, ""
	}
	lines, ok := ownLines(m.slot)
	if !ok {
		return nil, becauseLayout
	}
	m.mid = append(comments(m.bytes(), valueEnd(m.slot), lines.end), m.mid...)
	return []patch{{lines, m.lines(l.column, l.step, names)}}, ""
}

// place returns where the block goes in a mapping without a slot for it: where it came
// from if it came out of that mapping too, so that as little as possible changes.
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

// lines writes the block and the mappings around it that names lists, the block's
// own name last, beginning in a column.
func (m *move) lines(column, step int, names []string) string {
	var b strings.Builder
	write := func(column int, lines ...string) {
		for _, line := range lines {
			b.WriteString(strings.Repeat(" ", column) + line + m.eol)
		}
	}
	write(column, m.top...)
	for _, name := range names[:len(names)-1] {
		write(column, name+":")
		column += step
	}
	write(column, m.mid...)
	entry := m.block
	if isFlow(m.parent()) { // its first line begins with the key
		entry = append([]byte(strings.Repeat(" ", m.lead)), entry...)
	}
	b.Write(indented(entry, column-m.lead))
	if !strings.HasSuffix(b.String(), "\n") {
		b.WriteString(m.eol)
	}
	write(column, m.below...)
	return b.String()
}
