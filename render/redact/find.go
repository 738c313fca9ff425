package redact

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// search collects the scalars of the values that hold credentials.
type search struct {
	marked      []*yaml.Node
	isMarked    map[*yaml.Node]bool
	credentials map[string]bool
	seen        map[visit]bool
}

// visit is a node on the way to which these were the last keys: aliases lead to
// the same node on many ways.
type visit struct {
	node *yaml.Node
	keys string
}

// blocks are the endings of the paths at which the chart's generations read the
// auth block (0.18 to 0.25; 0.26 and newer).
func blocks() []string {
	return []string{".external-argo-cd.auth", ".integrations.argo-cd.server.auth"}
}

// find returns what must be replaced in the values.
func find(root *yaml.Node, known []string) *search {
	s := &search{isMarked: map[*yaml.Node]bool{}, credentials: map[string]bool{}, seen: map[visit]bool{}}
	for _, k := range known {
		s.credentials[k] = true
	}
	if root != nil {
		s.blocks(root, nil)
		s.equal(root)
	}
	return s
}

// long returns the credentials that are recognised anywhere.
func (s *search) long() []string {
	var long []string
	for c := range s.credentials {
		if len(c) >= MinLength && c != Marker {
			long = append(long, c)
		}
	}
	return long
}

// blocks walks to every auth block, through aliases and merge keys.
func (s *search) blocks(n *yaml.Node, trail []string) {
	n = yamldoc.Resolve(n)
	if len(trail) > 4 {
		trail = trail[len(trail)-4:]
	}
	path := "." + strings.Join(trail, ".")
	if v := (visit{n, path}); s.seen[v] {
		return
	} else {
		s.seen[v] = true
	}
	isBlock := slices.ContainsFunc(blocks(), func(b string) bool { return strings.HasSuffix(path, b) })
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			s.blocks(c, trail)
		case i%2 == 0:
		case yamldoc.IsMerge(yamldoc.Resolve(n.Content[i-1])):
			s.blocks(c, trail)
		default:
			key := yamldoc.Resolve(n.Content[i-1]).Value
			if isBlock && (key == "token" || key == "password") {
				s.all(c, map[*yaml.Node]bool{})
			}
			s.blocks(c, append(slices.Clip(trail), key))
		}
	}
}

// all marks every scalar of a tree.
func (s *search) all(n *yaml.Node, seen map[*yaml.Node]bool) {
	if n = yamldoc.Resolve(n); seen[n] {
		return
	}
	seen[n] = true
	if n.Kind == yaml.ScalarNode {
		s.mark(n)
	}
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			s.all(c, seen)
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
	if n.Value == "" || n.Value == Marker || yamldoc.IsNull(n) || s.isMarked[n] {
		return
	}
	s.isMarked[n] = true
	s.credentials[n.Value] = true
	s.marked = append(s.marked, n)
}
