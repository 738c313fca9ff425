package edit

import (
	"bytes"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// writer collects the splices of a document.
type writer struct {
	text    *yamldoc.Text
	encode  Encoder
	splices []Splice
	odd     bool // something cannot be changed in place

	step string // by how much a mapping below a key is indented, hereabouts
	list string // by how much a list below a key is
}

// node makes of a node what stands in its place in the changed tree. The writer is odd then
// if that cannot be done inside of the node.
func (w *writer) node(old, want *yaml.Node) {
	switch {
	case !isSame(old, want) || old.Kind != want.Kind:
		w.odd = true
	case old.Kind == yaml.AliasNode:
	case old.Kind == yaml.ScalarNode:
		if old.Value != want.Value || old.ShortTag() != want.ShortTag() {
			w.over(old, scalarText(want))
		}
	case old.Kind == yaml.MappingNode:
		w.mapping(old, want)
	case old.Style&yaml.FlowStyle != 0:
		w.flowItems(old, want)
	default:
		w.blockItems(old, want)
	}
}

// isSame reports whether a node of the changed tree is, or takes the place of, an old one.
func isSame(old, want *yaml.Node) bool { return old.Line == want.Line && old.Column == want.Column }

func isNew(n *yaml.Node) bool { return n.Line == 0 }

// isSeen reports whether there is something to see of a node.
func isSeen(n *yaml.Node) bool {
	return n.Kind != yaml.ScalarNode || n.Value != "" || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0
}

// over writes text over a node, behind its anchor and tag, on whose line it may be alone.
func (w *writer) over(old *yaml.Node, text string) {
	if !isSeen(old) {
		w.odd = true
		return
	}
	w.splice(w.start(old), w.end(old), text)
}

// scalarText writes a scalar in its own quotes, or else in quotes where it needs some.
func scalarText(n *yaml.Node) string {
	switch {
	case n.ShortTag() != "!!str":
		return n.Value
	case n.Style&yaml.SingleQuotedStyle != 0 && !strings.ContainsFunc(n.Value, yamldoc.MustEscape):
		return "'" + strings.ReplaceAll(n.Value, "'", "''") + "'"
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		return yamldoc.Quote(n.Value)
	}
	return yamldoc.PlainOrQuoted(n.Value)
}

// mapping changes the pairs of a mapping: it looks for those that stay, and at what was
// removed and added between them.
func (w *writer) mapping(old, want *yaml.Node) {
	was, is := old.Content, want.Content
	for i, j := 0, 0; i < len(was) || j < len(is); i, j = i+2, j+2 {
		from, added := i, j
		for j < len(is) && isNew(is[j]) {
			j += 2
		}
		for i < len(was) && (j == len(is) || !isSame(was[i], is[j])) {
			i += 2
		}
		if from < i || added < j {
			w.pairs(old, from, i, is[added:j])
		}
		switch {
		case i < len(was):
			w.value(old, was[i], was[i+1], is[j+1])
		case j < len(is): // they are not in their old order
			w.odd = true
		}
	}
}

// pairs removes the pairs between two indexes of a mapping, and adds some there.
func (w *writer) pairs(m *yaml.Node, from, to int, added []*yaml.Node) {
	switch {
	case w.hasExplicitKey(m):
		w.odd = true
		return
	case m.Style&yaml.FlowStyle != 0:
		w.firstPair(m, from, to, added)
		return
	case len(added) == 0:
		for i := from; i < to; i += 2 {
			w.odd = w.odd || !w.beginsLine(m.Content[i])
			w.lines(w.text.LineStart(w.start(m.Content[i])), w.text.LineEnd(w.end(m.Content[i+1])), nil, "")
		}
		return
	case from == 0, !isSeen(m.Content[from-1]), from < to && w.beginsLine(m.Content[0]): // its dash has its own
		w.odd = true
		return
	}
	var lines []string
	for i := 0; i < len(added); i += 2 {
		lines = append(lines, w.pair(added[i], added[i+1])...)
	}
	prev := m.Content[from-1]
	start := w.text.LineEnd(w.end(prev))
	end := start
	if from < to {
		end = w.behind(m.Content[to-1], 0)
	}
	w.lines(start, end, indented(lines, w.column(m)), w.text.Break(w.start(prev)))
}

// hasExplicitKey reports whether a question mark stands before a key of a mapping.
func (w *writer) hasExplicitKey(m *yaml.Node) bool {
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := w.text.Offset(m.Content[i].Line, m.Content[i].Column)
		if bytes.HasSuffix(bytes.TrimRight(w.text.Bytes()[:key], " \t\r\n"), []byte("?")) {
			return true
		}
	}
	return false
}

