package yamldoc

import (
	"errors"

	"go.yaml.in/yaml/v3"
)

// maxExpanded bounds a document whose aliases are expanded. It is far above any
// manifest, and keeps nested aliases from growing without end.
const maxExpanded = 1 << 18

// Expand copies a tree with every alias replaced by what it stands for and every
// merge key by the pairs it pulls in, so that no part of the copy is shared. It
// fails where an anchor contains itself, where a merge key stands for no mapping,
// and where the result would be enormous.
func Expand(root *yaml.Node) (*yaml.Node, error) {
	return (&expansion{open: map[*yaml.Node]bool{}}).node(root)
}

type expansion struct {
	open  map[*yaml.Node]bool // the anchored nodes that are being expanded
	count int
}

func (e *expansion) node(n *yaml.Node) (*yaml.Node, error) {
	if e.count++; e.count > maxExpanded {
		return nil, errors.New("its aliases expand to too much")
	}
	if n.Kind == yaml.AliasNode {
		return e.node(n.Alias)
	}
	if n.Anchor != "" {
		if e.open[n] {
			return nil, errors.New("an anchor in it contains itself")
		}
		e.open[n] = true
		defer delete(e.open, n)
	}
	c := *n
	c.Anchor, c.Content = "", make([]*yaml.Node, 0, len(n.Content))
	if n.Kind == yaml.MappingNode {
		return &c, e.mapping(&c, n)
	}
	for _, child := range n.Content {
		x, err := e.node(child)
		if err != nil {
			return nil, err
		}
		c.Content = append(c.Content, x)
	}
	return &c, nil
}

// mapping fills c with the pairs of m. Duplicate keys stay as they are unless a
// merge is involved, which would otherwise add some.
func (e *expansion) mapping(c, m *yaml.Node) error {
	merged := map[string]bool{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k, v := m.Content[i], m.Content[i+1]
		if IsMerge(Resolve(k)) {
			if err := e.merge(c, v, merged); err != nil {
				return err
			}
			continue
		}
		key, err := e.node(k)
		if err != nil {
			return err
		}
		value, err := e.node(v)
		if err != nil {
			return err
		}
		if key.Kind == yaml.ScalarNode && merged[key.Value] {
			drop(c, key.Value)
		}
		c.Content = append(c.Content, key, value)
	}
	return nil
}

// merge appends to c what a merge key pulls in, and notes the keys. What stands
// in c by now is beaten.
func (e *expansion) merge(c, v *yaml.Node, merged map[string]bool) error {
	sources := []*yaml.Node{v}
	if r := Resolve(v); r.Kind == yaml.SequenceNode {
		sources = r.Content
	}
	for i := len(sources) - 1; i >= 0; i-- { // the first one wins
		x, err := e.node(sources[i])
		if err != nil {
			return err
		}
		if x.Kind != yaml.MappingNode {
			return errors.New("a merge key in it stands for no mapping")
		}
		for i := 0; i+1 < len(x.Content); i += 2 {
			if k := x.Content[i]; k.Kind == yaml.ScalarNode {
				merged[k.Value] = true
				drop(c, k.Value)
			}
			c.Content = append(c.Content, x.Content[i], x.Content[i+1])
		}
	}
	return nil
}

// drop takes the pairs with the given scalar key out of a mapping.
func drop(m *yaml.Node, key string) {
	kept := m.Content[:0]
	for i := 0; i+1 < len(m.Content); i += 2 {
		if k := m.Content[i]; k.Kind != yaml.ScalarNode || k.Value != key {
			kept = append(kept, k, m.Content[i+1])
		}
	}
	m.Content = kept
}
