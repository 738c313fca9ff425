package yamldoc

import (
	"iter"

	"gopkg.in/yaml.v3"
)

// Pair is a key and its value as they stand in a mapping.
type Pair struct {
	Key, Value *yaml.Node
	// Merged is set where they stand in another mapping, which a merge key (<<) pulls in.
	Merged bool
}

// Resolve returns the node that n stands for: n itself, or what it is an alias of.
// It returns nil for nil.
func Resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// Get returns the value that the API server would see under key in a mapping,
// aliases followed; nil where there is none or m is no mapping.
func Get(m *yaml.Node, key string) *yaml.Node {
	p, _ := Lookup(m, key)
	return Resolve(p.Value)
}

// GetPath is Get for each of keys in turn.
func GetPath(m *yaml.Node, keys ...string) *yaml.Node {
	for _, k := range keys {
		m = Get(m, k)
	}
	return m
}

// Lookup finds the pair that decides what the API server sees under key.
func Lookup(m *yaml.Node, key string) (Pair, bool) {
	for p := range Pairs(Resolve(m)) {
		if k := Resolve(p.Key); k.Kind == yaml.ScalarNode && k.Value == key {
			return p, true
		}
	}
	return Pair{}, false
}

// Pairs yields the pairs of a mapping, and those that merge keys pull into it, the
// strongest first: of pairs with the same key the first is in force.
func Pairs(m *yaml.Node) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		// The values of merge keys may be many times the same one, which counts where it
		// is strongest, and even contain themselves.
		var seen map[*yaml.Node]bool
		pairs(m, false, &seen, yield)
	}
}

// pairs and mergedPairs report whether to go on.
func pairs(m *yaml.Node, merged bool, seen *map[*yaml.Node]bool, yield func(Pair) bool) bool {
	if m == nil || m.Kind != yaml.MappingNode {
		return true
	}
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		k, v := m.Content[i], m.Content[i+1]
		if IsMerge(Resolve(k)) {
			if !mergedPairs(v, seen, yield) {
				return false
			}
		} else if !yield(Pair{Key: k, Value: v, Merged: merged}) {
			return false
		}
	}
	return true
}

// mergedPairs takes the value of a merge key: a mapping, or a sequence of mappings of
// which earlier ones win.
func mergedPairs(v *yaml.Node, seen *map[*yaml.Node]bool, yield func(Pair) bool) bool {
	if v = Resolve(v); (*seen)[v] {
		return true
	}
	if *seen == nil {
		*seen = map[*yaml.Node]bool{}
	}
	(*seen)[v] = true
	if v.Kind != yaml.SequenceNode {
		return pairs(v, true, seen, yield)
	}
	for _, c := range v.Content {
		if !mergedPairs(c, seen, yield) {
			return false
		}
	}
	return true
}

// IsMerge reports whether a key is the merge key. Quoted it is an ordinary key.
func IsMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && key.ShortTag() == "!!merge"
}

// IsNull reports whether n is missing or null.
func IsNull(n *yaml.Node) bool {
	n = Resolve(n)
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// Scalar returns the text of a scalar that is not null, whatever its type.
func Scalar(n *yaml.Node) (string, bool) {
	if n = Resolve(n); IsNull(n) || n.Kind != yaml.ScalarNode {
		return "", false
	}
	return n.Value, true
}

// Items returns the entries of a sequence, aliases not yet followed; none where
// n is no sequence.
func Items(n *yaml.Node) []*yaml.Node {
	if n = Resolve(n); n != nil && n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return nil
}

// String returns a scalar that the API server reads as a string: not a number, nor
// a word that is a boolean in YAML 1.1 (go.yaml.in/yaml/v2, resolve.go).
func String(n *yaml.Node) (string, bool) {
	n = Resolve(n)
	if n == nil || n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		return "", false
	}
	explicit := yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle
	if n.Style&explicit == 0 && isBool(n.Value) {
		return "", false
	}
	return n.Value, true
}
