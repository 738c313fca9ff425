package envedit

import (
	"bytes"
	"errors"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/emit"
	"github.com/helm-runtime-auth/runtime-auth/schema/edit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// rewritten writes the document anew with the edits made: its separator, the
// comments on top and the document end as they were, the rest as an encoder puts
// it. Aliases are expanded if parts that are shared must change.
func rewritten(doc *yamldoc.Document, targets []Target, expand bool) ([]byte, error) {
	head, body, tail := cut(doc)
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
func cut(doc *yamldoc.Document) (head, body, tail []byte) {
	data := doc.Text.Bytes()
	at := doc.Text.Offset(doc.Root.Line, 1)
	head, body = data[:at:at], data[at:]
	if separator := []byte("---"); bytes.HasPrefix(body, separator) && doc.Root.Column > len(separator) {
		head, body = append(append(head, separator...), eolOf(data)...), body[len(separator):]
	}
	text := bytes.TrimRight(body, "\r\n")
	at = bytes.LastIndexAny(text, "\r\n") + 1
	if line := text[at:]; bytes.HasPrefix(line, []byte("...")) && isComment(line[3:]) {
		return head, body[:at], body[at:]
	}
	return head, body, nil
}

// isComment reports whether there is nothing but a comment, or nothing at all.
func isComment(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
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
	out, err := emit.YAML(root)
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
