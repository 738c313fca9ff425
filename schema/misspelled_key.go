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
			at := slices.Concat(path[:i], []string{written})
			r.misspelled(v, strings.Join(at, "."), written, name)
			if body != nil {
				r.plaintext(newBlock(append(at, below...), body))
			}
		}
	}
}

// misspelled reports a key that is a slip for another, with the edit that mends it.
func (r *run) misspelled(v *values.Value, path, written, right string) {
	d := r.add(diag.Error, ruleMisspelledKey, keySpan(v), path,
		fmt.Sprintf("unknown key %s, the chart ignores it", quote(written)),
		fmt.Sprintf("did you mean %q?", right))
	if s := v.Key; !s.IsZero() && s.Text() == written && !v.Shared {
		d.Fix = []diag.Edit{{Range: s.Range(), NewText: right}}
	}
}
