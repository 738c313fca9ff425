package schema

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

const rulePaddedCredential = "padded-credential"

func paddedCredentialRule() Rule {
	return Rule{
		ID: rulePaddedCredential, Severity: diag.Error, Class: Content,
		Summary: "The credential has white space or a line break at its edges or inside, or is encoded in base64 once too often.",
		Help:    "It is sent to Argo CD as it stands, and refused. Often a trailing line break from a file or from a block scalar is to blame.",
	}
}

func (r *run) padded(c credential) bool {
	what, hint := padding(c)
	if what == "" {
		return false
	}
	r.add(diag.Error, rulePaddedCredential, c.field.value.Body, c.path,
		fmt.Sprintf("the %s %s", c.name, what), hint)
	return true
}

// padding says what is around or in the credential that does not belong to it, ""
// if there is nothing, and how to get rid of it.
func padding(c credential) (what, hint string) {
	trimmed := strings.TrimSpace(c.text)
	isToken := c.name == fieldToken
	switch {
	case strings.TrimRight(c.text, "\r\n") != c.text:
		return "ends with a line break", "write it on one line in quotes; a block scalar (|) ends with a line break unless it is written |-, and so does a file given with --set-file"
	case trimmed == "":
		return "is blank", "give it, or remove the field"
	case trimmed != c.text:
		return "has white space around it", "remove it"
	case isToken && hasPrefixFold(c.text, "bearer "):
		return "begins with the word Bearer", "give the token alone"
	case isToken && hasSpace(c.text):
		return "has white space in it", "a token is one unbroken line; it was probably wrapped when it was copied"
	case isToken && wrapped(c.text) != "":
		return "has " + wrapped(c.text) + " around it", "remove them, the token itself is whole"
	case isToken && token.IsEncodedAgain(c.text):
		return "is encoded in base64 once too often", "the values take it as it is: decode it once (base64 -d)"
	}
	return "", ""
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// wrapped says what stands around a text that is a token without it: what quotes, a
// terminal or a web page leave behind when somebody copies one.
func wrapped(s string) string {
	const quotes, invisible = "\"'`“”‘’„,;%", "\ufeff\u200b\u200c\u200d\u2060"
	inner := strings.Trim(s, quotes+invisible)
	if _, err := token.Parse(inner); inner == s || err != nil {
		return ""
	}
	if strings.ContainsAny(s, invisible) {
		return "invisible characters"
	}
	return "quotes or other signs"
}

// username judges the name of the account: a placeholder in its place, and white space
// around it, with which Argo CD would look for it too.
func (r *run) username(b block) {
	name := b.get(fieldUsername)
	s := name.Str()
	switch {
	case isSealed(s):
	case isVariable(s):
		r.placeholderAt(name, b.where(b.fields[fieldUsername].written), "the username")
	case strings.TrimSpace(s) != s:
		r.add(diag.Error, rulePaddedCredential, name.Body, b.where(b.fields[fieldUsername].written),
			"the username has white space around it", "remove it")
	}
}
