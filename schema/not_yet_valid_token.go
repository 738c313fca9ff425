package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

const ruleNotYetValidToken = "not-yet-valid-token"

func notYetValidTokenRule() Rule {
	return Rule{
		ID: ruleNotYetValidToken, Severity: diag.Error, Class: Content,
		Summary: "The token is not valid yet.",
		Help:    "Argo CD refuses it before the time in its claim nbf. Create a new API key, on a machine whose clock is right.",
	}
}

func (r *run) notYetValid(c credential, t token.Token) {
	r.add(diag.Error, ruleNotYetValidToken, c.field.value.Body, c.path,
		fmt.Sprintf("the token is not valid before %s", date(t.NotBefore)),
		"create a new one, or check the clock of the machine that made it")
}
