package stream

import "bytes"

// bom may stand in front of a document.
const bom = "\ufeff"

// scanner looks for the end of one document. It is fed with the text as it comes.
type scanner struct {
	state state
	// open is set once the document has begun: at its `---` line, or at its first
	// line of content. A `---` line ends an open document; in front of content it
	// belongs to the document, as do the directives and comments before it. A `...`
	// line ends any: a parser would not accept it in front of a document.
	open bool
	// content is set once there is more than markers, directives and comments.
	content bool
}

// state says what the next byte is.
type state uint8

const (
	atStart  state = iota // the first of the document
	atLine                // the first of a line, no content seen
	inBlanks              // behind blanks in such a line
	inSkip                // behind what makes such a line no content
	inBody                // any in a line, content seen
	atBody                // the first of a line, content seen
	inEnd                 // any in a `...` line that ends the document
)

// feed takes in more text: what was not consumed of the text before, and what
// came then. It returns how many bytes surely belong to the document, and whether
// they are its last. The rest, a few bytes of the beginning of a line, waits for
// more; with eof there is no more.
func (s *scanner) feed(text []byte, eof bool) (n int, done bool) {
	for i := 0; ; {
		next, wait, done := s.step(text, i, eof)
		if wait || done {
			return next, done
		}
		i = next
	}
}

// step goes on from the offset i. It returns how far it got, whether it waits for
// more text, and whether the document ends there.
func (s *scanner) step(text []byte, i int, eof bool) (next int, wait, done bool) {
	switch rest := text[i:]; s.state {
	case atStart:
		if len(rest) < len(bom) && !eof && bytes.HasPrefix([]byte(bom), rest) {
			return i, true, false
		}
		s.state = atLine
		if bytes.HasPrefix(rest, []byte(bom)) {
			i += len(bom)
		}
		return i, false, false
	case atLine, atBody:
		return s.lineStart(rest, i, eof)
	case inBlanks:
		return s.blanks(text, i)
	case inSkip:
		if i = endOfLine(text, i); i < len(text) {
			s.state = atLine
			return i + 1, false, false
		}
		return i, true, false
	case inEnd:
		return s.lastLine(text, i, eof)
	}
	i = nextMarker(text, i)
	if i == len(text) {
		return s.tail(text)
	}
	s.state = atBody
	return i, false, false
}

// lineStart looks at the first bytes of a line.
func (s *scanner) lineStart(rest []byte, i int, eof bool) (next int, wait, done bool) {
	marker, known := markerAt(rest, eof)
	switch {
	case !known || len(rest) == 0:
		return i, true, false
	case marker == '-' && s.open:
		return i, false, true
	case marker == '-':
		s.open, s.state = true, inBlanks
		return i + 3, false, false
	case marker == '.':
		s.state = inEnd
		return i + 3, false, false
	case s.state == atLine && rest[0] == '%' && !s.open:
		s.state = inSkip
	case s.state == atLine:
		s.state = inBlanks
	default:
		s.state = inBody
	}
	return i, false, false
}

// blanks looks for the first character of a line that is not blank.
func (s *scanner) blanks(text []byte, i int) (next int, wait, done bool) {
	for ; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t':
		case '\n', '\r':
			s.state = atLine
			return i + 1, false, false
		case '#':
			s.state = inSkip
			return i, false, false
		default:
			s.open, s.content, s.state = true, true, inBody
			return i, false, false
		}
	}
	return i, true, false
}

// lastLine looks for the end of the `...` line.
func (s *scanner) lastLine(text []byte, i int, eof bool) (next int, wait, done bool) {
	i = endOfLine(text, i)
	switch {
	case i == len(text) || text[i] == '\r' && i+1 == len(text) && !eof:
		return i, true, false
	case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
		i++
	}
	return i + 1, false, true
}

// tail consumes a text that ends before the next marker, but for what may be the
// beginning of one.
func (s *scanner) tail(text []byte) (next int, wait, done bool) {
	end := len(text)
	for start := end; start > 0 && start > end-3; start-- {
		if isBreak(text[start-1]) {
			s.state = atBody
			return start, true, false
		}
		if c := text[start-1]; c != '-' && c != '.' {
			break
		}
	}
	return end, true, false
}

// nextMarker returns the offset of the next line behind i that begins with three
// dashes or three dots, or len(text). Of every three bytes it looks at one, because
// three equal ones cannot hide from that.
func nextMarker(text []byte, i int) int {
	for at := i + 1; at < len(text); at += 3 {
		c := text[at]
		if c != '-' && c != '.' {
			continue
		}
		start := at
		for start > at-2 && start > i && text[start-1] == c {
			start--
		}
		if start > i && isBreak(text[start-1]) && isMarker(text[start:], c) {
			return start
		}
	}
	return len(text)
}

func isMarker(text []byte, c byte) bool {
	return len(text) >= 3 && text[0] == c && text[1] == c && text[2] == c
}

// markerAt returns '-' or '.' for the marker at the beginning of a line, 0 where
// there is none. It is not known where the text is too short to tell.
func markerAt(line []byte, eof bool) (marker byte, known bool) {
	if len(line) < 4 && !eof && (bytes.HasPrefix([]byte("---"), line) || bytes.HasPrefix([]byte("..."), line)) {
		return 0, false
	}
	for _, c := range []byte("-.") {
		if isMarker(line, c) && (len(line) == 3 || line[3] == ' ' || line[3] == '\t' || isBreak(line[3])) {
			return c, true
		}
	}
	return 0, true
}

// isBreak reports whether a byte ends a line. LF, CRLF and CR do, as in YAML.
func isBreak(c byte) bool { return c == '\n' || c == '\r' }

// endOfLine returns the offset of the first line break from i on, or len(text).
func endOfLine(text []byte, i int) int {
	end := len(text)
	if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
		end = i + n
	}
	if n := bytes.IndexByte(text[i:end], '\r'); n >= 0 {
		end = i + n
	}
	return end
}
