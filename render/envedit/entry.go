package envedit

import (
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// node returns the entry that a step leads to.
func (s step) node(old []*yaml.Node) *yaml.Node {
	if s.edit == nil {
		return old[s.old]
	}
	if s.old >= 0 {
		if f, ok := fieldsOf(old[s.old], s.edit); ok {
			f.set(s.edit)
			return old[s.old]
		}
	}
	return newEntry(s.edit)
}

// fields are the scalars of an entry that already has the shape of an edit, so
// that only they need to change.
type fields struct {
	value       *yaml.Node
	ref         *yaml.Node // the mapping that holds the next ones; nil for a value
	name, key   *yaml.Node
	optKey, opt *yaml.Node // nil if there is no `optional`
}

// fieldsOf returns the fields of an entry, if it has the shape that the edit asks for.
func fieldsOf(entry *yaml.Node, e *Edit) (f fields, ok bool) {
	if e.value != nil {
		m, ok := exact(entry, "name", "value")
		f.value = m["value"]
		return f, ok && isText(m["name"]) && isText(f.value)
	}
	m, ok := exact(entry, "name", "valueFrom")
	if !ok || !isText(m["name"]) {
		return f, false
	}
	if m, ok = exact(m["valueFrom"], "secretKeyRef"); !ok {
		return f, false
	}
	f.ref = m["secretKeyRef"]
	if m, ok = exact(f.ref, "key", "name"); !ok {
		if m, ok = exact(f.ref, "key", "name", "optional"); !ok || !isText(m["optional"]) {
			return f, false
		}
		f.opt = m["optional"]
		f.optKey = keyOf(f.ref, f.opt)
	}
	if (f.opt != nil) != (e.ref.Optional != nil) && f.ref.Style&yaml.FlowStyle != 0 {
		return f, false // a line can come or go, a pair between commas is not worth it
	}
	f.name, f.key = m["name"], m["key"]
	return f, isText(f.name) && isText(f.key)
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

// keyOf returns the key of a value that stands in m.
func keyOf(m, value *yaml.Node) *yaml.Node {
	for i := 1; i < len(m.Content); i += 2 {
		if m.Content[i] == value {
			return m.Content[i-1]
		}
	}
	return nil
}

// isText reports whether a node is a scalar of which there is something to see.
func isText(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Value != "" || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0)
}

// set makes the edit in the tree.
func (f fields) set(e *Edit) {
	if f.ref == nil {
		setText(f.value, *e.value)
		return
	}
	setText(f.name, e.ref.Name)
	setText(f.key, e.ref.Key)
	switch want := e.ref.Optional; {
	case want == nil && f.opt != nil:
		kept := f.ref.Content[:0]
		for _, n := range f.ref.Content {
			if n != f.opt && n != f.optKey {
				kept = append(kept, n)
			}
		}
		f.ref.Content = kept
	case want != nil && f.opt != nil:
		*f.opt = *boolean(*want)
	case want != nil:
		f.ref.Content = append(f.ref.Content, text("optional"), boolean(*want))
	}
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
