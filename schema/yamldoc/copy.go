package yamldoc

import "gopkg.in/yaml.v3"

// Equal reports whether two trees say the same: kinds, tags, values, anchors and
// aliases, and the order of entries. Styles and comments do not count.
func Equal(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || a.Value != b.Value || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind != yaml.AliasNode && a.ShortTag() != b.ShortTag() {
		return false
	}
	for i := range a.Content {
		if !Equal(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// Clone copies a tree; aliases in the copy point into the copy.
func Clone(root *yaml.Node) *yaml.Node {
	copies := map[*yaml.Node]*yaml.Node{}
	var aliases []*yaml.Node
	var clone func(n *yaml.Node) *yaml.Node
	clone = func(n *yaml.Node) *yaml.Node {
		c := *n
		if n.Kind == yaml.AliasNode {
			aliases = append(aliases, &c)
		} else if n.Anchor != "" {
			copies[n] = &c
		}
		c.Content = make([]*yaml.Node, len(n.Content))
		for i, child := range n.Content {
			c.Content[i] = clone(child)
		}
		return &c
	}
	root = clone(root)
	for _, a := range aliases {
		if c := copies[a.Alias]; c != nil {
			a.Alias = c
		}
	}
	return root
}
