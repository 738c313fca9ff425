package envedit

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// isSorted reports whether all entries of a list have names, and stand in their order, as
// those of the chart's lists do.
func isSorted(entries []*yaml.Node) bool {
	var names []string
	for _, e := range entries {
		name, ok := nameOf(e)
		if !ok {
			return false
		}
		names = append(names, name)
	}
	return slices.IsSorted(names)
}

// isOf reports whether an entry is one of the edit's variable.
func (e *Edit) isOf(entry *yaml.Node) bool {
	name, ok := nameOf(entry)
	return ok && name == e.name
}

// in returns the entries of a list with the edit made. The last entry of a name is in force
// and is changed where it stands; earlier ones go. A new entry keeps the order of a sorted
// list, and else comes last.
func (e *Edit) in(entries []*yaml.Node, sorted bool) []*yaml.Node {
	kept, found := make([]*yaml.Node, 0, len(entries)+1), false
	for _, n := range slices.Backward(entries) {
		switch {
		case !e.isOf(n):
			kept = append(kept, n)
		case !found && !e.remove:
			kept = append(kept, e.on(n))
			found = true
		}
	}
	slices.Reverse(kept)
	if found || e.remove {
		return kept
	}
	at := len(kept)
	if sorted {
		at = slices.IndexFunc(kept, func(n *yaml.Node) bool { name, _ := nameOf(n); return name > e.name })
		if at < 0 {
			at = len(kept)
		}
	}
	return slices.Insert(kept, at, newEntry(e))
}

// on returns an entry with the edit made.
func (e *Edit) on(entry *yaml.Node) *yaml.Node {
	if set(entry, e) {
		return entry
	}
	n := newEntry(e)
	n.Line, n.Column = entry.Line, entry.Column
	switch {
	case entry.Line == 0: // of a list that is new as a whole
	case entry.Kind != yaml.MappingNode || entry.Style&yaml.FlowStyle != 0:
		n.Style = yaml.FlowStyle
	case entry.Anchor == "" && len(entry.Content) > 0 && isName(entry):
		copy(n.Content, entry.Content[:2]) // its line can stay, with its comment
	}
	return n
}

// isName reports whether an entry begins with the name that is in force.
func isName(entry *yaml.Node) bool {
	key, value := entry.Content[0], entry.Content[1]
	return key.Value == "name" && isText(value) && yamldoc.Get(entry, "name") == value
}

// set makes an edit in an entry that has its shape already, so that only scalars of it
// need to change. It reports whether it could.
func set(entry *yaml.Node, e *Edit) bool {
	if e.value != nil {
		m, ok := exact(entry, "name", "value")
		if ok = ok && isText(m["name"]) && isText(m["value"]); ok {
			setText(m["value"], *e.value)
		}
		return ok
	}
	m, ok := exact(entry, "name", "valueFrom")
	if !ok || !isText(m["name"]) {
		return false
	}
	if m, ok = exact(m["valueFrom"], "secretKeyRef"); !ok {
		return false
	}
	ref := m["secretKeyRef"]
	if m, ok = exact(ref, "key", "name"); !ok {
		if m, ok = exact(ref, "key", "name", "optional"); !ok || !isText(m["optional"]) {
			return false
		}
	}
	was, want := m["optional"], e.ref.Optional
	// A line can come or go, a pair between commas is not worth it.
	if !isText(m["name"]) || !isText(m["key"]) || (was != nil) != (want != nil) && ref.Style&yaml.FlowStyle != 0 {
		return false
	}
	setText(m["name"], e.ref.Name)
	setText(m["key"], e.ref.Key)
	switch {
	case want == nil && was != nil:
		i := slices.Index(ref.Content, was)
		ref.Content = slices.Delete(ref.Content, i-1, i+1)
	case want != nil && was != nil:
		was.Value, was.Tag, was.Style = strconv.FormatBool(*want), "!!bool", 0
	case want != nil:
		ref.Content = append(ref.Content, text("optional"), boolean(*want))
	}
	return true
}

// exact returns the values of a mapping that has exactly the given keys, each once
// and in plain sight: no alias, no merge.
func exact(m *yaml.Node, keys ...string) (map[string]*yaml.Node, bool) {
	if m == nil || m.Kind != yaml.MappingNode || len(m.Content) != 2*len(keys) {
		return nil, false
	}
	values := map[string]*yaml.Node{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if k, v := m.Content[i], m.Content[i+1]; k.Kind == yaml.ScalarNode && v.Kind != yaml.AliasNode {
			values[k.Value] = v
		}
	}
	for _, k := range keys {
		if values[k] == nil {
			return nil, false
		}
	}
	return values, true
}

// isText reports whether a node is a scalar of which there is something to see.
func isText(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Value != "" || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0)
}

// setText changes a scalar, which keeps its quotes and gets some if it needs them.
func setText(n *yaml.Node, s string) {
	n.Value, n.Tag = s, "!!str"
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
		n.Style = text(s).Style
	}
}

// newEntry returns the tree of a new entry: a reference has its keys in the
// order of the chart.
func newEntry(e *Edit) *yaml.Node {
	if e.value != nil {
		value := text(*e.value)
		value.Style = yaml.DoubleQuotedStyle
		return mapping(text("name"), text(e.name), text("value"), value)
	}
	ref := mapping(text("key"), text(e.ref.Key), text("name"), text(e.ref.Name))
	if e.ref.Optional != nil {
		ref.Content = append(ref.Content, text("optional"), boolean(*e.ref.Optional))
	}
	return mapping(text("name"), text(e.name), text("valueFrom"), mapping(text("secretKeyRef"), ref))
}

func mapping(content ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: content}
}

func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if !yamldoc.IsPlain(s) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func boolean(b bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(b)}
}
