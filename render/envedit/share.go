package envedit

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
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

// isShared reports whether a target cannot be edited without changing what other parts of
// the document share with it: it is what others have aliases of, or is reached through one.
// A container or an env that is an alias itself, or an env that comes through a merge key,
// gets a copy of its own. shared are the nodes that aliases stand for.
func (s *site) isShared(root *yaml.Node, shared map[*yaml.Node]bool) bool {
	list, index := s.list()
	plain := true
	items := yamldoc.Items(list.Walk(root, func(n *yaml.Node, merged bool) {
		plain = plain && !merged && n.Kind != yaml.AliasNode && !shared[n]
	}))
	if !plain || index >= len(items) || shared[items[index]] {
		return true
	}
	pair, found := yamldoc.Lookup(s.container, "env")
	switch {
	case items[index].Kind == yaml.AliasNode, !found, s.isBorrowed(pair):
		return false
	case pair.Merged || shared[pair.Value]:
		return true
	}
	return slices.ContainsFunc(yamldoc.Items(s.env), func(n *yaml.Node) bool {
		return contains(n, shared) && slices.ContainsFunc(s.target.Edits, func(e Edit) bool { return e.isOf(n) })
	})
}

// isBorrowed reports whether the container's env is an alias, or comes through a merge key.
func (s *site) isBorrowed(env yamldoc.Pair) bool {
	return env.Merged && !s.hasKey("env") || !env.Merged && env.Value.Kind == yaml.AliasNode
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

// edit makes the edits in a tree. A copy takes the place of what is an alias.
func (s *site) edit(root *yaml.Node) error {
	path, index := s.list()
	items := path.Find(root).Content
	if alias := items[index]; alias.Kind == yaml.AliasNode {
		own, err := copied(s.container)
		if err != nil {
			return err
		}
		items[index] = own
		if s, err = find(root, s.target); err != nil {
			return err
		}
		s.editEnv()
		own.Style &^= yaml.FlowStyle
		own.Line, own.Column = alias.Line, alias.Column
		return nil
	}
	if pair, found := yamldoc.Lookup(s.container, "env"); found && s.isBorrowed(pair) {
		own, err := copied(s.env)
		if err != nil {
			return err
		}
		own.Style &^= yaml.FlowStyle
		s.put(own)
		s.env = own
	}
	s.editEnv()
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
