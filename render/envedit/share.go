package envedit

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// way is how a target can be edited without changing what other parts of the
// document share with it.
type way uint8

const (
	inPlace      way = iota // its nodes are its own
	ownEnv                  // env is an alias, or comes through a merge key: it gets a list of its own
	ownContainer            // the container is an alias, which a container of its own replaces
	anew                    // it is what others have aliases of, or is reached through one
)

// aliased returns the nodes that aliases stand for.
func aliased(root *yaml.Node) map[*yaml.Node]bool {
	nodes := map[*yaml.Node]bool{}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode {
			nodes[n.Alias] = true
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(root)
	return nodes
}

// contains reports whether one of nodes stands in a tree.
func contains(root *yaml.Node, nodes map[*yaml.Node]bool) bool {
	return nodes[root] || slices.ContainsFunc(root.Content, func(c *yaml.Node) bool { return contains(c, nodes) })
}

// wayTo finds the way to a site. shared are the nodes that aliases stand for.
func (s *site) wayTo(root *yaml.Node, shared map[*yaml.Node]bool) way {
	list, index := s.list()
	plain := true
	items := yamldoc.Items(list.Walk(root, func(n *yaml.Node, merged bool) {
		plain = plain && !merged && n.Kind != yaml.AliasNode && !shared[n]
	}))
	switch {
	case !plain || index >= len(items) || shared[items[index]]:
		return anew
	case items[index].Kind == yaml.AliasNode:
		return ownContainer
	}
	return s.wayToEnv(shared)
}

func (s *site) wayToEnv(shared map[*yaml.Node]bool) way {
	pair, found := yamldoc.Lookup(s.container, "env")
	switch {
	case !found:
		return inPlace
	case pair.Merged && !s.hasKey("env"), !pair.Merged && pair.Value.Kind == yaml.AliasNode:
		return ownEnv
	case pair.Merged || shared[pair.Value]:
		return anew
	}
	for _, n := range yamldoc.Items(s.env) {
		if contains(n, shared) && slices.ContainsFunc(s.target.Edits, func(e Edit) bool { return e.isOf(n) }) {
			return anew
		}
	}
	return inPlace
}

// hasKey reports whether the container itself has a key.
func (s *site) hasKey(text string) bool {
	for i := 0; i+1 < len(s.container.Content); i += 2 {
		if k := yamldoc.Resolve(s.container.Content[i]); k.Kind == yaml.ScalarNode && k.Value == text {
			return true
		}
	}
	return false
}

// list returns the path of the list in which the container stands, and its index.
func (s *site) list() (yamldoc.Path, int) {
	n := len(s.target.Container) - 1
	index, _ := s.target.Container[n].(int)
	return s.target.Container[:n], index
}

// detach makes the edits in a tree, on a copy of the env or the container that takes the
// place of the alias.
func (s *site) detach(root *yaml.Node, w way) error {
	path, index := s.list()
	items := path.Find(root).Content
	alias, from := items[index], s.env
	if w == ownContainer {
		from = s.container
	}
	own, err := copied(from)
	if err != nil {
		return err
	}
	if w == ownContainer {
		items[index] = own
	} else {
		s.put(own)
	}
	if s, err = find(root, s.target); err != nil {
		return err
	}
	s.edit()
	own.Style &^= yaml.FlowStyle
	if w == ownContainer {
		own.Line, own.Column = alias.Line, alias.Column
	}
	return nil
}

// copied returns a copy of a tree that shares nothing, as a new one.
func copied(root *yaml.Node) (*yaml.Node, error) {
	own, err := yamldoc.Expand(root)
	if err != nil {
		return nil, err
	}
	var fresh func(n *yaml.Node)
	fresh = func(n *yaml.Node) {
		n.Line, n.Column = 0, 0
		n.HeadComment, n.LineComment, n.FootComment = "", "", ""
		for _, c := range n.Content {
			fresh(c)
		}
	}
	fresh(own)
	return own, nil
}
