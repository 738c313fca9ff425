package export

import (
	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// mapping makes a mapping of keys, which are strings, and their values: nodes, strings or
// lists of nodes. A value that is nil is left out with its key.
func mapping(pairs ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(pairs); i += 2 {
		var value *yaml.Node
		switch v := pairs[i+1].(type) {
		case nil:
			continue
		case string:
			value = text(v)
		case []*yaml.Node:
			value = list(v...)
		default:
			value = v.(*yaml.Node)
		}
		m.Content = append(m.Content, text(pairs[i].(string)), value)
	}
	return m
}

// given is a value that a mapping leaves out where it is "".
func given(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func list(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

// text is a scalar that every reader takes for a string, those of YAML 1.1 included, for
// whom yes is a boolean: kustomize reads JSON patches in that way.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if _, isText := yamldoc.String(n); !isText {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// plain is a scalar that is no string.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

func null() *yaml.Node { return plain("null") }

// restyled copies a tree without the comments and the style of its document.
func restyled(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		return text(n.Value)
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	for _, c := range n.Content {
		out.Content = append(out.Content, restyled(c))
	}
	return out
}
