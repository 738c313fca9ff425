package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleReservedSecret = "reserved-secret"

func reservedSecretRule() Rule {
	return Rule{
		ID: ruleReservedSecret, Severity: diag.Error, Waits: true,
		Summary: "A reference names a Secret that holds something else.",
		Help:    "codefresh-token is the Runtime's own credential, and argocd-token is written by app-proxy in password mode. Use a Secret of your own.",
	}
}

// reserved refuses references to Secrets that hold something else: the Runtime's
// own token, and what app-proxy writes itself in password mode.
func (r *run) reserved(b block, name string, ref SecretRef, passwordMode bool) {
	f := b.fields[name]
	if f.value == nil {
		return
	}
	at := f.value
	if n := rightNames(f.value, refFieldNames())[refName].value; n != nil {
		at = n
	}
	why := ""
	switch {
	case ref.Name == RuntimeSecretName:
		why = "holds the Runtime's own token for Codefresh, not a credential of Argo CD"
	case passwordMode && ref.Same(SecretRef{Name: AppProxySecretName, Key: AppProxySecretKey}):
		why = "is written by app-proxy itself, which puts an Argo CD token there"
	default:
		return
	}
	r.add(diag.Error, ruleReservedSecret, at.Body, b.where(f.written, refName),
		fmt.Sprintf("Secret %q %s", ref.Name, why),
		"keep the credential in a Secret of its own")
}
