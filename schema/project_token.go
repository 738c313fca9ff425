package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleProjectToken = "project-token"

func projectTokenRule() Rule {
	return Rule{
		ID: ruleProjectToken, Severity: diag.Error, Class: Content,
		Summary: "The token belongs to a role of an Argo CD project.",
		Help:    "It reaches only that project's applications, and the Runtime needs the whole of Argo CD. Create an API key of an account.",
	}
}

func (r *run) projectToken(c credential) {
	r.add(diag.Error, ruleProjectToken, c.field.value.Body, c.path,
		"the token belongs to a role of one project, not to an account",
		"create an API key: argocd account generate-token --account NAME")
}
