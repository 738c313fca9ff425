package envedit

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

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
	if n.Tag == "!!bool" {
		return n.Value
	}
	return yamldoc.Quote(n.Value)
}

// editFlow edits a list in flow style of which something is left.
func (w *writer) editFlow(s *site) {
	old := s.env.Content
	last := -1 // the last old entry that stays
	for _, step := range s.plan.steps {
		last = max(last, step.old)
	}
	kept := map[int]bool{}
	var pending []*Edit
	for _, step := range s.plan.steps {
		if step.old < 0 {
			pending = append(pending, step.edit)
			continue
		}
		kept[step.old] = true
		for _, e := range pending {
			w.addBefore(old[step.old], e)
		}
		pending = nil
		if step.edit != nil {
			w.changeFlow(old[step.old], step.edit)
		}
	}
	for _, e := range pending {
		at := w.end(old[last])
		w.splice(at, at, ", "+inFlow(newEntry(e)))
	}
	for i := range old {
		if !kept[i] {
			w.removeFlow(old, i, last)
		}
	}
}

// addBefore writes an entry in front of another, on a line of its own where that
// one has one.
func (w *writer) addBefore(next *yaml.Node, e *Edit) {
	at := w.text.Offset(next.Line, next.Column)
	sep := " "
	if before := w.text.Bytes()[w.text.LineStart(at):at]; len(bytes.TrimSpace(before)) == 0 {
		sep = w.eolAt(at) + string(before)
	}
	w.splice(at, at, inFlow(newEntry(e))+","+sep)
}

// changeFlow makes an edit of an entry.
func (w *writer) changeFlow(entry *yaml.Node, e *Edit) {
	if f, ok := fieldsOf(entry, e); ok && w.setFields(f, e) {
		return
	}
	from := w.text.Offset(entry.Line, entry.Column)
	w.splice(from, w.end(entry), inFlow(newEntry(e)))
}

// removeFlow takes away an entry and one comma: the one behind it, but for the
// entries behind the last one that stays.
func (w *writer) removeFlow(old []*yaml.Node, i, last int) {
	from, to := w.text.Offset(old[i].Line, old[i].Column), 0
	if i > last {
		from, to = w.end(old[i-1]), w.end(old[i])
	} else {
		to = w.text.Offset(old[i+1].Line, old[i+1].Column)
	}
	w.splice(from, to, "")
}
