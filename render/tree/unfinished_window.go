package tree

import (
	"bytes"
	"io"
)

// window is the part of a text that is being looked at.
type window struct {
	in   io.Reader
	data []byte
	at   int // in data
	gone int // bytes of the text in front of data
	eof  bool
	// odd is set where the text has a line end that only YAML 1.1 takes for one: then
	// its lines are not what they seem.
	odd bool
}

const windowSize = 64 << 10

// has reports whether there are n more bytes, and brings them into the window.
func (w *window) has(n int) bool {
	for len(w.data)-w.at < n && !w.eof {
		w.slide()
	}
	return len(w.data)-w.at >= n
}

func (w *window) slide() {
	if w.data == nil {
		w.data = make([]byte, 0, windowSize)
	}
	if keep := max(w.at-2, 0); cap(w.data)-len(w.data) < windowSize/4 {
		w.gone += keep
		w.at -= keep
		w.data = w.data[:copy(w.data, w.data[keep:])]
	}
	before := max(len(w.data)-2, 0)
	n, err := w.in.Read(w.data[len(w.data):cap(w.data)])
	w.data = w.data[:len(w.data)+n]
	w.eof = err != nil
	for _, c := range []string{"\u0085", "\u2028", "\u2029"} {
		w.odd = w.odd || bytes.Contains(w.data[before:], []byte(c))
	}
}

// offset returns the offset in the text.
func (w *window) offset() int { return w.gone + w.at }

// end goes to the end of the text.
func (w *window) end() {
	for w.has(1) {
		w.at = len(w.data)
	}
}

// is reports whether the next byte, which must be there, is one of some characters.
func (w *window) is(of string) bool {
	c := w.data[w.at]
	for i := range len(of) {
		if of[i] == c {
			return true
		}
	}
	return false
}

// isIndicator reports whether one of some characters is next, and behind it
// something that lets it be an indicator.
func (w *window) isIndicator(of string) bool {
	return w.has(1) && w.is(of) && (!w.has(2) || isBlank(w.data[w.at+1]) || isBreak(w.data[w.at+1]))
}

// isMarker reports whether a document marker is next.
func (w *window) isMarker(marker string) bool {
	return w.has(3) && string(w.data[w.at:w.at+3]) == marker && (!w.has(4) || isBlank(w.data[w.at+3]) || isBreak(w.data[w.at+3]))
}

// lineEnds reports whether nothing but a comment is left of a line.
func (w *window) lineEnds() bool { return !w.has(1) || w.is("\r\n#") }

// blanks goes past characters.
func (w *window) blanks(of string) {
	for w.has(1) && w.is(of) {
		w.at++
	}
}

// word goes to the end of a word.
func (w *window) word() {
	for w.has(1) && !w.is(" \t\r\n") {
		w.at++
	}
}

// skipLine goes to the next line.
func (w *window) skipLine() {
	for w.has(1) {
		if n := bytes.IndexAny(w.data[w.at:], "\r\n"); n >= 0 {
			w.at += n + 1
			return
		}
		w.at = len(w.data)
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
func isBreak(c byte) bool { return c == '\n' || c == '\r' }
