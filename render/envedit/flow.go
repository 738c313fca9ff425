package envedit

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// editFlow edits a list in flow style that has entries.
func (w *writer) editFlow(s *site) error {
	old := s.env.Content
	first, last := -1, -1 // the old entries that stay
	for _, step := range s.plan.steps {
		if step.old >= 0 {
			if first < 0 {
				first = step.old
			}
			last = step.old
		}
	}
	if first < 0 { // nothing old is left
		w.replace(s.env, s.json())
		return nil
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
		w.splice(w.end(old[last]), w.end(old[last]), ", "+jsonEntry(e))
	}
	for i := range old {
		if !kept[i] {
			w.removeFlow(old, i, last)
		}
	}
	return nil
}

// addBefore writes an entry in front of another, on a line of its own where that
// one has one.
func (w *writer) addBefore(next *yaml.Node, e *Edit) {
	at := w.text.Offset(next.Line, next.Column)
	sep := " "
	if before := w.text.Bytes()[w.text.LineStart(at):at]; len(bytes.TrimSpace(before)) == 0 {
		sep = w.eolAt(at) + string(before)
	}
	w.splice(at, at, jsonEntry(e)+","+sep)
}

// changeFlow makes an edit of an entry.
func (w *writer) changeFlow(entry *yaml.Node, e *Edit) {
	if f, ok := fieldsOf(entry, e); ok && w.setFields(f, e) {
		return
	}
	from := w.text.Offset(entry.Line, entry.Column)
	w.splice(from, w.end(entry), jsonEntry(e))
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
