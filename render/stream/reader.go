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

// Reader yields the documents of a stream one at a time.
type Reader struct {
	in  io.Reader
	max int
	eof bool

	seg   []byte // what is being read into
	start int    // what stands in front of it belongs to documents

	index, line int
}

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
	d := Document{Index: r.index + 1, Line: r.line}
	var scan scanner
	for {
		done := r.take(&d, &scan)
		if d.size > r.max {
			return Document{}, &TooLargeError{Index: d.Index, Line: d.Line, Max: r.max}
		}
		if done || r.eof {
			break
		}
		if err := r.fill(); err != nil {
			return Document{}, err
		}
	}
	if d.size == 0 {
		return Document{}, io.EOF
	}
	d.empty = !scan.content
	r.index++
	r.line += d.lines()
	return d, nil
}

// take moves what surely belongs to the document into it, and reports whether that
// was its end.
func (r *Reader) take(d *Document, scan *scanner) (done bool) {
	n, done := scan.feed(r.seg[r.start:], r.eof)
	d.add(r.seg[r.start : r.start+n])
	r.start += n
	return done
}

// fill reads more, into new memory if there is no room in the old. What was read and
// not yet taken, which is less than a marker, moves along.
func (r *Reader) fill() error {
	if cap(r.seg)-len(r.seg) < segmentSize/16 {
		r.seg, r.start = append(make([]byte, 0, segmentSize), r.seg[r.start:]...), 0
	}
	for range 100 { // a reader may return nothing a few times, not for ever
		at := len(r.seg)
		n, err := r.in.Read(r.seg[at:cap(r.seg)])
		r.seg = r.seg[:at+n]
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

// Split returns the documents of a whole stream. Errors are those of Next.
func Split(text []byte) (docs [][]byte, _ error) {
	for r := NewReader(bytes.NewReader(text), 0); ; {
		doc, err := r.Next()
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc.Bytes())
	}
}
