package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// DefaultMaxDocument is the size in bytes of the largest document that a Reader
// accepts unless told otherwise. The API server takes no request above 3 MiB, so
// that what is bigger than this is no manifest at all.
const DefaultMaxDocument = 256 << 20

// TooLargeError is returned by Next for a document that exceeds the limit.
type TooLargeError struct {
	Index int // of the document, from 1
	Line  int // of the stream, on which it begins
	Max   int // the limit, in bytes
}

// Error names the document and the limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("document %d (line %d) is larger than %d bytes", e.Index, e.Line, e.Max)
}

// Reader yields the documents of a stream one at a time. It holds no more of the
// stream than the document it works on, and a chunk.
type Reader struct {
	in  io.Reader
	max int
	eof bool

	// buf[start:] is what was read and not yet returned. Bytes before start belong
	// to documents that were handed out, so they are never written again: where
	// there is no room behind, the rest moves to a new buffer.
	buf   []byte
	start int

	index, line int
	scan        scanner
}

// chunk is how much is read, and at least allocated, at once.
const chunk = 64 << 10

// NewReader returns a Reader of in. A document larger than maxDocument bytes is
// an error; zero or less means DefaultMaxDocument.
func NewReader(in io.Reader, maxDocument int) *Reader {
	if maxDocument <= 0 {
		maxDocument = DefaultMaxDocument
	}
	return &Reader{in: in, max: maxDocument, line: 1}
}

// Next returns the next document. Behind the last one it returns io.EOF; before
// that a *TooLargeError, or the reader's own error as it came.
func (r *Reader) Next() (Document, error) {
	r.scan = scanner{}
	for {
		n := r.scan.end(r.buf[r.start:], r.eof)
		if n > r.max || n == 0 && len(r.buf)-r.start > r.max {
			return Document{}, &TooLargeError{Index: r.index + 1, Line: r.line, Max: r.max}
		}
		if n > 0 {
			return r.take(n), nil
		}
		if r.eof {
			return Document{}, io.EOF
		}
		if err := r.fill(); err != nil {
			return Document{}, err
		}
	}
}

// take hands out the first n bytes.
func (r *Reader) take(n int) Document {
	raw := r.buf[r.start : r.start+n : r.start+n]
	r.start += n
	r.index++
	d := Document{Raw: raw, Index: r.index, Line: r.line}
	r.line += bytes.Count(raw, []byte("\n"))
	return d
}

// fill reads more, making room first.
func (r *Reader) fill() error {
	if len(r.buf) == cap(r.buf) {
		rest := r.buf[r.start:]
		grown := make([]byte, len(rest), max(chunk, 2*len(rest)))
		copy(grown, rest)
		r.buf, r.start = grown, 0
	}
	for range 100 { // a reader may return nothing a few times, not for ever
		n, err := r.in.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if errors.Is(err, io.EOF) {
			r.eof = true
			return nil
		}
		if err != nil || n > 0 {
			return err
		}
	}
	return io.ErrNoProgress
}
