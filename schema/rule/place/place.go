package place

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/spot"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// placeRules are the rules on the way to the block.
func placeRules() []rule.Rule {
	return []rule.Rule{
		{ID: "duplicate-key", Severity: diag.Error, Fixable: true, Keys: true, Runtime: duplicateSteps, Block: duplicateFields},
		{ID: rule.MisspelledKey, Severity: diag.Error, Fixable: true, Keys: true, Runtime: misspelledSteps, Block: misspelledFields},
		{ID: "misplaced-block", Severity: diag.Error, Keys: true, Runtime: misplaced, File: strays},
	}
}

// duplicateSteps reports a key on the way to the block that stands twice. The
// chart's other values are none of our business, so the block must be under one of them.
func duplicateSteps(p *rule.Pass) {
	for _, path := range auth.BlockPaths() {
		for i, name := range path {
			parent := p.Values.Root.At(path[:i]...)
			if parent == nil {
				break
			}
			for _, d := range parent.Duplicates {
				if d.Name != name {
					continue
				}
				lost, _ := block.LeadsTo(d.First, path[i+1:])
				kept, _ := block.LeadsTo(parent.Field(name), path[i+1:])
				if lost != nil || kept != nil || name == block.ExternalArgoCD {
					duplicate(p, d, path[:i+1])
				}
			}
		}
	}
}

// duplicateFields reports keys that stand twice in the block or in one of its references.
func duplicateFields(p *rule.Pass, b block.Block) {
	in := func(v *values.Value, path []string) {
		for _, d := range v.Duplicates {
			duplicate(p, d, slices.Concat(path, []string{d.Name}))
		}
	}
	in(b.Value, b.Path)
	for _, name := range b.Value.Order {
		if f := b.Value.Field(name); f != nil && f.Kind == values.Map {
			in(f, slices.Concat(b.Path, []string{name}))
		}
	}
}

func duplicate(p *rule.Pass, d values.Duplicate, path []string) {
	found := p.Report(d.Later, strings.Join(path, "."),
		fmt.Sprintf("key %s stands twice, and Helm drops the first one", mask.Quote(d.Name)),
		"merge the two into one")
	found.Related = rule.Related(d.First.Key, "the first one")
	edits, why := dropFirst(p, d)
	if why == "" {
		found.Hint = "the first one says nothing that the other does not: remove it"
	}
	rule.Mend(found, edits, why)
}

// dropFirst returns the edit that removes the first of two entries. To Helm that
// changes nothing at all. To people it does, if the first one says anything that is
// not in the other: perhaps the two were meant to be one block, perhaps the first
// was the right one. So it has to be settled by hand then.
func dropFirst(p *rule.Pass, d values.Duplicate) ([]diag.Edit, string) {
	s, why := p.Entry(d.First.Key)
	if why != "" {
		return nil, why
	}
	if kept := s.Parent().Field(d.Name); kept == nil || !saysNoMore(s.Value(), kept) {
		return nil, "the first one says something else, and only you know which is meant"
	}
	return s.Remove()
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

// misspelledSteps reports keys on the way to the block that are slips for the right one.
func misspelledSteps(p *rule.Pass) {
	for _, path := range auth.BlockPaths() {
		for i, name := range path {
			parent := p.Values.Root.At(path[:i]...)
			if parent == nil || parent.Kind != values.Map {
				break
			}
			for _, written := range parent.Order {
				if v := parent.Field(written); v != nil && block.Near(written, name) {
					misspelledStep(p, v, path, i, written)
				}
			}
		}
	}
}

// misspelledStep reports the key of v, which is a slip for step i of path.
func misspelledStep(p *rule.Pass, v *values.Value, path []string, i int, written string) {
	body, below := block.LeadsTo(v, path[i+1:])
	if body == nil && path[i] != block.ExternalArgoCD {
		return // some other chart's key that happens to look alike
	}
	at := slices.Concat(path[:i], []string{written})
	d := slip(p, v, strings.Join(at, "."), written, path[i])
	edits, why := respell(p, v, written, path[i])
	if other := otherBlock(p, path); other != "" && body != nil {
		edits, why = nil, fmt.Sprintf("there is a block at %s as well", other)
	}
	rule.Mend(d, edits, why)
	if body != nil {
		p.Ignore(block.New(append(at, below...), body))
	}
}

// misspelledFields reports fields of the block or of a reference in it.
func misspelledFields(p *rule.Pass, b block.Block) {
	for _, s := range b.Strangers(p.Shapes) {
		if s.Right != "" {
			d := slip(p, s.Value, s.Path, s.Written, s.Right)
			edits, why := respell(p, s.Value, s.Written, s.Right)
			rule.Mend(d, edits, why)
		}
	}
}

func slip(p *rule.Pass, v *values.Value, path, written, right string) *diag.Diagnostic {
	return p.Report(v.KeySpan(), path,
		fmt.Sprintf("unknown key %s, the chart ignores it", mask.Quote(written)),
		fmt.Sprintf("did you mean %q?", right))
}

// otherBlock returns where the values have a block besides one at path, "" if nowhere.
// With a second one in force, it takes a person to say which of them counts.
func otherBlock(p *rule.Pass, path []string) string {
	for _, other := range auth.BlockPaths() {
		v := p.Values.Root.At(other...)
		if !slices.Equal(other, path) && !v.IsUnset() && !p.Values.IsDefault(v) {
			return mask.Path(p.At(strings.Join(other, ".")))
		}
	}
	return ""
}

// respell returns the edit of a misspelt key, if the right key is not there already
// and no other key was meant for it: of two, only their writer knows which one counts.
func respell(p *rule.Pass, v *values.Value, written, right string) ([]diag.Edit, string) {
	s, why := spot.Find(p.Values.Files, v.KeySpan())
	if why != "" {
		return nil, why
	}
	parent := s.Parent()
	if parent.Field(right) != nil {
		return nil, fmt.Sprintf("%q is there as well", right)
	}
	isRival := func(name string) bool {
		return name != written && block.Near(name, right) && !block.IsField(name) && !block.IsRefField(name)
	}
	if slices.ContainsFunc(parent.Order, isRival) || spot.IsTwice(parent, written) {
		return nil, fmt.Sprintf("another key is a slip for %q too", right)
	}
	return s.Rename(written, right)
}
