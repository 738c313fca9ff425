package values

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
	helmyaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/schema/values/syntax"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// scalar resolves a scalar as sigs.k8s.io/yaml does for Helm: by YAML 1.1, so that
// an unquoted yes is a boolean and 0123 a number, and through JSON, so that every
// number is a float64.
func (b *builder) scalar(n *yaml.Node) *Value {
	span := b.span(n)
	return scalarOf(b.resolve(n), Value{Body: span})
}

// scalarOf returns v as a scalar with that data.
func scalarOf(data any, v Value) *Value {
	v.Scalar = data
	switch data.(type) {
	case nil:
		v.Kind = Null
	case bool:
		v.Kind = Bool
	case string:
		v.Kind = String
	default: // float64 from files and JSON, int64 from --set
		v.Kind = Number
	}
	return &v
}

func (b *builder) resolve(n *yaml.Node) any {
	if n.Style&yaml.TaggedStyle == 0 {
		if n.Style != 0 || !looksTyped(n.Value) || b.bareTag(n) {
			return n.Value
		}
		if data, ok := common(n.Value); ok {
			return data
		}
	}
	var doc struct {
		V any `json:"v"`
	}
	if err := helmyaml.Unmarshal([]byte("v: "+scalarText(n)+"\n"), &doc); err != nil {
		b.fail(n, "helm cannot read this value; put it in quotes", "")
	}
	return doc.V
}

// bareTag reports whether the scalar carries the tag "!", which makes it a string
// and which the parser does not report.
func (b *builder) bareTag(n *yaml.Node) bool {
	text, at := b.source.Text.Bytes(), b.source.Text.Offset(n.Line, n.Column)
	if n.Anchor != "" {
		at = min(at+len("&")+len(n.Anchor), len(text))
		at += yamldoc.Indent(text[at:])
	}
	return at < len(text) && text[at] == '!'
}

// scalarText writes a scalar so that the other parser sees what stands in the file.
func scalarText(n *yaml.Node) string {
	text := n.Value
	if n.Style&^yaml.TaggedStyle != 0 || strings.ContainsAny(text, "\n\t") || text == "" {
		quoted, _ := json.Marshal(text) // a string always marshals
		text = string(quoted)
	}
	if n.Style&yaml.TaggedStyle != 0 {
		text = n.Tag + " " + text
	}
	return text
}

// looksTyped reports whether a plain scalar could be anything but a string. These words and
// first characters are the ones that YAML 1.1 resolves further.
func looksTyped(text string) bool {
	switch {
	case text == "":
		return true
	case strings.IndexByte("nNyYtTfFoO", text[0]) >= 0:
		return yamldoc.IsWord(text)
	}
	return strings.IndexByte("+-.0123456789~", text[0]) >= 0 && !strings.ContainsAny(text, "\n ")
}

// common resolves without a second parser what nearly every scalar is.
func common(text string) (data any, ok bool) {
	switch text {
	case "", "~", "null":
		return nil, true
	case "true":
		return true, true
	case "false":
		return false, true
	}
	if len(text) > 15 || text[0] < '1' || text[0] > '9' {
		return nil, false
	}
	i, err := strconv.ParseInt(text, 10, 64)
	return float64(i), err == nil
}

// keyName returns the name that Helm gives a key: keys that are numbers, booleans
// or null are turned into text.
func (b *builder) keyName(key *yaml.Node) (name string, ok bool) {
	if key = yamldoc.Resolve(key); key.Kind != yaml.ScalarNode {
		// Nearly always it is {{ … }}, which YAML reads as a mapping inside a mapping.
		data, at := b.source.Text.Bytes(), b.source.Text.Offset(key.Line, key.Column)
		if bytes.HasPrefix(data[max(at-1, 0):], []byte("{{")) || bytes.HasPrefix(data[at:], []byte("{{")) {
			b.fail(key, syntax.TemplateMessage, syntax.TemplateHint)
		}
		b.fail(key, "helm takes only plain text for a key", "") // which is left out after another
		return "", false
	}
	if key.Style&yaml.TaggedStyle == 0 && (key.Style != 0 || !looksTyped(key.Value)) {
		return key.Value, true
	}
	var doc map[string]any
	if err := helmyaml.Unmarshal([]byte("? "+scalarText(key)+"\n: 0\n"), &doc); err != nil || len(doc) != 1 {
		b.fail(key, "helm cannot read this key; put it in quotes", "")
		return "", false
	}
	for name := range doc {
		return name, true
	}
	return "", false
}
