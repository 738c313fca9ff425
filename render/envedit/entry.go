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
	return ok && name == e.Name
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
		case !found && !e.Remove:
			kept = append(kept, e.on(n))
			found = true
		}
	}
	slices.Reverse(kept)
	if found || e.Remove {
		return kept
	}
	at := len(kept)
	if sorted {
		at = slices.IndexFunc(kept, func(n *yaml.Node) bool { name, _ := nameOf(n); return name > e.Name })
		if at < 0 {
			at = len(kept)
		}
	}
	return slices.Insert(kept, at, newEntry(e))
}

// on returns an entry with the edit made.
func (e *Edit) on(entry *yaml.Node) *yaml.Node {
	n := newEntry(e)
	if same := yamldoc.Clone(entry); overlay(same, n) {
		return same
	}
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

// overlay makes of an entry, or a part of it, what another says, where both have the same
// shape, so that only scalars need to change. It reports whether they have: the same keys,
// each once and in plain sight, no alias and no merge. Only `optional` may come or go, on a
// line of its own: a pair between commas is not worth it.
func overlay(n, want *yaml.Node) bool {
	switch {
	case n.Kind != want.Kind:
		return false
	case n.Kind == yaml.ScalarNode:
		if !isText(n) {
			return false
		}
		n.Value, n.Tag = want.Value, want.Tag
		switch isQuoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0; {
		case n.Tag != "!!str":
			n.Style = 0
		case !isQuoted: // it gets quotes if it needs some
			n.Style = text(n.Value).Style
		}
		return true
	}
	missing := map[string]*yaml.Node{}
	for i := 0; i+1 < len(want.Content); i += 2 {
		missing[want.Content[i].Value] = want.Content[i+1]
	}
	var kept []*yaml.Node
	for pair := range slices.Chunk(n.Content, 2) {
		key, value := pair[0], missing[pair[0].Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			return false
		case value != nil && overlay(pair[1], value):
			kept = append(kept, pair...)
			delete(missing, key.Value)
		case key.Value != "optional" || value != nil || !isText(pair[1]):
			return false
		}
	}
	if optional := missing["optional"]; optional != nil {
		kept = append(kept, text("optional"), optional)
		delete(missing, "optional")
	}
	isSame := len(kept) == len(n.Content) || n.Style&yaml.FlowStyle == 0
	n.Content = kept
	return len(missing) == 0 && isSame
}

// isText reports whether a node is a scalar of which there is something to see.
func isText(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Value != "" || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0)
}

// newEntry returns the tree of a new entry: a reference has its keys in the
// order of the chart.
func newEntry(e *Edit) *yaml.Node {
	if e.Origin == Literal {
		value := text(e.Value)
		value.Style = yaml.DoubleQuotedStyle
		return mapping(text("name"), text(e.Name), text("value"), value)
	}
	ref := mapping(text("key"), text(e.Ref.Key), text("name"), text(e.Ref.Name))
	if e.Ref.Optional != nil {
		is := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(*e.Ref.Optional)}
		ref.Content = append(ref.Content, text("optional"), is)
	}
	return mapping(text("name"), text(e.Name), text("valueFrom"), mapping(text("secretKeyRef"), ref))
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
