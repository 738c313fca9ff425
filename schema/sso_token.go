package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleSSOToken = "sso-token"

func ssoTokenRule() Rule {
	return Rule{
		ID: ruleSSOToken, Severity: diag.Error, Class: Content,
		Summary: "The token was issued by a single sign-on provider, not by Argo CD.",
		Help:    "It expires within hours and cannot be renewed by the Runtime. Create an API key of a local account.",
	}
}

func (r *run) ssoToken(c credential) {
	r.add(diag.Error, ruleSSOToken, c.field.value.Body, c.path,
		"the token was not issued by Argo CD itself but by a single sign-on provider",
		"create an API key of a local account: argocd account generate-token --account NAME")
}
