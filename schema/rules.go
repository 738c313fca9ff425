package schema

import "github.com/helm-runtime-auth/runtime-auth/schema/diag"

// Rule describes one rule to people and to report formats.
type Rule struct {
	ID       string        // what findings carry, and the anchor in docs/rules.md
	Severity diag.Severity // of its findings, where they do not say otherwise
	Summary  string        // one sentence: what is reported
	Help     string        // why it matters and what to do
	Fixable  bool          // --fix mends it where there is one right answer
}

// Rules returns every rule, in the order of the documentation.
func Rules() []Rule {
	return []Rule{
		yamlSyntaxRule(),
		extraDocumentRule(),
		duplicateKeyRule(),
		misspelledKeyRule(),
		misplacedBlockRule(),
		movedBlockRule(),
		bothBlocksRule(),
		unknownFieldRule(),
		wrongTypeRule(),
		missingFieldRule(),
		invalidValueRule(),
		invalidNameRule(),
		noCredentialRule(),
		twoCredentialsRule(),
		impliedTypeRule(),
		unusedCredentialRule(),
		unsetLeftoverRule(),
		ignoredFieldRule(),
		inheritedDefaultRule(),
		plaintextCredentialRule(),
		reservedSecretRule(),
		unquotedCredentialRule(),
		placeholderRule(),
		paddedCredentialRule(),
		malformedTokenRule(),
		sessionTokenRule(),
		projectTokenRule(),
		ssoTokenRule(),
		expiringTokenRule(),
		expiredTokenRule(),
		bundledArgoCDRule(),
		envOverrideRule(),
		accountCapabilityRule(),
		accountEnabledRule(),
	}
}
