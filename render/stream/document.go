package stream

import (
	"bytes"
	"iter"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Document is one document of a stream: its separator line, its directives and
// comments, its content, and the `...` line that ends it, where there are any. It
// parses by itself, separator and byte order mark included.
type Document struct {
	// Index counts the documents of the stream, empty ones included, from 1.
	Index int
	// Line is the line of the stream on which the document begins, from 1; lines
	// are counted as editors do, by LF.
	Line int
	// Start and End are its offsets in the stream.
	Start, End int

	text  *text
	empty bool
}

// IsEmpty reports whether the document holds nothing but markers, directives,
// comments and blank lines. Helm leaves such documents for templates that
// rendered to nothing, and for the Secrets that --hide-secret suppressed.
func (d Document) IsEmpty() bool { return d.empty }

// Len returns the number of bytes.
func (d Document) Len() int { return d.End - d.Start }

// Bytes returns the document as a whole, which must not be changed. It is copied, at
// every call, if it lies in several segments.
func (d Document) Bytes() []byte {
	if d.text == nil {
		return nil
	}
	return d.text.bytes(d.Start, d.End)
}

// Views yields stretches of the document, such that every part of it that is not longer
// than longest stands as a whole in one of them.
func (d Document) Views(longest int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		at := d.Start
		for piece := range d.text.pieces(d.Start, d.End) {
			seam := at > d.Start && !yield(d.text.bytes(max(at-longest+1, d.Start), min(at+longest-1, d.End)))
			if seam || !yield(piece) {
				return
			}
			at += len(piece)
		}
	}
}

// Source returns the template that a `# Source:` comment in front of the content
// names, "" where there is none. Helm 3 writes one into every document.
func (d Document) Source() string {
	isBreak := func(c rune) bool { return c == '\n' || c == '\r' }
	for line := range bytes.FieldsFuncSeq(bytes.TrimPrefix(d.Bytes(), []byte(bom)), isBreak) {
		if yamldoc.Marker(line) == '-' {
			line = line[len("---"):]
		}
		line = bytes.Trim(line, " \t")
		if source, found := bytes.CutPrefix(line, []byte("# Source: ")); found {
			return string(bytes.TrimSpace(source))
		}
		if len(line) > 0 && line[0] != '#' && line[0] != '%' {
			break
		}
	}
	return ""
}

// SameBounds reports whether a document can stand in the place of another: whether
// it is as well separated from what comes before and after it. A document that
// was edited must not swallow its neighbours.
func SameBounds(old, edited []byte) bool {
	if bytes.Equal(old, edited) {
		return true
	}
	before, after := boundsOf(old), boundsOf(edited)
	before.line = before.line || after.line // it does no harm that a last line is whole now
	return before == after
}

// bounds is what a document does between two others.
type bounds struct {
	opens, ends, line bool // it is apart from the one before; from the one after; its last line is whole
	count             int  // of documents, of which there should be one
}

func boundsOf(doc []byte) bounds {
	const other = "other\n"
	docs := Split(slices.Concat([]byte(other), doc, []byte(other)))
	return bounds{
		opens: string(docs[0]) == other,
		ends:  string(docs[len(docs)-1]) == other && len(docs) > 1,
		line:  len(doc) > 0 && isBreak(doc[len(doc)-1]),
		count: len(docs),
	}
}
