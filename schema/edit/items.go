package edit

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// list is a list that changes. The methods are called by items.
type list interface {
	add(prev int, n *yaml.Node) error // write a new entry behind an old one that stays, -1 for none
	remove(i int) error               // take an old entry away
	replace(i int, n *yaml.Node) error
}

// items changes the entries of a list.
func (w *writer) items(old, want *yaml.Node, l list) error {
	i := 0
	for _, n := range want.Content {
		if isNew(n) {
			if err := l.add(i-1, n); err != nil {
				return err
			}
			continue
		}
		for ; i < len(old.Content) && !isSame(old.Content[i], n); i++ {
			if err := l.remove(i); err != nil {
				return err
			}
		}
		if i == len(old.Content) { // they are not in their old order
			return errLayout
		}
		before := len(w.splices)
		if err := w.node(old.Content[i], n); err != nil {
			if w.splices = w.splices[:before]; !isReplaced(old.Content[i], n) {
				return err
			}
			if err := l.replace(i, n); err != nil {
				return err
			}
		}
		i++
	}
	for ; i < len(old.Content); i++ {
		if err := l.remove(i); err != nil {
			return err
		}
	}
	return nil
}

// isReplaced reports whether an entry is another one, or has another end.
func isReplaced(old, want *yaml.Node) bool {
	n := len(want.Content)
	return old.Kind != want.Kind || want.Kind == yaml.MappingNode && n > 0 && isNew(want.Content[n-2])
}

// flowList is a list in flow style.
type flowList struct {
	*writer
	old  []*yaml.Node
	last int // the last entry that stays
}

// flowItems changes a list in flow style. One of which nothing stays is written anew.
func (w *writer) flowItems(old, want *yaml.Node) error {
	l := &flowList{writer: w, old: old.Content, last: -1}
	for i, o := range old.Content {
		for _, n := range want.Content {
			if isSame(o, n) {
				l.last = i
			}
		}
	}
	if l.last < 0 {
		w.replace(old, inFlow(want))
		return nil
	}
	return w.items(old, want, l)
}

// add writes an entry in front of the next one that stays, on a line of its own where that
// one has one, or else behind the last.
func (l *flowList) add(prev int, n *yaml.Node) error {
	if prev == l.last {
		at := l.end(l.old[prev])
		l.splice(at, at, ", "+inFlow(n))
		return nil
	}
	next := l.old[prev+1]
	at := l.text.Offset(next.Line, next.Column)
	sep := " "
	if before := l.text.Bytes()[l.text.LineStart(at):at]; len(bytes.TrimSpace(before)) == 0 {
		sep = eolAt(l.text, at) + string(before)
	}
	l.splice(at, at, inFlow(n)+","+sep)
	return nil
}

// replace writes another entry over one, and its anchor.
func (l *flowList) replace(i int, n *yaml.Node) error {
	text, err := l.flow(n)
	l.splice(l.text.Offset(l.old[i].Line, l.old[i].Column), l.end(l.old[i]), text)
	return err
}

// remove takes away an entry and one comma: the one behind it, but for the entries behind
// the last one that stays.
func (l *flowList) remove(i int) error {
	if i > l.last {
		l.splice(l.end(l.old[i-1]), l.end(l.old[i]), "")
		return nil
	}
	l.splice(l.text.Offset(l.old[i].Line, l.old[i].Column), l.text.Offset(l.old[i+1].Line, l.old[i+1].Column), "")
	return nil
}
