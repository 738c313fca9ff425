package schema

import "github.com/helm-runtime-auth/runtime-auth/schema/diag"

// Class says what a rule is about, and so where its findings count.
type Class uint8

// The classes of rules.
const (
	Shape   Class = iota // how the block is written; an error keeps render from working
	Absence              // what is missing; moot where more values come from elsewhere
	Advice               // what works and had better be done otherwise
	Content              // what a credential looks like; it decides nothing
	Account              // the account in Argo CD's own configuration
)

// ClassOf returns the class of the rule with this ID; Shape if there is none.
func ClassOf(id string) Class { return RuleOf(id).Class }

// RuleOf returns the rule with this ID, the zero Rule if there is none.
func RuleOf(id string) Rule {
	for _, r := range Rules() {
		if r.ID == id {
			return r
		}
	}
	return Rule{}
}

// Rule describes one rule to people and to report formats.
type Rule struct {
	ID       string        // what findings carry, and the anchor in docs/rules.md
	Severity diag.Severity // of its findings, where they do not say otherwise
	Class    Class
	Summary  string // one sentence: what is reported
	Help     string // why it matters and what to do
	Fixable  bool   // --fix applies an unambiguous fix
	Waits    bool   // it says nothing while a rule about the same block reports an error
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
		lostBlockRule(),
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
		notYetValidTokenRule(),
		bundledArgoCDRule(),
		envOverrideRule(),
		accountCapabilityRule(),
		accountEnabledRule(),
	}
}
