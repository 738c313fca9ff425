package stream

import (
	"io"
	"iter"
	"slices"
)

// segmentSize is how much memory is read into at once. It fits the caches next to the
// processor.
const segmentSize = 256 << 10

// Text is a stretch of the stream, which lies in one piece of memory or in several. The
// zero Text is empty. Of the copies of a Text only one may be appended to.
type Text struct {
	first []byte // most documents lie in one piece, which costs no memory of its own
	more  [][]byte
	size  int
}

// Len returns the number of bytes.
func (t *Text) Len() int { return t.size }

// count returns the number of pieces, none of which is empty.
func (t *Text) count() int {
	if t.size == 0 {
		return 0
	}
	return 1 + len(t.more)
}

func (t *Text) piece(i int) []byte {
	if i == 0 {
		return t.first
	}
	return t.more[i-1]
}

// Append puts the text of u behind t. Where both adjoin in the stream it takes no memory.
func (t *Text) Append(u Text) {
	for i := range u.count() {
		t.add(u.piece(i))
	}
}

func (t *Text) add(p []byte) {
	if len(p) == 0 {
		return
	}
	last := &t.first
	if n := len(t.more); n > 0 {
		last = &t.more[n-1]
	}
	switch {
	case t.size == 0:
		t.first = p
	case adjoin(*last, p):
		*last = (*last)[:len(*last)+len(p)]
	default:
		t.more = append(t.more, p)
	}
	t.size += len(p)
}

// adjoin reports whether b follows a in memory.
func adjoin(a, b []byte) bool {
	return cap(a)-len(a) >= len(b) && &a[:len(a)+1][len(a)] == &b[0]
}

// Bytes returns the text as a whole, which must not be changed. It is copied, at every
// call, if it lies in several pieces.
func (t *Text) Bytes() []byte {
	if len(t.more) == 0 {
		return slices.Clip(t.first)
	}
	return slices.Concat(append([][]byte{t.first}, t.more...)...)
}

// EndsWith reports whether a byte is the last one.
func (t *Text) EndsWith(c byte) bool {
	if t.size == 0 {
		return false
	}
	last := t.piece(len(t.more))
	return last[len(last)-1] == c
}

// Views yields stretches of the text, such that every part of it that is not
// longer than longest stands as a whole in one of them. They are valid until the
// next one.
func (t *Text) Views(longest int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var seam []byte // the end of what was yielded
		for i := range t.count() {
			b := t.piece(i)
			if len(seam) > 0 {
				seam = append(seam, b[:min(longest-1, len(b))]...)
				if !yield(seam) {
					return
				}
			}
			if !yield(b) {
				return
			}
			if i == len(t.more) {
				return
			}
			if tail := max(len(b)-longest+1, 0); tail > 0 || len(seam) == 0 {
				seam = append(seam[:0], b[tail:]...)
			} else if cut := len(seam) - longest + 1; cut > 0 {
				seam = append(seam[:0], seam[cut:]...)
			}
		}
	}
}

// Documents yields the documents that a Reader returned and that were appended to
// another, without their numbers and lines.
func (t *Text) Documents(yield func(*Document) bool) {
	var d Document
	var scan scanner
	for i := range t.count() {
		for rest := t.piece(i); len(rest) > 0; {
			n, done := scan.feed(rest, i == len(t.more))
			if !done {
				n = len(rest) // no piece ends where it takes the next to tell
			}
			d.add(rest[:n])
			if rest = rest[n:]; !done {
				continue
			}
			d.empty = !scan.content
			if !yield(&d) {
				return
			}
			d, scan = Document{}, scanner{}
		}
	}
	if d.size > 0 {
		d.empty = !scan.content
		yield(&d)
	}
}

// WriteTo writes the text. A writer that takes less than it is given without
// saying why is an io.ErrShortWrite.
func (t *Text) WriteTo(w io.Writer) (written int64, err error) {
	for i := range t.count() {
		b := t.piece(i)
		n, err := w.Write(b)
		written += int64(n)
		if err == nil && n < len(b) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
