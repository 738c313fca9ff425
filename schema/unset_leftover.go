package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleUnsetLeftover = "unset-leftover"

func unsetLeftoverRule() Rule {
	return Rule{
		ID: ruleUnsetLeftover, Severity: diag.Info, Class: Advice, Fixable: true,
		Summary: "A reference that the chosen type does not read is there, and empty.",
		Help:    "It is left over from the other type and says nothing. Remove it.",
	}
}

// unsetLeftover tells of the other type's reference where it was emptied instead of
// removed. Three forms that mean unset too are none of it: what the chart's own default block
// says, which people paste as a whole; null, by which a values file takes away what
// an earlier one gives; and empty plaintext fields, for the same reason: a password
// might come back with them gone.
func (r *run) unsetLeftover(b block, mode Mode, name string) {
	f, given := b.fields[name]
	ref := b.ref(name)
	if !given || b.text(fieldType) != string(mode) || f.written != name || !ref.isUnset() || overrides(f.value) {
		return
	}
	if name == fieldTokenRef && f.value.Kind == values.Map {
		return // the chart's defaults: {} or, in 0.18.0, {name: "", key: ""}
	}
	d := r.add(diag.Info, ruleUnsetLeftover, keySpan(f.value), b.where(name),
		fmt.Sprintf("%q is empty, and not read with type %q", name, mode), "remove it")
	s, why := r.wholeSpot(keySpan(f.value))
	if why != "" {
		mend(d, nil, why)
		return
	}
	edits, why := s.remove(s.data(func(m map[string]any, name string) { delete(m, name) }))
	mend(d, edits, why)
}

// overrides reports whether v or a field of it is null, or replaces what an earlier
// file or flag gives.
func overrides(v *values.Value) bool {
	if v.Kind == values.Null || v.Overrides != nil {
		return true
	}
	for _, f := range v.Fields {
		if overrides(f) {
			return true
		}
	}
	return false
}
