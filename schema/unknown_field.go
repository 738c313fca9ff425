package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleUnknownField = "unknown-field"

func unknownFieldRule() Rule {
	return Rule{
		ID: ruleUnknownField, Severity: diag.Error,
		Summary: "The block, or a reference in it, has a field that no chart knows.",
		Help:    "The chart ignores it. Remove it, or use the field that it was meant to be.",
	}
}

// unknownFields reports every field of v that is none of known.
func (r *run) unknownFields(b block, v *values.Value, at, known []string) {
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || slices.Contains(known, name) {
			continue
		}
		path := b.where(slices.Concat(at, []string{name})...)
		if right := nearest(name, known); right != "" {
			r.misspelled(f, path, name, right)
			continue
		}
		r.add(diag.Error, ruleUnknownField, keySpan(f), path,
			fmt.Sprintf("unknown field %s, the chart ignores it; known are %s", quote(name), strings.Join(known, ", ")), b.outdented(name))
	}
}

// outdented is the hint for a field of a reference that stands beside the reference
// instead of in it, because it is not indented; "" if it is not that.
func (b block) outdented(name string) string {
	for _, ref := range []string{fieldTokenRef, fieldPasswordRef, fieldUsernameRef} {
		if f, given := b.fields[ref]; given && isRefField(name) && f.value.Kind == values.Null {
			return fmt.Sprintf("indent it: it belongs into %q", f.written)
		}
	}
	return ""
}
