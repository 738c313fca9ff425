package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/token"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleSessionToken = "session-token"

func sessionTokenRule() Rule {
	return Rule{
		ID: ruleSessionToken, Severity: diag.Error, Class: Content,
		Summary: "The token is that of a login session, which ends after a day.",
		Help:    "It comes from signing in, not from an account's API keys. Create an API key with argocd account generate-token.",
	}
}

func (r *run) sessionToken(c credential, t token.Token) {
	until := ""
	switch {
	case t.Expires.IsZero():
	case t.Expires.After(r.opts.Now):
		until = ", which ends on " + date(t.Expires)
	default:
		until = ", which ended on " + date(t.Expires)
	}
	r.add(diag.Error, ruleSessionToken, c.field.value.Body, c.path,
		"the token is that of a login session"+until+", not an API key",
		"create an API key: argocd account generate-token --account NAME")
}
