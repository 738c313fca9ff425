package stream

import (
	"bytes"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// segmentSize is how much memory is read into at once. It fits the caches next to the
// processor.
const segmentSize = 256 << 10

// text is what was read of a stream. All segments but the last are of the same size.
type text struct {
	segments [][]byte
	each     int // the size of a segment
	size     int
}

// rest returns what there is from an offset on, as far as its segment goes.
func (t *text) rest(at int) []byte {
	if at >= t.size {
		return nil
	}
	return t.segments[at/t.each][at%t.each:]
}

// pieces yields the bytes between two offsets, a segment at a time.
func (t *text) pieces(start, end int) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for at := start; at < end; {
			piece := t.rest(at)
			piece = piece[:min(len(piece), end-at)]
			if !yield(piece) {
				return
			}
			at += len(piece)
		}
	}
}

// bytes returns the bytes between two offsets, which must not be changed. They are a copy
// where they lie in several segments.
func (t *text) bytes(start, end int) []byte {
	end = min(end, t.size)
	if first := t.rest(start); start+len(first) >= end {
		return first[:max(end-start, 0):max(end-start, 0)]
	}
	whole := make([]byte, 0, end-start)
	for piece := range t.pieces(start, end) {
		whole = append(whole, piece...)
	}
	return whole
}

// nextMarker returns the offset of the next line behind an offset that begins with a
// marker, or else the size of the text.
func (r *Reader) nextMarker(at int) int {
	for r.have(at) {
		rest := r.text.rest(at)
		if i := findMarker(rest); i < len(rest) {
			return at + i
		}
		// It may begin in this segment and end in the next, or just behind a line break.
		next := at + len(rest)
		for line := max(next-3, at+1); line <= next; line++ {
			if isBreak(r.text.rest(line - 1)[0]) && r.marker(line) != 0 {
				return line
			}
		}
		at = next
	}
	return at
}

// findMarker returns the offset of the next line behind the first that begins with a
// marker, or len(text); of the last four bytes it knows nothing. Of every three bytes it
// looks at one, because three equal ones cannot hide from that.
func findMarker(text []byte) int {
	for at := 1; at < len(text); at += 3 {
		c := text[at]
		if c != '-' && c != '.' {
			continue
		}
		start := at
		for start > at-2 && start > 0 && text[start-1] == c {
			start--
		}
		if start > 0 && isBreak(text[start-1]) && start+4 <= len(text) && yamldoc.Marker(text[start:]) != 0 {
			return start
		}
	}
	return len(text)
}

// marker returns '-' or '.' for the marker at an offset, which is that of a line, and 0
// where there is none.
func (r *Reader) marker(at int) byte {
	r.have(at + 3)
	return yamldoc.Marker(r.text.bytes(at, at+4))
}

// nextLine returns the offset of the line behind the one that holds an offset. LF, CRLF
// and CR end a line, as in YAML.
func (r *Reader) nextLine(at int) int {
	for r.have(at) {
		rest := r.text.rest(at)
		i := bytes.IndexAny(rest, "\r\n")
		if i < 0 {
			at += len(rest)
			continue
		}
		at += i + 1
		if rest[i] == '\r' && r.have(at) && r.text.rest(at)[0] == '\n' {
			at++
		}
		break
	}
	return at
}

// skipBlanks returns the offset of the next byte that is no blank.
func (r *Reader) skipBlanks(at int) int {
	for r.have(at) {
		rest := r.text.rest(at)
		trimmed := bytes.TrimLeft(rest, " \t")
		if at += len(rest) - len(trimmed); len(trimmed) > 0 {
			break
		}
	}
	return at
}

func isBreak(c byte) bool { return c == '\n' || c == '\r' }
