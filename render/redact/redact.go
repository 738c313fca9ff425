// Package redact takes credentials out of the values that the chart prints into
// its own hook ConfigMap: a YAML document inside a string of another one.
package redact

import (
	"bytes"
	"errors"
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/edit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

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
	for c := range found.credentials {
		r.Left = r.Left || len(c) >= MinLength && c != auth.Redacted && bytes.Contains(r.Document, []byte(c))
	}
	return r, nil
}

// replace writes the marker over the marked scalars: in the lines of a literal
// block scalar, which stay as they are otherwise, or else by quoting the values anew.
func replace(doc *yamldoc.Document, scalar *yaml.Node, values *yamldoc.Document, marked []*yaml.Node) ([]byte, error) {
	var inner []edit.Splice
	for _, n := range marked {
		start, end := values.Text.Extent(n)
		inner = append(inner, edit.Splice{Start: start, End: end, Text: `"` + auth.Redacted + `"`})
	}
	for _, n := range marked {
		n.Value, n.Tag = auth.Redacted, "!!str"
	}
	text, err := edit.Apply(values, inner, values.Root)
	if err != nil {
		return nil, errors.New("the values in it are laid out in an unusual way")
	}
	start, end := doc.Text.Extent(scalar)
	scalar.Value = string(text)
	if lines, ok := inLines(doc.Text, scalar, values.Text, inner); ok {
		if out, err := edit.Apply(doc, lines, doc.Root); err == nil {
			return out, nil
		}
	}
	out, err := edit.Apply(doc, []edit.Splice{{Start: start, End: end, Text: yamldoc.Quote(string(text))}}, doc.Root)
	if err != nil {
		return nil, errors.New("it is laid out in an unusual way")
	}
	return out, nil
}

// inLines moves splices of the values to where they stand in the scalar that holds the
// values, if that is a literal block.
func inLines(doc *yamldoc.Text, scalar *yaml.Node, values *yamldoc.Text, inner []edit.Splice) ([]edit.Splice, bool) {
	var moved []edit.Splice
	for _, s := range inner {
		start, ok := doc.Outside(scalar, values, s.Start)
		end, ok2 := doc.Outside(scalar, values, s.End)
		if !ok || !ok2 {
			return nil, false
		}
		moved = append(moved, edit.Splice{Start: start, End: end, Text: s.Text})
	}
	return moved, true
}