// firstPair adds a pair in front of those of a mapping in flow style.
func (w *writer) firstPair(m *yaml.Node, from, to int, added []*yaml.Node) {
	at := w.start(m)
	if from != 0 || to != 0 || len(added) != 2 || !bytes.HasPrefix(w.text.Bytes()[at:], []byte("{")) {
		w.odd = true
		return
	}
	text := inFlow(added[0]) + ": " + w.flow(added[1])
	if len(m.Content) > 0 {
		text += ", "
	}
	w.splice(at+1, at+1, text)
}

// value changes the value of a pair that stays.
func (w *writer) value(m, key, old, want *yaml.Node) {
	isFlow := m.Style&yaml.FlowStyle != 0
	isList := old.Kind == yaml.SequenceNode && old.Style&yaml.FlowStyle == 0 && !isFlow
	switch {
	case isSame(old, want) && isList && len(want.Content) == 0 && len(old.Content) > 0:
		w.clear(key, old)
	case isSame(old, want):
		outer := w.list
		if isList {
			w.list = strings.Repeat(" ", max(old.Column-key.Column, 0))
		}
		w.node(old, want)
		w.list = outer
	case isFlow:
		w.over(old, w.flow(want))
	default:
		w.below(m, key, old, want)
	}
}

// below writes a list below its key, in place of a value that is on the key's line or that
// is not there at all.
func (w *writer) below(m, key, old, want *yaml.Node) {
	if want.Kind != yaml.SequenceNode || !w.beginsLine(key) && w.indent(w.start(key)) != w.column(m) {
		w.odd = true
		return
	}
	end := w.end(key)
	if isSeen(old) {
		line, from := w.text.LineStart(w.start(key)), w.start(old)
		if end = w.end(old); w.text.LineStart(from) != line || w.text.LineStart(end) != line || w.text.Bytes()[from-1] != ' ' {
			w.odd = true
			return
		}
		if len(want.Content) == 0 {
			w.splice(from, end, "[]")
			return
		}
		w.splice(from-1, end, "")
	}
	at := w.text.LineEnd(end)
	w.lines(at, at, indented(w.encoded(want), w.column(m)+w.list), w.text.Break(w.start(key)))
}

// pair returns the lines of a new pair.
func (w *writer) pair(key, value *yaml.Node) []string {
	if value.Kind != yaml.SequenceNode {
		return inBlock([]*yaml.Node{key, value}, w.step)
	}
	return append([]string{key.Value + ":"}, indented(w.encoded(value), w.list)...)
}

// flow writes a node in flow style: one that is new as JSON, which is YAML too, and else as
// an encoder puts it.
func (w *writer) flow(n *yaml.Node) string {
	if n.Style&yaml.FlowStyle != 0 {
		return inFlow(n)
	}
	c := *n
	c.Style |= yaml.FlowStyle
	return strings.Join(w.encoded(&c), " ")
}

// encoded returns the lines of a node as an encoder puts them.
func (w *writer) encoded(n *yaml.Node) []string {
	lines, err := encoded(n, w.encode)
	w.odd = w.odd || err != nil
	return lines
}

// inFlow writes a node in a form that is JSON and YAML in flow style.
func inFlow(n *yaml.Node) string {
	var parts []string
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, inFlow(n.Content[i])+": "+inFlow(n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case yaml.SequenceNode:
		for _, c := range n.Content {
			parts = append(parts, inFlow(c))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if n.ShortTag() != "!!str" {
		return n.Value
	}
	return yamldoc.Quote(n.Value)
}

// inBlock returns the lines of the pairs of a mapping.
func inBlock(pairs []*yaml.Node, step string) (lines []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := scalarText(pairs[i])+":", pairs[i+1]
		switch value.Kind {
		case yaml.MappingNode:
			lines = append(append(lines, key), indented(inBlock(value.Content, step), step)...)
		case yaml.ScalarNode:
			lines = append(lines, key+" "+scalarText(value))
		default:
			lines = append(lines, key+" "+inFlow(value))
		}
	}
	return lines
}

func indented(lines []string, by string) []string {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i] = by + lines[i]
	}
	return lines
}
