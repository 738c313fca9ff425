package envedit

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// plan is the list as it should become.
type plan struct {
	steps   []step
	touched map[int]bool // the old entries that are changed or left out
}

// step is one entry of the new list: an old one that stays, an old one that is
// changed, or a new one.
type step struct {
	old  int   // index of the old entry, -1 for a new one
	edit *Edit // nil for one that stays
}

// newPlan plans the edits of a list. The last entry of a name is in force and is
// changed where it stands; earlier ones go. New entries keep the order of a list
// that is sorted by name, as the chart's lists are, and else come last.
func newPlan(entries []*yaml.Node, edits []Edit) plan {
	p := plan{touched: map[int]bool{}}
	names, last := make([]string, len(entries)), map[string]int{}
	sorted := true
	for i, e := range entries {
		name, ok := nameOf(e)
		if ok {
			last[name] = i
		}
		names[i] = name
		sorted = sorted && ok && (i == 0 || names[i-1] <= name)
	}
	byName := map[string]*Edit{}
	for i := range edits {
		byName[edits[i].name] = &edits[i]
	}
	for i := range entries {
		edit := byName[names[i]]
		if edit != nil {
			p.touched[i] = true
			if edit.remove || last[names[i]] != i {
				continue
			}
		}
		p.steps = append(p.steps, step{old: i, edit: edit})
	}
	for i := range edits {
		if _, found := last[edits[i].name]; !found && !edits[i].remove {
			p.insert(&edits[i], names, sorted)
		}
	}
	return p
}

// insert adds a new entry.
func (p *plan) insert(edit *Edit, names []string, sorted bool) {
	at := len(p.steps)
	for i, s := range p.steps {
		if sorted && s.name(names) > edit.name {
			at = i
			break
		}
	}
	p.steps = slices.Insert(p.steps, at, step{old: -1, edit: edit})
}

func (s step) name(names []string) string {
	if s.old < 0 {
		return s.edit.name
	}
	return names[s.old]
}

// changes reports whether there is anything to do.
func (p plan) changes() bool {
	return len(p.touched) > 0 || slices.ContainsFunc(p.steps, func(s step) bool { return s.edit != nil })
}
