package envedit

import (
	"bytes"
	"errors"

	"go.yaml.in/yaml/v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/edit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// rewritten writes the document anew with the edits made: its separator, the
// comments on top and the document end as they were, the rest as an encoder puts
// it. Aliases are expanded if parts that are shared must change.
func rewritten(doc *yamldoc.Document, targets []Target, expand bool) ([]byte, error) {
	head, body, tail := cut(doc.Text.Bytes())
	inner, err := yamldoc.Parse(body)
	if err != nil || !yamldoc.Equal(inner.Root, doc.Root) {
		return nil, errors.New("no way was found to edit it in place or to write it anew")
	}
	root := inner.Root
	if expand {
		if root, err = yamldoc.Expand(root); err != nil {
			return nil, err
		}
	}
	want, err := edited(root, targets)
	if err != nil {
		return nil, err
	}
	for _, comments := range []bool{true, false} {
		if !comments { // an encoder may put one where it breaks the document
			dropComments(want)
		}
		out, err := encode(want, eolOf(doc.Text.Bytes()))
		if err != nil {
			continue
		}
		out = bytes.Join([][]byte{head, out, tail}, nil)
		if edit.Verify(out, want) == nil {
			return withoutBreak(doc, out, want), nil
		}
	}
	return nil, errors.New("no way was found to edit it in place or to write it anew")
}

// cut divides a document: what stands in front of its content, with a line end
// behind it; the content; and the document end. Where content follows on the
// separator's own line, it is moved to the next.
func cut(data []byte) (head, body, tail []byte) {
	at := 0
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		at = 3
	}
	body = data
	for at < len(data) {
		end := lineEnd(data, at)
		line := bytes.TrimRight(data[at:end], " \t\r\n")
		switch {
		case isMarker(line) && !isComment(line[3:]):
			head = append(bytes.Clone(data[:at+3]), eolOf(data)...)
			return cutTail(head, data[at+3:])
		case isMarker(line), isComment(line), line[0] == '%':
			at = end
		default:
			return cutTail(data[:at], data[at:])
		}
	}
	return data, nil, nil
}

// cutTail takes the document end off the body, if that is its last line.
func cutTail(head, data []byte) (_, body, tail []byte) {
	text := bytes.TrimRight(data, "\r\n")
	at := bytes.LastIndexAny(text, "\r\n") + 1
	if line := text[at:]; bytes.HasPrefix(line, []byte("...")) && isComment(line[3:]) {
		return head, data[:at], data[at:]
	}
	return head, data, nil
}

// isMarker reports whether a line without its break is a separator.
func isMarker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || line[3] == ' ' || line[3] == '\t')
}

// isComment reports whether there is nothing but a comment, or nothing at all.
func isComment(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
}

// lineEnd returns the offset behind the line at an offset; LF, CRLF and CR end it.
func lineEnd(data []byte, at int) int {
	i := bytes.IndexAny(data[at:], "\r\n")
	if i < 0 {
		return len(data)
	}
	at += i + 1
	if data[at-1] == '\r' && at < len(data) && data[at] == '\n' {
		at++
	}
	return at
}

// eolOf returns the line end of a document: that of its first line.
func eolOf(data []byte) string {
	if i := bytes.IndexByte(data, '\n'); i > 0 && data[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// encode writes a tree with the given line ends.
func encode(root *yaml.Node, eol string) ([]byte, error) {
	out, err := yamldoc.Encode(root)
	if err != nil {
		return nil, err
	}
	out = bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(out, []byte("\n"), []byte(eol)), nil
}

func dropComments(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, c := range n.Content {
		dropComments(c)
	}
}
