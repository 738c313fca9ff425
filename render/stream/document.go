package stream

import (
	"bytes"
	"io"
	"strings"
)

// Document is one document of a stream: its separator line, its directives and
// comments, its content, and the `...` line that ends it, where there are any.
type Document struct {
	// Raw holds every byte of the document. It parses by itself, separator and
	// byte order mark included. It shares memory with its neighbours and must not
	// be changed, but it stays as it is while the stream is read on.
	Raw []byte
	// Index counts the documents of the stream, empty ones included, from 1.
	Index int
	// Line is the line of the stream on which the document begins, from 1; lines
	// are counted as editors do, by LF.
	Line int
}

// IsEmpty reports whether the document holds nothing but markers, directives,
// comments and blank lines. Helm leaves such documents for templates that
// rendered to nothing, and for the Secrets that --hide-secret suppressed.
func (d Document) IsEmpty() bool {
	rest := bytes.TrimPrefix(d.Raw, []byte(bom))
	for len(rest) > 0 {
		var line []byte
		line, rest = cutLine(rest)
		if isMarker(line, "---") || isMarker(line, "...") {
			line = line[3:]
		} else if line[0] == '%' {
			continue
		}
		if line = bytes.Trim(line, " \t\r\n"); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// Source returns the template that a `# Source:` comment in front of the content
// names, "" where there is none. Helm 3 writes one into every document.
func (d Document) Source() string {
	rest := bytes.TrimPrefix(d.Raw, []byte(bom))
	for len(rest) > 0 {
		var line []byte
		line, rest = cutLine(rest)
		if isMarker(line, "---") {
			line = line[3:]
		}
		line = bytes.Trim(line, " \t\r\n")
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
	return bytes.Equal(old, edited) || boundsOf(old) == boundsOf(edited)
}

// bounds is what a document does between two others.
type bounds struct {
	opens, ends, line bool // it is apart from the one before; from the one after; its last line is whole
	count             int  // of documents, of which there should be one
}

func boundsOf(doc []byte) bounds {
	const other = "other\n"
	var raw []string
	for r := NewReader(io.MultiReader(strings.NewReader(other), bytes.NewReader(doc), strings.NewReader(other)), len(doc)+1024); ; {
		d, err := r.Next()
		if err != nil {
			break
		}
		raw = append(raw, string(d.Raw))
	}
	last := len(doc) - 1
	return bounds{
		opens: raw[0] == other,
		ends:  raw[len(raw)-1] == other && len(raw) > 1,
		line:  last >= 0 && (doc[last] == '\n' || doc[last] == '\r'),
		count: len(raw),
	}
}

// bom may stand in front of a document.
const bom = "\ufeff"

// cutLine returns the first line of a text that is not empty, its line break
// included, and the rest. LF, CRLF and CR end a line, as in YAML.
func cutLine(text []byte) (line, rest []byte) {
	end := bytes.IndexByte(text, '\n') + 1
	if end == 0 {
		end = len(text)
	}
	if cr := bytes.IndexByte(text[:end], '\r'); cr >= 0 && cr+1 < end && text[cr+1] != '\n' {
		end = cr + 1
	}
	return text[:end], text[end:]
}

// isMarker reports whether a line is the document marker, alone or with something
// behind it.
func isMarker(line []byte, marker string) bool {
	if !bytes.HasPrefix(line, []byte(marker)) {
		return false
	}
	if len(line) == len(marker) {
		return true
	}
	c := line[len(marker)]
	return c == ' ' || c == '\t' || c == '\r' || c == '\n'
}
