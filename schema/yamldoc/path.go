package yamldoc

import "gopkg.in/yaml.v3"

// Path leads from a document's root to one of its nodes: a string is a key of a
// mapping, an int an index of a sequence.
type Path []any

// At returns p with steps added. The result shares nothing with p.
func (p Path) At(steps ...any) Path {
	return append(p[:len(p):len(p)], steps...)
}

// Walk calls visit for every node on the way, the root and the last one included,
// with aliases not yet followed. It returns the last node, aliases followed, or
// nil where the path leads nowhere.
func (p Path) Walk(root *yaml.Node, visit func(n *yaml.Node, merged bool)) *yaml.Node {
	n, merged := root, false
	for _, step := range p {
		visit(n, merged)
		merged = false
		switch step := step.(type) {
		case string:
			pair, found := Lookup(n, step)
			if !found {
				return nil
			}
			n, merged = pair.Value, pair.Merged
		case int:
			items := Items(n)
			if step < 0 || step >= len(items) {
				return nil
			}
			n = items[step]
		}
	}
	visit(n, merged)
	return Resolve(n)
}

// Find returns the node that the path leads to, aliases followed, or nil.
func (p Path) Find(root *yaml.Node) *yaml.Node {
	return p.Walk(root, func(*yaml.Node, bool) {})
}
