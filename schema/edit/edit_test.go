package edit_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/edit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

func encode(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err := enc.Encode(n)
	return b.Bytes(), err
}

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

func pair(key, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{scalar(key), scalar(value)}}
}

// TestRewrite changes trees in ways that environment variables do not need. What package
// envedit needs is tested there.
func TestRewrite(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		change   func(root *yaml.Node)
		want     string
	}{
		{"nothing", "a : {b:  c} # d\n", func(*yaml.Node) {}, "a : {b:  c} # d\n"},
		{"scalars in their own quotes", "a:  'b' # c\nd: [\"e\",f]\n", func(root *yaml.Node) {
			root.Content[1].Value, root.Content[3].Content[0].Value, root.Content[3].Content[1].Value = "it's", "\"", "g h"
		}, "a:  'it''s' # c\nd: [\"\\\"\",\"g h\"]\n"},
		{"pairs of a mapping", "a: b\n# c\nd: e # f\ng:\n  h: i\n", func(root *yaml.Node) {
			root.Content = slices.Concat(root.Content[:2], root.Content[4:], pair("j", "true").Content)
		}, "a: b\n# c\ng:\n  h: i\nj: \"true\"\n"},
		{"the first line behind a byte order mark", "\ufeffa: b\nc:   d\n", func(root *yaml.Node) {
			root.Content = slices.Concat(root.Content[2:], pair("e", "f").Content)
		}, "\ufeffc:   d\ne: f\n"},
		{"a new mapping below a key", "a:\n    b: c\n", func(root *yaml.Node) {
			inner := root.Content[1]
			inner.Content = append(inner.Content, scalar("d"), pair("e", "f"))
		}, "a:\n    b: c\n    d:\n      e: f\n"},
		{"another order, which is written anew", "a: b # c\nd:   e\n", func(root *yaml.Node) {
			root.Content = slices.Concat(root.Content[2:], root.Content[:2])
		}, "d: e\na: b # c\n"},
		{"another kind, which is written anew", "---\na: b\nc:   d\n", func(root *yaml.Node) { root.Content[1] = pair("e", "f") }, "---\na:\n  e: f\nc: d\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := yamldoc.Parse([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			change := func(root *yaml.Node) (*yaml.Node, error) { tt.change(root); return root, nil }
			out, err := edit.Rewrite(doc, change, encode)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(out)); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
		})
	}
}

// Neither an error of the change nor one of the encoder gives a document, nor what a parser
// reads otherwise than it was meant.
func TestRewriteErrors(t *testing.T) {
	cause := errors.New("no")
	for name, tt := range map[string]struct {
		change edit.Change
		encode edit.Encoder
	}{
		"change": {func(*yaml.Node) (*yaml.Node, error) { return nil, cause }, encode},
		"encode": {func(root *yaml.Node) (*yaml.Node, error) { return pair("c", "d"), nil }, func(*yaml.Node) ([]byte, error) { return nil, cause }},
		"verify": {func(root *yaml.Node) (*yaml.Node, error) { return pair("c", "d"), nil }, func(*yaml.Node) ([]byte, error) { return []byte("c: e\n"), nil }},
	} {
		doc, err := yamldoc.Parse([]byte("a: b\n"))
		if err != nil {
			t.Fatal(err)
		}
		if out, err := edit.Rewrite(doc, tt.change, tt.encode); err == nil {
			t.Errorf("%s: no error, but %q", name, out)
		}
	}
}
