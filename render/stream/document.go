package stream

import (
	"bytes"
	"slices"
)

// Document is one document of a stream: its separator line, its directives and
// comments, its content, and the `...` line that ends it, where there are any. It
// parses by itself, separator and byte order mark included.
type Document struct {
	Text
	// Index counts the documents of the stream, empty ones included, from 1.
	Index int
	// Line is the line of the stream on which the document begins, from 1; lines
	// are counted as editors do, by LF.
	Line int

	empty bool
}

// IsEmpty reports whether the document holds nothing but markers, directives,
// comments and blank lines. Helm leaves such documents for templates that
// rendered to nothing, and for the Secrets that --hide-secret suppressed.
func (d *Document) IsEmpty() bool { return d.empty }

func (d *Document) lines() (n int) {
	for i := range d.count() {
		n += bytes.Count(d.piece(i), []byte("\n"))
	}
	return n
}

// Source returns the template that a `# Source:` comment in front of the content
// names, "" where there is none. Helm 3 writes one into every document.
func (d *Document) Source() string {
	rest := bytes.TrimPrefix(d.Bytes(), []byte(bom))
	for len(rest) > 0 {
		line := rest[:endOfLine(rest, 0)]
		rest = rest[min(len(line)+1, len(rest)):]
		if marker, _ := markerAt(line, true); marker == '-' {
			line = line[3:]
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
	text := slices.Concat([]byte(other), doc, []byte(other))
	b := bounds{line: len(doc) > 0 && isBreak(doc[len(doc)-1])}
	for len(text) > 0 {
		n, _ := new(scanner).feed(text, true)
		b.opens = b.opens || b.count == 0 && string(text[:n]) == other
		b.ends = string(text[:n]) == other && b.count > 0
		b.count++
		text = text[n:]
	}
	return b
}
