package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleAccountEnabled = "account-enabled"

func accountEnabledRule() Rule {
	return Rule{
		ID: ruleAccountEnabled, Severity: diag.Error,
		Summary: "Argo CD's configuration disables the account, or has a value that breaks every account.",
		Help:    "accounts.NAME.enabled is true or false in quotes; any other text makes Argo CD refuse every account.",
	}
}
