package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleAccountCapability = "account-capability"

func accountCapabilityRule() Rule {
	return Rule{
		ID: ruleAccountCapability, Severity: diag.Error, Fixable: true,
		Summary: "Argo CD's configuration does not let the account do what the Runtime needs.",
		Help:    "Token mode needs apiKey, password mode needs login and apiKey. The names are compared with their case.",
	}
}
