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
}

// find locates a target.
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
	return s, nil
}

// isEmpty reports whether there is no entry in env: nothing, null, [] or {}.
func isEmpty(env *yaml.Node) bool {
	return yamldoc.IsNull(env) || env.Kind != yaml.ScalarNode && len(env.Content) == 0
}

// editEnv makes the edits in the tree, in a container that shares nothing.
func (s *site) editEnv() {
	env := s.env
	if isEmpty(env) {
		env = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		if s.container.Line > 0 { // it is not new itself
			env.Style = s.container.Style & yaml.FlowStyle
		}
	}
	sorted := isSorted(env.Content)
	for i := range s.target.Edits {
		env.Content = s.target.Edits[i].in(env.Content, sorted)
	}
	s.put(env)
}

// changes reports whether there is anything to do.
func (s *site) changes() bool {
	return slices.ContainsFunc(s.target.Edits, func(e Edit) bool {
		return !e.Remove || slices.ContainsFunc(yamldoc.Items(s.env), e.isOf)
	})
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
	slot := s.slot()
	s.key = text("env")
	c.Content = slices.Insert(c.Content, slot, s.key, env)
}

// slot returns the index in the container at which a new key goes: behind the merge
// key that brings an env; or behind its name, where the chart has it and a line surely
// ends; in flow style, first.
func (s *site) slot() int {
	c := s.container
	if s.key != nil {
		slot := 0
		for i := 0; i+1 < len(c.Content); i += 2 {
			if yamldoc.IsMerge(c.Content[i]) {
				slot = i + 2
			}
		}
		return slot
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
