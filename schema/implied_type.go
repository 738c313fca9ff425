package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleImpliedType = "implied-type"

func impliedTypeRule() Rule {
	return Rule{
		ID: ruleImpliedType, Severity: diag.Error, Class: Absence,
		Summary: "A token is given without type: token.",
		Help:    "The chart's default type is password, so it ignores the token and signs in with the initial admin password.",
	}
}

// impliedType reports a token without `type: token`: the chart's default type is
// password, so it ignores the token and signs in with the admin password.
func (r *run) impliedType(b block) bool {
	if !b.meansToken() {
		return false
	}
	if b.overruled != nil {
		r.add(diag.Error, ruleImpliedType, keySpan(b.overruled), b.where(fieldType),
			fmt.Sprintf("Helm lays the chart's default type %q over this one: the umbrella chart's own values have a part of %q", ModePassword, values.GlobalKey),
			"give the block below \"global\" of the umbrella chart's values")
		return true
	}
	f := b.fields[firstSet(b, fieldToken, fieldTokenRef)]
	r.add(diag.Error, ruleImpliedType, keySpan(f.value), b.where(f.written),
		fmt.Sprintf("%q is given but not %q, so the chart takes type %q and ignores the token", f.written, fieldType, ModePassword),
		"add \"type: token\" to the block")
	return true
}

// meansToken reports whether the block has no type and nothing but a token.
func (b block) meansToken() bool {
	return b.get(fieldType).IsUnset() && firstSet(b, fieldToken, fieldTokenRef) != "" &&
		b.text(fieldPassword) == "" && !b.ref(fieldPasswordRef).ownPassword()
}
