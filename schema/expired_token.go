package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/token"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleExpiredToken = "expired-token"

func expiredTokenRule() Rule {
	return Rule{
		ID: ruleExpiredToken, Severity: diag.Error, Class: Content,
		Summary: "The token has expired.",
		Help:    "Argo CD refuses it. Create a new API key.",
	}
}

func (r *run) expired(c credential, t token.Token) {
	r.add(diag.Error, ruleExpiredToken, c.field.value.Body, c.path,
		fmt.Sprintf("the token expired on %s", date(t.Expires)),
		"create a new one: argocd account generate-token --account NAME, without --expires-in")
}
