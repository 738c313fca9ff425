package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleMalformedToken = "malformed-token"

func malformedTokenRule() Rule {
	return Rule{
		ID: ruleMalformedToken, Severity: diag.Error, Class: Content,
		Summary: "The token is no JSON Web Token, which is what Argo CD issues.",
		Help:    "A token has three parts with dots between them. It may be cut off, or be a password or another system's key.",
	}
}

func (r *run) malformed(c credential, err error) {
	r.add(diag.Error, ruleMalformedToken, c.field.value.Body, c.path, err.Error(),
		"create one for an account that has the capability apiKey: argocd account generate-token --account NAME")
}
