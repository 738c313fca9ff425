package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
)

// DefaultMaxDocument is the size in bytes of the largest document that a Reader
// accepts unless told otherwise. The API server takes no request above 3 MiB, so
// that what is bigger than this is no manifest at all.
const DefaultMaxDocument = 256 << 20

// bom may stand in front of a document.
const bom = "\ufeff"

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

// Reader yields the documents of a stream one at a time, and keeps what it has read.
type Reader struct {
	in   io.Reader
	err  error // of in, which nothing is read from any more
	max  int
	text text

	at, index, line int // the next document
}

// NewReader returns a Reader of in. A document larger than maxDocument bytes is
// an error; zero or less means DefaultMaxDocument.
func NewReader(in io.Reader, maxDocument int) *Reader {
	if maxDocument <= 0 {
		maxDocument = DefaultMaxDocument
	}
	r := &Reader{in: in, max: maxDocument, text: text{each: segmentSize}}
	r.Rewind()
	return r
}

// Of returns a Reader of a stream that is there as a whole.
func Of(data []byte) *Reader {
	r := &Reader{err: io.EOF, max: math.MaxInt, text: text{segments: [][]byte{data}, each: len(data), size: len(data)}}
	r.Rewind()
	return r
}

// Rewind goes back to the first document.
func (r *Reader) Rewind() { r.at, r.index, r.line = 0, 1, 1 }

// Next returns the next document. Behind the last one it returns io.EOF; before
// that a *TooLargeError, or the reader's own error as it came.
func (r *Reader) Next() (Document, error) {
	d := Document{Index: r.index, Line: r.line, Start: r.at, text: &r.text}
	d.End, d.empty = r.end(r.at)
	switch {
	case d.End-d.Start > r.max:
		return Document{}, &TooLargeError{Index: d.Index, Line: d.Line, Max: r.max}
	case d.End == r.text.size && r.err != nil && !errors.Is(r.err, io.EOF):
		return Document{}, r.err
	case d.End == d.Start:
		return Document{}, io.EOF
	}
	r.at, r.index = d.End, r.index+1
	for piece := range r.text.pieces(d.Start, d.End) {
		r.line += bytes.Count(piece, []byte("\n"))
	}
	return d, nil
}

// end returns where the document that begins at an offset ends, and whether there is
// nothing in it but markers, directives and comments. A `---` line ends a document that
// has begun, with another one or with content; in front of content it belongs to it, as do
// the directives and comments before it. A `...` line ends any: a parser would not accept
// it in front of a document.
func (r *Reader) end(at int) (end int, empty bool) {
	if r.have(at + len(bom) - 1); string(r.text.bytes(at, at+len(bom))) == bom {
		at += len(bom)
	}
	empty = true
	for begun := false; ; {
		line, marker := at, r.marker(at)
		switch {
		case marker == '-' && begun:
			return at, empty
		case marker == '.':
			return r.nextLine(at), empty
		case marker == '-':
			at += len("---")
			begun = true
		}
		at = r.skipBlanks(at)
		if !r.have(at) {
			return at, empty
		}
		switch c := r.text.rest(at)[0]; {
		case isBreak(c), c == '#', c == '%' && at == line && !begun:
			at = r.nextLine(at)
		default:
			empty, begun = false, true
			at = r.nextMarker(at)
		}
	}
}

// have reads until there is a byte at an offset. It reports whether there is: it gives up
// where the stream ends, and where the document is too large anyway.
func (r *Reader) have(at int) bool {
	for r.text.size <= at && r.err == nil && r.text.size-r.at <= r.max {
		r.fill()
	}
	return at < r.text.size
}

// fill reads more.
func (r *Reader) fill() {
	t := &r.text
	if t.size == len(t.segments)*t.each {
		t.segments = append(t.segments, make([]byte, 0, t.each))
	}
	last := &t.segments[len(t.segments)-1]
	for range 100 { // a reader may return nothing a few times, not for ever
		n, err := r.in.Read((*last)[len(*last):t.each])
		*last = (*last)[:len(*last)+n]
		t.size += n
		if r.err = err; err != nil || n > 0 {
			return
		}
	}
	r.err = io.ErrNoProgress
}

// LineEnd returns the line end of the first line of what was read.
func (r *Reader) LineEnd() string {
	for at := 0; at < r.text.size; {
		at = r.nextLine(at)
		switch end := string(r.text.bytes(max(at-2, 0), at)); {
		case end == "\r\n":
			return end
		case end[len(end)-1] == '\n':
			return "\n"
		}
	}
	return "\n"
}

// Replacement is what stands in the place of a document.
type Replacement struct {
	Document
	By []byte
}

// Write writes what was read, with some documents replaced, in their order. What is
// appended begins on a line of its own.
func (r *Reader) Write(w io.Writer, replaced []Replacement, appended string) error {
	size := r.text.size
	if appended != "" && !bytes.HasSuffix(r.text.bytes(max(size-1, 0), size), []byte("\n")) {
		appended = r.LineEnd() + appended
	}
	at := 0
	for _, d := range append(replaced, Replacement{Document{Start: size}, []byte(appended)}) {
		for piece := range r.text.pieces(at, d.Start) {
			if _, err := bytes.NewReader(piece).WriteTo(w); err != nil { // which knows short writes
				return err
			}
		}
		if _, err := bytes.NewReader(d.By).WriteTo(w); err != nil {
			return err
		}
		at = d.End
	}
	return nil
}

// Split returns the documents of a whole stream.
func Split(data []byte) (docs [][]byte) {
	for r := Of(data); ; {
		d, err := r.Next()
		if err != nil {
			return docs
		}
		docs = append(docs, d.Bytes())
	}
}
