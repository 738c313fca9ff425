package stream

import "bytes"

// scanner looks for the end of one document, and remembers how far it got when
// the text ran out.
type scanner struct {
	pos int // the start of the next line to look at
	// open is set once the document has begun: at its `---` line, or at its first
	// line of content. A `---` line ends an open document; in front of content it
	// belongs to the document, as do the directives and comments before it.
	open bool

	lf, cr finder
}

// end returns the length of the document at the start of text. It is 0 where that
// cannot be told yet: where there is no text, or, unless eof, where the text ends first.
func (s *scanner) end(text []byte, eof bool) int {
	for s.pos < len(text) {
		next, whole := s.lineEnd(text, eof)
		if !whole {
			return 0
		}
		line := text[s.pos:next]
		if s.pos == 0 {
			line = bytes.TrimPrefix(line, []byte(bom))
		}
		switch {
		case isMarker(line, "---"):
			if s.open {
				return s.pos
			}
			s.open = true
		case isMarker(line, "..."):
			if s.open {
				return next
			}
		case !s.open:
			s.open = isContent(line)
		}
		s.pos = next
	}
	if eof {
		return len(text)
	}
	return 0
}

// isContent reports whether a line holds more than a comment or a directive.
func isContent(line []byte) bool {
	if len(line) > 0 && line[0] == '%' {
		return false
	}
	line = bytes.TrimLeft(line, " \t\r\n")
	return len(line) > 0 && line[0] != '#'
}

// lineEnd returns the offset just behind the line at s.pos, and whether the line is
// known to be whole: more input could continue it, or turn its CR into CRLF.
func (s *scanner) lineEnd(text []byte, eof bool) (end int, whole bool) {
	lf, cr := s.lf.next(text, '\n', s.pos), s.cr.next(text, '\r', s.pos)
	if cr+1 < lf {
		return cr + 1, true
	}
	if lf < len(text) {
		return lf + 1, true
	}
	if cr+1 < len(text) {
		return cr + 1, true
	}
	return len(text), eof
}

// finder finds one byte again and again, so that no part of a text is searched
// twice, however long its lines are and in however small pieces it arrives.
type finder struct{ at int }

// next returns the offset of the first c at or behind pos, or len(text).
func (f *finder) next(text []byte, c byte, pos int) int {
	if f.at < pos {
		f.at = pos
	}
	if f.at < len(text) && text[f.at] != c {
		if i := bytes.IndexByte(text[f.at:], c); i >= 0 {
			f.at += i
		} else {
			f.at = len(text)
		}
	}
	return f.at
}
