package mask

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// walk collects what is hidden in a document.
type walk struct {
	masker *Masker
	root   *yaml.Node
	text   *yamldoc.Text
	depth  int // how many documents this one stands inside of

	spans   []span
	values  []string // what is hidden, if it is one line
	scalars []span   // all of them, hidden or not: what is in one is no comment
	hidden  map[visit]bool
}

// visit is a node that was hidden, alone or with everything below.
type visit struct {
	node *yaml.Node
	deep bool
}

func newWalk(m *Masker, doc *yamldoc.Document) *walk {
	return &walk{masker: m, root: doc.Root, text: doc.Text, hidden: map[visit]bool{}}
}

func (w *walk) document() {
	if w.root != nil {
		w.visit(w.root, "")
	}
	w.comments()
}

func (w *walk) sorted() []span {
	slices.SortFunc(w.spans, func(a, b span) int { return a.start - b.start })
	return w.spans
}

// visit looks at what stands under a key. Aliases are not followed: what they stand
// for is visited in its own place, and in theirs only where the key says more of it.
func (w *walk) visit(n *yaml.Node, key string) {
	switch n.Kind {
	case yaml.ScalarNode:
		w.scalar(n, key)
	case yaml.AliasNode:
		if redact.Speaks(key) {
			w.hide(n.Alias, false)
		}
	case yaml.SequenceNode:
		w.sequence(n, key)
	case yaml.MappingNode:
		w.mapping(n, key)
	}
}

// sequence looks at the items of a list, and for a flag with its value behind it.
func (w *walk) sequence(n *yaml.Node, key string) {
	isValue := false
	for _, item := range n.Content {
		text, isText := yamldoc.Scalar(item)
		if isValue && isText {
			w.hide(item, false)
		}
		isValue = isText && w.masker.flag.MatchString(text) && redact.Speaks(text)
		w.visit(item, key)
	}
}

func (w *walk) mapping(m *yaml.Node, key string) {
	kind, _ := yamldoc.Scalar(yamldoc.Get(m, "kind"))
	name, named := yamldoc.Scalar(yamldoc.Get(m, "name"))
	for _, p := range pairs(m, map[*yaml.Node]bool{}) {
		field := yamldoc.Resolve(p.Key).Value
		switch value, _ := yamldoc.Scalar(p.Value); {
		case kind == "Secret" && (field == "data" || field == "stringData"):
			w.hide(p.Value, true)
		case named && field == "value" && w.masker.Env(name, value),
			(isRef(key) && (field == "name" || field == "key") || key == "auth" && field == "username") && !w.masker.MayShow(value),
			// Whatever else stands in the auth block of values may be a misspelt field.
			key == "auth" && field != "type" && field != "username":
			w.hide(p.Value, false)
		}
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k, v := m.Content[i], m.Content[i+1]
		field := yamldoc.Resolve(k).Value
		if k.Kind == yaml.ScalarNode {
			w.scalar(k, "")
		}
		if named && field == "value" && v.Kind == yaml.ScalarNode {
			field = "" // judged by the name above
		}
		w.visit(v, field)
	}
}

// isRef reports whether a key refers to an entry of a Secret or a ConfigMap: secretKeyRef,
// or tokenSecretKeyRef in values.
func isRef(key string) bool { return strings.HasSuffix(strings.ToLower(key), "keyref") }

// pairs returns the pairs of a mapping and those that it merges, duplicates included.
func pairs(m *yaml.Node, seen map[*yaml.Node]bool) []yamldoc.Pair {
	if m = yamldoc.Resolve(m); m == nil || seen[m] {
		return nil
	}
	seen[m] = true
	var found []yamldoc.Pair
	for i, c := range m.Content {
		switch {
		case m.Kind == yaml.SequenceNode: // of mappings, behind a merge key
			found = append(found, pairs(c, seen)...)
		case m.Kind != yaml.MappingNode || i%2 == 0:
		case yamldoc.IsMerge(yamldoc.Resolve(m.Content[i-1])):
			found = append(found, pairs(c, seen)...)
		default:
			found = append(found, yamldoc.Pair{Key: m.Content[i-1], Value: c})
		}
	}
	return found
}

// hide hides a scalar, the scalars of a list, and, with deep, those below the keys of
// a mapping. Aliases are followed.
func (w *walk) hide(n *yaml.Node, deep bool) {
	n = yamldoc.Resolve(n)
	if v := (visit{n, deep}); w.hidden[v] {
		return
	} else {
		w.hidden[v] = true
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if !isText(n) {
			return
		}
		w.spans = append(w.spans, w.extent(n))
		if value := strings.TrimSpace(n.Value); !strings.Contains(value, "\n") {
			w.values = append(w.values, value)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			w.hide(c, deep)
		}
	case yaml.MappingNode:
		for i := 1; deep && i < len(n.Content); i += 2 {
			w.hide(n.Content[i], deep)
		}
	}
}
