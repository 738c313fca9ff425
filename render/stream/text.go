package stream

import (
	"bytes"
	"io"
	"iter"
)

// segmentSize is how much is read at once. It fits the caches next to the
// processor, where what was read is searched and written again.
const segmentSize = 256 << 10

// segment is a stretch of memory that several texts share.
type segment struct {
	data []byte // what was read
	refs int    // of pieces, and of the reader while it reads into it
	home *pool
}

// pool keeps segments that nobody uses any more.
type pool struct{ free []*segment }

func (p *pool) get() *segment {
	if n := len(p.free); n > 0 {
		s := p.free[n-1]
		p.free = p.free[:n-1]
		s.data, s.refs = s.data[:0], 1
		return s
	}
	return &segment{data: make([]byte, 0, segmentSize), refs: 1, home: p}
}

func (s *segment) release() {
	if s.refs--; s.refs == 0 {
		s.home.free = append(s.home.free, s)
	}
}

// piece is a part of a text that lies in one segment.
type piece struct {
	seg      *segment
	from, to int
}

func (p piece) bytes() []byte { return p.seg.data[p.from:p.to:p.to] }

// Text is a stretch of the stream. The zero Text is empty. A Text that is copied
// is still one Text: only one of the copies may be appended to or released.
type Text struct {
	first piece // most documents lie in one piece, which costs no memory of its own
	more  []piece
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

func (t *Text) piece(i int) *piece {
	if i == 0 {
		return &t.first
	}
	return &t.more[i-1]
}

// Append puts the text of u behind t, and u may not be used any more. Where both
// adjoin in the stream it takes no memory.
func (t *Text) Append(u Text) {
	for i := range u.count() {
		t.add(*u.piece(i))
	}
}

// add takes over a piece and its reference.
func (t *Text) add(p piece) {
	n := t.count()
	t.size += p.to - p.from
	if n == 0 {
		t.first = p
		return
	}
	if last := t.piece(n - 1); last.seg == p.seg && last.to == p.from {
		last.to = p.to
		p.seg.release()
		return
	}
	t.more = append(t.more, p)
}

// Bytes returns the text as a whole. It must not be changed, and stays as it is
// until the text is released. It is copied, at every call, if it lies in several
// segments.
func (t *Text) Bytes() []byte {
	n := t.count()
	if n == 1 {
		return t.first.bytes()
	}
	whole := make([]byte, 0, t.size)
	for i := range n {
		whole = append(whole, t.piece(i).bytes()...)
	}
	return whole
}

// Views yields stretches of the text, such that every part of it that is not
// longer than longest stands as a whole in one of them. They are valid until the
// next one.
func (t *Text) Views(longest int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var seam []byte // the end of what was yielded
		for i := range t.count() {
			b := t.piece(i).bytes()
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

// Reader returns a reader of the text, which must not be released before.
func (t *Text) Reader() io.Reader {
	readers := make([]io.Reader, 0, t.count())
	for i := range t.count() {
		readers = append(readers, bytes.NewReader(t.piece(i).bytes()))
	}
	return io.MultiReader(readers...)
}

// WriteTo writes the text. A writer that takes less than it is given without
// saying why is an io.ErrShortWrite.
func (t *Text) WriteTo(w io.Writer) (written int64, err error) {
	for i := range t.count() {
		b := t.piece(i).bytes()
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

// Release gives the memory back to the Reader that the text came from, which will
// use it again. The text is empty afterwards, and what Bytes and Views returned
// must not be used any more. A text need not be released: then it is collected.
func (t *Text) Release() {
	for i := range t.count() {
		t.piece(i).seg.release()
	}
	*t = Text{}
}
