package envedit

import (
	"errors"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// site is the place of a target's edits in a tree.
type site struct {
	target    Target
	container *yaml.Node
	key, env  *yaml.Node // nil where the container has no env
	plan      plan
}

// find locates a target and plans its edits.
func find(root *yaml.Node, t Target) (*site, error) {
	s := &site{target: t, container: t.Container.Find(root)}
	if s.container == nil || s.container.Kind != yaml.MappingNode {
		return nil, errors.New("there is no such container")
	}
	if pair, found := yamldoc.Lookup(s.container, "env"); found {
		s.key, s.env = pair.Key, yamldoc.Resolve(pair.Value)
	}
	if !isEmpty(s.env) && s.env.Kind != yaml.SequenceNode {
		return nil, errors.New("its env is not a list")
	}
	s.plan = newPlan(yamldoc.Items(s.env), t.Edits)
	return s, nil
}

// isEmpty reports whether there is no entry in env: nothing, null, [] or {}.
func isEmpty(env *yaml.Node) bool {
	return yamldoc.IsNull(env) || env.Kind != yaml.ScalarNode && len(env.Content) == 0
}

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
	if root != nil {
		walk(root)
	}
	return nodes
}

// contains reports whether one of nodes stands in a tree.
func contains(root *yaml.Node, nodes map[*yaml.Node]bool) bool {
	if nodes[root] {
		return true
	}
	for _, c := range root.Content {
		if contains(c, nodes) {
			return true
		}
	}
	return false
}

// edit makes the planned edits in the tree, in a container that shares nothing.
func (s *site) edit() {
	if !s.plan.changes() {
		return
	}
	env := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if s.env != nil && s.env.Kind == yaml.SequenceNode {
		env = s.env
	}
	old := env.Content
	env.Content = make([]*yaml.Node, 0, len(s.plan.steps))
	for _, step := range s.plan.steps {
		env.Content = append(env.Content, step.node(old))
	}
	if len(env.Content) == 0 || len(old) == 0 {
		env.Style &^= yaml.FlowStyle // [] is written so anyway
	}
	s.put(env)
}

// put makes env the value of the container's key env.
func (s *site) put(env *yaml.Node) {
	c := s.container
	for i := 0; i+1 < len(c.Content); i += 2 {
		if c.Content[i] == s.key {
			env.Anchor = c.Content[i+1].Anchor
			c.Content[i+1] = env
			return
		}
	}
	c.Content = slices.Insert(c.Content, s.slot(), text("env"), env)
}

// slot returns the index in the container at which a new key goes: behind the merge
// key that brings an env; or behind its name, where the chart has it and a line surely
// ends; in flow style, first.
func (s *site) slot() int {
	c := s.container
	if s.key != nil {
		return lastMerge(c) + 2
	}
	if c.Style&yaml.FlowStyle != 0 {
		return 0
	}
	for i := 0; i+1 < len(c.Content); i += 2 {
		if c.Content[i].Value == "name" && c.Content[i+1].Kind == yaml.ScalarNode {
			return i + 2
		}
	}
	return 0
}
