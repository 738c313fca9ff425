package yamldoc

import (
	"errors"
	"fmt"

	"gopkg.in/yaml.v3"
)

// The limits of what is parsed. They are far above every manifest that the API
// server takes, and keep a document from costing more than it is worth: a tree
// takes some 20 times the memory of its text, and much more where that is made of
// nothing but brackets.
const (
	// MaxSize is the largest document in bytes. The API server takes no request
	// above 3 MiB (k8s.io/apiserver, MaxRequestBodyBytes).
	MaxSize = 4 << 20
	// MaxDepth is how deep lists and mappings may stand in each other, aliases
	// followed.
	MaxDepth = 1000
	// MaxNodes is how many nodes there may be when every alias is replaced by what
	// it stands for. sigs.k8s.io/yaml refuses less, if most of it are aliases
	// (go.yaml.in/yaml/v2, decode.go, allowedAliasRatio).
	MaxNodes = 1 << 20
)

// exceeds returns an error about a limit that is exceeded from a line of the document on, 0
// if that is not known.
func exceeds(line int, limit string, most int) error {
	message := fmt.Sprintf(limit, most)
	if line > 0 {
		message += fmt.Sprintf(", from its line %d on", line)
	}
	return errors.New(message)
}

func tooDeep(line int) error { return exceeds(line, "is nested deeper than %d levels", MaxDepth) }

// measure refuses a tree that is too deep, or too large when its aliases are expanded.
func measure(root *yaml.Node) error {
	_, err := (&meter{anchored: map[*yaml.Node]extent{}}).node(root, 1)
	return err
}

// extent is the extent of a node with its aliases expanded.
type extent struct {
	nodes, depth int
	open         bool // it is being measured
}

// meter measures every node once, however many aliases it has.
type meter struct{ anchored map[*yaml.Node]extent }

func (m *meter) node(n *yaml.Node, level int) (extent, error) {
	if n.Kind == yaml.AliasNode {
		e := m.anchored[n.Alias]
		if e.open {
			return e, fmt.Errorf("holds an anchor that contains itself, on its line %d", n.Line)
		}
		return e, check(e, n, level)
	}
	if n.Anchor != "" {
		m.anchored[n] = extent{open: true}
	}
	e := extent{nodes: 1, depth: 1}
	if err := check(e, n, level); err != nil {
		return e, err
	}
	for _, c := range n.Content {
		x, err := m.node(c, level+1)
		if err != nil {
			return e, err
		}
		e.nodes, e.depth = e.nodes+x.nodes, max(e.depth, x.depth+1)
		if err := check(e, c, level); err != nil {
			return e, err
		}
	}
	if n.Anchor != "" {
		m.anchored[n] = e
	}
	return e, nil
}

// check compares the extent of a node that stands on a level, and says where it
// grew too large: at the node c.
func check(e extent, c *yaml.Node, level int) error {
	switch {
	case level+e.depth-1 > MaxDepth:
		return tooDeep(c.Line)
	case e.nodes > MaxNodes:
		return exceeds(c.Line, "holds more than %d nodes, its aliases expanded", MaxNodes)
	}
	return nil
}
