// Package redact takes credentials out of the values that the chart prints into
// its own hook ConfigMap: a YAML document inside a string of another one.
package redact

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Marker is what stands where a credential stood; schema.Secret knows it.
const Marker = "[redacted]"

// MinLength is the length in bytes from which a text is taken for a credential
// wherever it stands. A shorter one could be any word.
const MinLength = 8

// Result is a document without the credentials.
type Result struct {
	Document []byte
	Count    int // of the scalars that were replaced
	// Left is set where a credential still is part of a longer text in the document.
	Left bool
}

// Values replaces credentials in the YAML text that is the scalar at path in doc:
// everything under the keys token and password of a block external-argo-cd.auth
// or integrations.argo-cd.server.auth, wherever it stands, and every other scalar
// that equals such a credential or one of known and is not shorter than
// MinLength. Nothing else changes; without any credential the document comes back
// as it is. The tree of doc must not be used afterwards. An error means that the text could not be read or not be changed
// safely; its message holds nothing out of the document.
func Values(doc *yamldoc.Document, path yamldoc.Path, known ...string) (Result, error) {
	r := Result{Document: doc.Text.Bytes()}
	scalar := path.Find(doc.Root)
	if scalar == nil || scalar.Kind != yaml.ScalarNode || scalar.Value == "" {
		return r, nil
	}
	values, err := yamldoc.Parse([]byte(scalar.Value))
	if err != nil {
		return r, fmt.Errorf("the text of its values %w", err)
	}
	found := find(values.Root, known)
	if r.Count = len(found.marked); r.Count > 0 {
		if r.Document, err = replace(doc, scalar, values, found.marked); err != nil {
			return r, err
		}
	}
	r.Left = slices.ContainsFunc(found.long(), func(c string) bool { return bytes.Contains(r.Document, []byte(c)) })
	return r, nil
}

// replace writes the marker over the marked scalars: in the lines of a literal
// block scalar, which stay as they are otherwise, or else by quoting the values anew.
func replace(doc *yamldoc.Document, scalar *yaml.Node, values *yamldoc.Document, marked []*yaml.Node) ([]byte, error) {
	spans := make([]span, 0, len(marked))
	for _, n := range marked {
		spans = append(spans, spanOf(values.Text, n))
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	text, ok := splice(values.Text.Bytes(), spans)
	if !ok {
		return nil, errors.New("the values in it are laid out in an unusual way")
	}
	for _, n := range marked {
		n.Value, n.Tag = Marker, "!!str"
	}
	if got, err := yamldoc.Parse(text); err != nil || !yamldoc.Equal(got.Root, values.Root) {
		return nil, errors.New("the values in it are laid out in an unusual way")
	}
	old := *scalar
	scalar.Value = string(text)
	if outer, ok := inLines(doc.Text, scalar, values.Text, spans); ok {
		if out, ok := splice(doc.Text.Bytes(), outer); ok && says(out, doc) {
			return out, nil
		}
	}
	whole := spanOf(doc.Text, &old)
	whole.text = yamldoc.Quote(string(text))
	if out, ok := splice(doc.Text.Bytes(), []span{whole}); ok && says(out, doc) {
		return out, nil
	}
	return nil, errors.New("it is laid out in an unusual way")
}

// says reports whether a text says what the tree of doc does by now, and leaves
// room for the next document if the old text did.
func says(out []byte, doc *yamldoc.Document) bool {
	if yamldoc.EndsLine(doc.Text.Bytes()) && !yamldoc.EndsLine(out) {
		return false
	}
	got, err := yamldoc.Parse(out)
	return err == nil && yamldoc.Equal(got.Root, doc.Root)
}

// span is a piece of a text and what replaces it.
type span struct {
	start, end int
	text       string
}

// spanOf returns the span of a scalar behind its properties.
func spanOf(t *yamldoc.Text, n *yaml.Node) span {
	start, end := t.Extent(n)
	return span{start, end, `"` + Marker + `"`}
}

// splice replaces sorted spans; they must not overlap.
func splice(data []byte, spans []span) ([]byte, bool) {
	var out []byte
	done := 0
	for _, s := range spans {
		if s.start < done || s.end < s.start || s.end > len(data) {
			return nil, false
		}
		out = append(append(out, data[done:s.start]...), s.text...)
		done = s.end
	}
	return append(out, data[done:]...), true
}

// inLines moves spans of the values to where they stand in the literal block
// scalar that holds the values: its lines are those of the values, indented.
func inLines(doc *yamldoc.Text, scalar *yaml.Node, values *yamldoc.Text, spans []span) ([]span, bool) {
	if scalar.Style&yaml.LiteralStyle == 0 {
		return nil, false
	}
	indent, ok := indentOf(doc, scalar.Line, values)
	if !ok {
		return nil, false
	}
	line := 1
	move := func(off int) int {
		for next := values.Offset(line+1, 1); next <= off && next < len(values.Bytes()); next = values.Offset(line+1, 1) {
			line++
		}
		return doc.Offset(scalar.Line+line, 1) + indent + off - values.Offset(line, 1)
	}
	moved := make([]span, 0, len(spans))
	for _, s := range spans {
		moved = append(moved, span{move(s.start), move(s.end), s.text})
	}
	return moved, true
}

// indentOf compares the first line that is not blank in both texts.
func indentOf(doc *yamldoc.Text, header int, values *yamldoc.Text) (int, bool) {
	for line := 1; ; line++ {
		start := values.Offset(line, 1)
		if start >= len(values.Bytes()) {
			return 0, false
		}
		inner := bytes.TrimRight(values.Bytes()[start:values.LineEnd(start)], "\r\n")
		if len(bytes.TrimSpace(inner)) == 0 {
			continue
		}
		from := doc.Offset(header+line, 1)
		outer := bytes.TrimRight(doc.Bytes()[from:doc.LineEnd(from)], "\r\n")
		return len(outer) - len(inner), bytes.HasSuffix(outer, inner)
	}
}
