package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleDuplicateKey = "duplicate-key"

func duplicateKeyRule() Rule {
	return Rule{
		ID: ruleDuplicateKey, Severity: diag.Error, Fixable: true,
		Summary: "A key on the way to the block, or in it, stands twice.",
		Help:    "Helm keeps the last one and drops the first without a word. Merge the two.",
	}
}

// duplicateSteps reports a key on the way to the block that stands twice. The
// chart's other values are none of our business, so the block must be under one of them.
func (r *run) duplicateSteps(path []string) {
	for i, name := range path {
		parent := r.values.Root.At(path[:i]...)
		if parent == nil {
			return
		}
		for _, d := range parent.Duplicates {
			if d.Name != name {
				continue
			}
			lost, _ := leadsTo(d.First, path[i+1:])
			kept, _ := leadsTo(parent.Field(name), path[i+1:])
			if lost != nil || kept != nil || name == externalArgoCD {
				r.duplicate(d, path[:i+1])
			}
		}
	}
}

// duplicates reports keys that stand twice in the block or in one of its references.
func (r *run) duplicates(b block) {
	r.duplicatesIn(b.value, b.path)
	for _, name := range b.value.Order {
		if f := b.value.Field(name); f != nil && f.Kind == values.Map {
			r.duplicatesIn(f, slices.Concat(b.path, []string{name}))
		}
	}
}

func (r *run) duplicatesIn(v *values.Value, path []string) {
	for _, d := range v.Duplicates {
		r.duplicate(d, slices.Concat(path, []string{d.Name}))
	}
}

func (r *run) duplicate(d values.Duplicate, path []string) {
	found := r.add(diag.Error, ruleDuplicateKey, d.Later, strings.Join(path, "."),
		fmt.Sprintf("key %s stands twice, and Helm drops the first one", quote(d.Name)),
		"merge the two into one")
	found.Related = related(d.FirstKey, "the first one")
	edits, why := r.dropFirst(d)
	if why == "" {
		found.Hint = "the first one says nothing that the other does not: remove it"
	}
	mend(found, edits, why)
}

// dropFirst returns the edit that removes the first of two entries. To Helm that
// changes nothing at all. To people it does, if the first one says anything that is
// not in the other: perhaps the two were meant to be one block, perhaps the first
// was the right one. So it has to be settled by hand then.
func (r *run) dropFirst(d values.Duplicate) ([]diag.Edit, string) {
	s, why := r.wholeSpot(d.FirstKey)
	if why != "" {
		return nil, why
	}
	if kept := s.parent().Field(d.Name); kept == nil || !saysNoMore(s.value, kept) {
		return nil, "the first one says something else, and only you know which is meant"
	}
	return s.remove(s.file.Root.Data())
}

// saysNoMore reports whether all that is set in lost stands in kept as well.
func saysNoMore(lost, kept *values.Value) bool {
	if lost.IsUnset() {
		return true
	}
	if lost.Kind != values.Map || kept == nil || kept.Kind != values.Map {
		return kept != nil && reflect.DeepEqual(lost.Data(), kept.Data())
	}
	for name, f := range lost.Fields {
		if !saysNoMore(f, kept.Field(name)) {
			return false
		}
	}
	return len(lost.Duplicates) == 0
}
