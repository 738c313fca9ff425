package edit

import (
	"bytes"
	"slices"

	"gopkg.in/yaml.v3"
)

// list is a list that changes.
type list interface {
	add(prev int, n *yaml.Node) // write a new entry behind an old one that stays, -1 for none
	remove(i int)               // take an old entry away
	replace(i int, n *yaml.Node)
}

// items changes the entries of a list.
func (w *writer) items(old, want *yaml.Node, l list) {
	i := 0
	for _, n := range want.Content {
		if isNew(n) {
			l.add(i-1, n)
			continue
		}
		for ; i < len(old.Content) && !isSame(old.Content[i], n); i++ {
			l.remove(i)
		}
		if i == len(old.Content) || w.odd { // they are not in their old order, or so
			w.odd = true
			return
		}
		before := len(w.splices)
		if w.node(old.Content[i], n); w.odd && (isReplaced(old.Content[i], n) || isSmall(n)) {
			w.splices, w.odd = w.splices[:before], false
			l.replace(i, n)
		}
		i++
	}
	for ; i < len(old.Content); i++ {
		l.remove(i)
	}
}

// isReplaced reports whether an entry is another one, or has another end.
func isReplaced(old, want *yaml.Node) bool {
	n := len(want.Content)
	return old.Kind != want.Kind || want.Kind == yaml.MappingNode && n > 0 && isNew(want.Content[n-2])
}

// isSmall reports whether an entry holds nothing but texts and mappings of texts, as a
// variable does: it is written anew before anything around it is.
func isSmall(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode ||
		n.Kind == yaml.MappingNode && !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return !isSmall(c) })
}

// flowList is a list in flow style.
type flowList struct {
	*writer
	old  []*yaml.Node
	last int // the last entry that stays
}

// flowItems changes a list in flow style. One of which nothing stays is written anew.
func (w *writer) flowItems(old, want *yaml.Node) {
	l := &flowList{writer: w, old: old.Content, last: -1}
	for _, n := range slices.Backward(want.Content) {
		if !isNew(n) {
			l.last = slices.IndexFunc(old.Content, func(o *yaml.Node) bool { return isSame(o, n) })
			break
		}
	}
	if l.last < 0 && len(old.Content)+len(want.Content) > 0 {
		w.over(old, inFlow(want))
		return
	}
	w.items(old, want, l)
}

// add writes an entry in front of the next one that stays, on a line of its own where that
// one has one, or else behind the last.
func (l *flowList) add(prev int, n *yaml.Node) {
	if prev == l.last {
		at := l.end(l.old[prev])
		l.splice(at, at, ", "+inFlow(n))
		return
	}
	at, sep := l.at(l.old[prev+1]), " "
	if before := l.text.Bytes()[l.text.LineStart(at):at]; len(bytes.TrimSpace(before)) == 0 {
		sep = l.text.Break(at) + string(before)
	}
	l.splice(at, at, inFlow(n)+","+sep)
}

// replace writes another entry over one.
func (l *flowList) replace(i int, n *yaml.Node) { l.splice(l.at(l.old[i]), l.end(l.old[i]), l.flow(n)) }

// remove takes away an entry and one comma: the one behind it, but for the entries behind
// the last one that stays.
func (l *flowList) remove(i int) {
	if i > l.last {
		l.splice(l.end(l.old[i-1]), l.end(l.old[i]), "")
		return
	}
	l.splice(l.at(l.old[i]), l.at(l.old[i+1]), "")
}
