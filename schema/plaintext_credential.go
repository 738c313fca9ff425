package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const rulePlaintextCredential = "plaintext-credential"

func plaintextCredentialRule() Rule {
	return Rule{
		ID: rulePlaintextCredential, Severity: diag.Warning, Class: Advice,
		Summary: "The token or password itself stands in the values.",
		Help:    "Helm keeps it in the release record, and the chart prints it into a ConfigMap. Put it into a Secret and refer to that.",
	}
}

// plaintext warns of credentials that stand in the values themselves.
func (r *run) plaintext(b block) {
	for _, name := range []string{fieldToken, fieldPassword} {
		// One of the wrong type, or a placeholder, has its own finding.
		if s := b.get(name).Str(); s == "" || isSealed(s) || placeholderForm(s) != "" {
			continue
		}
		f := b.fields[name]
		r.add(diag.Warning, rulePlaintextCredential, f.value.Body, b.where(f.written),
			fmt.Sprintf("the %s is given in plaintext: Helm stores it in the release, and the chart prints it into a ConfigMap", name),
			fmt.Sprintf("put it into a Secret and name that with %sSecretKeyRef", name))
	}
}
