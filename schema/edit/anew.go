package edit

import (
	"bytes"
	"errors"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Anew writes the document anew with a change made: its separator, the comments on top and
// the document end as they were, the rest as an encoder puts it.
func Anew(doc *yamldoc.Document, change Change, encode Encoder) ([]byte, error) {
	noWay := errors.New("no way was found to edit it in place or to write it anew")
	head, body, tail := cut(doc)
	inner, err := yamldoc.Parse(body)
	if err != nil || !yamldoc.Equal(inner.Root, doc.Root) {
		return nil, noWay
	}
	want, err := change(inner.Root)
	if err != nil {
		return nil, err
	}
	for _, comments := range []bool{true, false} {
		if !comments { // an encoder may put one where it breaks the document
			want = bare(want)
		}
		lines, err := encoded(want, encode)
		if err != nil {
			continue
		}
		eol := doc.Text.Break(0)
		out := bytes.Join([][]byte{head, []byte(strings.Join(lines, eol) + eol), tail}, nil)
		if verify(out, want) == nil {
			return withoutBreak(doc, out, want), nil
		}
	}
	return nil, noWay
}

// cut divides a document: what stands in front of its content, with a line end
// behind it; the content; and the document end. Where content follows on the
// separator's own line, it is moved to the next.
func cut(doc *yamldoc.Document) (head, body, tail []byte) {
	data := doc.Text.Bytes()
	at := doc.Text.Offset(doc.Root.Line, 1)
	head, body = data[:at:at], data[at:]
	if separator := []byte("---"); bytes.HasPrefix(body, separator) && doc.Root.Column > len(separator) {
		head, body = append(append(head, separator...), doc.Text.Break(0)...), body[len(separator):]
	}
	at = bytes.LastIndexAny(bytes.TrimRight(body, "\r\n"), "\r\n") + 1
	if comment, isEnd := bytes.CutPrefix(bytes.TrimRight(body[at:], " \t\r\n"), []byte("...")); isEnd {
		if comment = bytes.TrimSpace(comment); len(comment) == 0 || comment[0] == '#' {
			return head, body[:at], body[at:]
		}
	}
	return head, body, nil
}

// encoded returns the lines of a node as an encoder puts them.
func encoded(n *yaml.Node, encode Encoder) ([]string, error) {
	out, err := encode(n)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(strings.ReplaceAll(string(out), "\r\n", "\n"), "\n")
	return strings.Split(text, "\n"), nil
}

// bare returns a copy of a tree without its comments.
func bare(root *yaml.Node) *yaml.Node {
	var drop func(n *yaml.Node)
	drop = func(n *yaml.Node) {
		n.HeadComment, n.LineComment, n.FootComment = "", "", ""
		for _, c := range n.Content {
			drop(c)
		}
	}
	root = yamldoc.Clone(root)
	drop(root)
	return root
}
