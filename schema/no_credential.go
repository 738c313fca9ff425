package schema

import (
	"fmt"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleNoCredential = "no-credential"

func noCredentialRule() Rule {
	return Rule{
		ID: ruleNoCredential, Severity: diag.Error, Class: Absence, Waits: true,
		Summary: "The block declares a type and no credential for it.",
		Help:    "Give the credential, best as a reference to a Secret.",
	}
}

func (r *run) noCredential(b block, mode Mode, plain, ref string) {
	if r.explained() {
		return
	}
	at, path := keySpan(b.value), b.where()
	if f, ok := b.fields[ref]; ok && mode == ModePassword {
		at, path = keySpan(f.value), b.where(f.written)
	}
	message := fmt.Sprintf("type is %q, but neither %q nor %q is set", mode, plain, ref)
	if mode == ModePassword {
		message = fmt.Sprintf("this %q replaces the chart's default by nothing, and %q is not set", ref, plain)
	}
	r.add(diag.Error, ruleNoCredential, at, path, message,
		fmt.Sprintf("name the Secret that holds it: %s: {name: …, key: …}", ref))
}

// explained reports whether the block in question has keys that nobody knows: what is
// missing is there, under another name, and has been reported.
func (r *run) explained() bool {
	return slices.ContainsFunc(r.found[r.start:], func(d *diag.Diagnostic) bool {
		return d.Rule == ruleUnknownField || d.Rule == ruleMisspelledKey
	})
}
