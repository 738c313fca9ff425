package yamldoc

import (
	"errors"
	"slices"

	"gopkg.in/yaml.v3"
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

// mapping fills c with the pairs of m. Duplicate keys stay as they are unless there is a
// merge key, which may add some.
func (e *expansion) mapping(c, m *yaml.Node) error {
	merges, err := hasMerge(m)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for p := range Pairs(m) {
		if k := Resolve(p.Key); merges && k.Kind == yaml.ScalarNode {
			if taken[k.Value] {
				continue
			}
			taken[k.Value] = true
		}
		for _, n := range []*yaml.Node{p.Value, p.Key} {
			x, err := e.node(n)
			if err != nil {
				return err
			}
			c.Content = append(c.Content, x)
		}
	}
	slices.Reverse(c.Content)
	return nil
}

// hasMerge reports whether a mapping has a merge key. It refuses one that stands for
// anything but a mapping or a list of them.
func hasMerge(m *yaml.Node) (has bool, err error) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if !IsMerge(Resolve(m.Content[i])) {
			continue
		}
		has = true
		sources := m.Content[i+1 : i+2]
		if v := Resolve(sources[0]); v.Kind == yaml.SequenceNode {
			sources = v.Content
		}
		if slices.ContainsFunc(sources, func(s *yaml.Node) bool { return Resolve(s).Kind != yaml.MappingNode }) {
			return true, errors.New("a merge key in it stands for no mapping")
		}
	}
	return has, nil
}
