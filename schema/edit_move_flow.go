package schema

import (
	"bytes"
	"strings"
)

// swapBraces rewrites the names around a block in braces where it stands, and leaves
// the block itself alone.
func (m *move) swapBraces() ([]patch, string) {
	text := m.bytes()
	m.cut = stretch{m.outer.value.Key.Start, valueEnd(m.outer.value)}
	before := len(bytes.TrimRight(text[:m.value.Key.Start], " \t\r\n"))
	after := valueEnd(m.value)
	after += blanks(text[after:])
	if bytes.IndexByte(text[m.cut.start:before], '#') >= 0 || bytes.IndexByte(text[after:m.cut.end], '#') >= 0 {
		return nil, becauseComments
	}
	open, shut := m.braces()
	return []patch{
		{stretch{m.cut.start, before}, open},
		{stretch{after, m.cut.end}, shut},
	}, ""
}

// braces returns what stands before and behind a block in braces at its new place.
// The names have the quotes that the block's own name has, as JSON wants them.
func (m *move) braces() (open, shut string) {
	quote := ""
	if key := m.value.Key.Text(); isQuoted(key) && isFlow(m.parent()) {
		quote = key[:1]
	}
	for _, name := range m.names[:len(m.names)-1] {
		open += quote + name + quote + ": {"
	}
	return open, strings.Repeat("}", len(m.names)-1)
}

// intoBraces puts the block into a mapping in braces.
func (m *move) intoBraces() (patch, string) {
	switch {
	case len(m.top)+len(m.mid)+len(m.below) > 0:
		return patch{}, becauseComments
	case !isFlow(m.value):
		return patch{}, becauseBraces
	}
	open, shut := m.braces()
	entry := open + string(m.text(m.value.Key.Start, valueEnd(m.value))) + shut
	if m.slot != nil {
		return patch{stretch{m.slot.Key.Start, valueEnd(m.slot)}, entry}, ""
	}
	last := len(bytes.TrimRight(m.bytes()[:m.in.Body.End-1], " \t\r\n,"))
	return patch{stretch{last, last}, ", " + entry}, ""
}
