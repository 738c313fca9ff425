// Package emit writes YAML as kubectl and kustomize do, and turns nodes into those of
// kyaml, which has a fork of gopkg.in/yaml.v3, and back.
package emit

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
)

// YAML writes a tree, or a value that is tagged for it. The items of a sequence stand in the
// column of its key, for which gopkg.in/yaml.v3 has no option; kyaml's fork of it has.
func YAML(v any) ([]byte, error) {
	if n, ok := v.(*yaml.Node); ok {
		v = ToKyaml(n)
	}
	var b bytes.Buffer
	enc := kyaml.NewEncoder(&b)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode document: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("encode document: %w", err)
	}
	return b.Bytes(), nil
}

// ToKyaml copies a tree into kyaml's type of nodes. Aliases point into the copy.
func ToKyaml(n *yaml.Node) *kyaml.Node {
	done := map[*yaml.Node]*kyaml.Node{}
	var turn func(n *yaml.Node) *kyaml.Node
	turn = func(n *yaml.Node) *kyaml.Node {
		if n == nil || done[n] != nil {
			return done[n]
		}
		c := &kyaml.Node{
			Kind: kyaml.Kind(n.Kind), Style: kyaml.Style(n.Style), Tag: n.Tag, Value: n.Value, Anchor: n.Anchor,
			HeadComment: n.HeadComment, LineComment: n.LineComment, FootComment: n.FootComment, Line: n.Line, Column: n.Column,
		}
		done[n] = c
		c.Alias = turn(n.Alias)
		for _, child := range n.Content {
			c.Content = append(c.Content, turn(child))
		}
		return c
	}
	return turn(n)
}

// FromKyaml is ToKyaml the other way round.
func FromKyaml(n *kyaml.Node) *yaml.Node {
	done := map[*kyaml.Node]*yaml.Node{}
	var turn func(n *kyaml.Node) *yaml.Node
	turn = func(n *kyaml.Node) *yaml.Node {
		if n == nil || done[n] != nil {
			return done[n]
		}
		c := &yaml.Node{
			Kind: yaml.Kind(n.Kind), Style: yaml.Style(n.Style), Tag: n.Tag, Value: n.Value, Anchor: n.Anchor,
			HeadComment: n.HeadComment, LineComment: n.LineComment, FootComment: n.FootComment, Line: n.Line, Column: n.Column,
		}
		done[n] = c
		c.Alias = turn(n.Alias)
		for _, child := range n.Content {
			c.Content = append(c.Content, turn(child))
		}
		return c
	}
	return turn(n)
}
