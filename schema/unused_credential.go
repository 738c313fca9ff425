package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleUnusedCredential = "unused-credential"

func unusedCredentialRule() Rule {
	return Rule{
		ID: ruleUnusedCredential, Severity: diag.Warning, Class: Advice,
		Summary: "A credential is given that the chosen type does not read.",
		Help:    "Left over from the other type, it misleads whoever reads the file next. Remove it.",
	}
}

// unused warns of credentials that the chosen type does not read.
func (r *run) unused(b block, mode Mode, plain, ref string) {
	r.unsetLeftover(b, mode, ref)
	for _, name := range []string{plain, ref} {
		if !b.isSet(name) || name == fieldPasswordRef && !b.ref(name).ownPassword() {
			continue
		}
		f := b.fields[name]
		r.add(diag.Warning, ruleUnusedCredential, keySpan(f.value), b.where(f.written),
			fmt.Sprintf("%q is not used with type %q", f.written, mode),
			"remove it, or change \"type\"")
	}
}
