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
		ID: rulePaddedCredential, Severity: diag.Error,
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
	case trimmed != c.text:
		return "has white space around it", "remove it"
	case isToken && hasPrefixFold(c.text, "bearer "):
		return "begins with the word Bearer", "give the token alone"
	case isToken && hasSpace(c.text):
		return "has white space in it", "a token is one unbroken line; it was probably wrapped when it was copied"
	case isToken && quoted(c.text):
		return "has quotes around it that belong to it", "quote it once, not twice"
	case isToken && token.IsEncodedAgain(c.text):
		return "is encoded in base64 once too often", "the values take it as it is: decode it once (base64 -d)"
	}
	return "", ""
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func quoted(s string) bool {
	return len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0]
}
