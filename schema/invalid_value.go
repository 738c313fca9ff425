package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleInvalidValue = "invalid-value"

func invalidValueRule() Rule {
	return Rule{
		ID: ruleInvalidValue, Severity: diag.Error, Fixable: true,
		Summary: "The type is neither token nor password.",
		Help:    "The chart compares the text exactly, and anything else wires nothing that works.",
	}
}

func (r *run) invalidType(v *values.Value, path string) {
	modes := []string{string(ModeToken), string(ModePassword)}
	hint := ""
	if mode := nearest(strings.TrimSpace(v.Str()), modes); mode != "" {
		hint = fmt.Sprintf("did you mean %q?", mode)
	} else if m := strings.TrimSpace(v.Str()); m == modes[0] || m == modes[1] {
		hint = fmt.Sprintf("remove the white space around %q", m)
	}
	d := r.add(diag.Error, ruleInvalidValue, v.Body, path,
		fmt.Sprintf("unknown type %s, it must be %q or %q", quoteType(v.Str()), ModeToken, ModePassword), hint)
	// Case and white space leave no doubt of what was meant; letters that are off do.
	if mode := strings.ToLower(strings.TrimSpace(v.Str())); slices.Contains(modes, mode) {
		r.retext(d, v, mode)
	}
}

// quoteType is quote for a text that is there for the type.
func quoteType(s string) string {
	if !isTypeWord(s) {
		return mask.Hidden
	}
	return quote(s)
}
