package redact

import (
	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// search collects the scalars of the values that hold credentials.
type search struct {
	places      [][]string // of auth blocks, below global
	marked      []*yaml.Node
	isMarked    map[*yaml.Node]bool
	credentials map[string]bool
}

// find returns what must be replaced in the values.
func find(root *yaml.Node, known []string) *search {
	s := &search{isMarked: map[*yaml.Node]bool{}, credentials: map[string]bool{}}
	for _, path := range auth.BlockPaths() {
		s.places = append(s.places, path[1:])
	}
	for _, k := range known {
		s.credentials[k] = true
	}
	if root != nil {
		s.blocks(root)
		s.equal(root)
	}
	return s
}

// blocks marks what is in the auth blocks below every node of a tree.
func (s *search) blocks(n *yaml.Node) {
	for _, c := range n.Content {
		s.blocks(c)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, path := range s.places {
		found := map[*yaml.Node]bool{n: true}
		for _, key := range path {
			found = under(found, key)
		}
		for _, field := range []string{"token", "password"} {
			for credential := range under(found, field) {
				s.all(credential)
			}
		}
	}
}

// under returns what is under a key in some nodes or in the items of those that are lists,
// through aliases and merge keys, all of it where the key is there more than once.
func under(nodes map[*yaml.Node]bool, key string) map[*yaml.Node]bool {
	found := map[*yaml.Node]bool{}
	for n := range nodes {
		for _, m := range append(yamldoc.Items(n), n) {
			for p := range yamldoc.Pairs(yamldoc.Resolve(m)) {
				if yamldoc.Resolve(p.Key).Value == key {
					found[yamldoc.Resolve(p.Value)] = true
				}
			}
		}
	}
	return found
}

// all marks every scalar of a tree.
func (s *search) all(n *yaml.Node) {
	if n = yamldoc.Resolve(n); n.Kind == yaml.ScalarNode {
		s.mark(n)
	}
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			s.all(c)
		}
	}
}

// equal marks every scalar that is a credential known by now. The fields of a
// reference and their like stay: somebody's password may be "password", which is
// also the key of the chart's default Secret.
func (s *search) equal(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && len(n.Value) >= MinLength && s.credentials[n.Value] {
		s.mark(n)
	}
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 && !isNameKey(n.Content[i-1]) {
			s.equal(c)
		}
	}
}

// isNameKey reports whether what stands under a key names something.
func isNameKey(key *yaml.Node) bool {
	switch yamldoc.Resolve(key).Value {
	case "type", "name", "key", "username":
		return true
	}
	return false
}

func (s *search) mark(n *yaml.Node) {
	if n.Value == "" || n.Value == auth.Redacted || yamldoc.IsNull(n) || s.isMarked[n] {
		return
	}
	s.isMarked[n] = true
	s.credentials[n.Value] = true
	s.marked = append(s.marked, n)
}
