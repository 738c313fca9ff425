package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleMisspelledKey = "misspelled-key"

func misspelledKeyRule() Rule {
	return Rule{
		ID: ruleMisspelledKey, Severity: diag.Error, Fixable: true,
		Summary: "A key is a slip for one that the chart reads.",
		Help:    "The chart has no schema: it ignores the key and falls back to its default, the initial admin password. Correct the spelling.",
	}
}

// misspelledSteps reports keys on the way to the block that are slips for the right one.
func (r *run) misspelledSteps(path []string) {
	for i, name := range path {
		parent := r.values.Root.At(path[:i]...)
		if parent == nil || parent.Kind != values.Map {
			return
		}
		for _, written := range parent.Order {
			v := parent.Field(written)
			if v == nil || !near(written, name) {
				continue
			}
			body, below := leadsTo(v, path[i+1:])
			if body == nil && name != externalArgoCD {
				continue // some other chart's key that happens to look alike
			}
			if body != nil {
				r.judge(body)
			}
			at := slices.Concat(path[:i], []string{written})
			d := r.slip(v, strings.Join(at, "."), written, name)
			edits, why := r.respell(v, written, name)
			if other := r.otherBlock(path); other != "" && body != nil {
				edits, why = nil, fmt.Sprintf("there is a block at %s as well", other)
			}
			mend(d, edits, why)
			if body != nil {
				r.plaintext(newBlock(append(at, below...), body))
			}
		}
	}
}

// misspelled reports a key that is a slip for another, with the edit that mends it.
func (r *run) misspelled(v *values.Value, path, written, right string) {
	d := r.slip(v, path, written, right)
	edits, why := r.respell(v, written, right)
	mend(d, edits, why)
}

func (r *run) slip(v *values.Value, path, written, right string) *diag.Diagnostic {
	return r.add(diag.Error, ruleMisspelledKey, keySpan(v), path,
		fmt.Sprintf("unknown key %s, the chart ignores it", quote(written)),
		fmt.Sprintf("did you mean %q?", right))
}

// otherBlock returns where the values have a block besides one at path, "" if nowhere.
// With a second one in force, it takes a person to say which of them counts.
func (r *run) otherBlock(path []string) string {
	for _, other := range [][]string{oldPath(), newPath()} {
		v := r.values.Root.At(other...)
		if !slices.Equal(other, path) && !v.IsUnset() && !r.values.IsDefault(v) {
			return shownPath(r.at(strings.Join(other, ".")))
		}
	}
	return ""
}

// respell returns the edit of a misspelt key, if the right key is not there already
// and no other key was meant for it: of two, only their writer knows which one counts.
func (r *run) respell(v *values.Value, written, right string) ([]diag.Edit, string) {
	s, why := r.spot(keySpan(v))
	if why != "" {
		return nil, why
	}
	parent := s.parent()
	if parent.Field(right) != nil {
		return nil, fmt.Sprintf("%q is there as well", right)
	}
	isRival := func(name string) bool {
		return name != written && near(name, right) && !isField(name) && !isRefField(name)
	}
	if slices.ContainsFunc(parent.Order, isRival) || isTwice(parent, written) {
		return nil, fmt.Sprintf("another key is a slip for %q too", right)
	}
	return s.rename(written, right)
}
