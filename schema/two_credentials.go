package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleTwoCredentials = "two-credentials"

func twoCredentialsRule() Rule {
	return Rule{
		ID: ruleTwoCredentials, Severity: diag.Error, Waits: true,
		Summary: "The credential is given in plaintext and by reference at once.",
		Help:    "Older charts prefer the reference, newer ones the plaintext. Remove one of them.",
	}
}

func (r *run) twoCredentials(b block, plain, ref string) {
	first, second := b.fields[plain], b.fields[ref]
	if r.isLater(first.value, second.value) {
		first, second = second, first
	}
	d := r.add(diag.Error, ruleTwoCredentials, keySpan(second.value), b.where(second.written),
		fmt.Sprintf("both %q and %q are given, and charts disagree on which one counts", first.written, second.written),
		"remove one of them")
	d.Related = related(keySpan(first.value), "the other credential")
}
