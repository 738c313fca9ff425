package schema

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleInvalidName = "invalid-name"

func invalidNameRule() Rule {
	return Rule{
		ID: ruleInvalidName, Severity: diag.Error, Fixable: true,
		Summary: "The name of a Secret or its key is one that Kubernetes refuses.",
		Help:    "The names of Secrets are lower-case DNS subdomains; their keys consist of letters, digits, dashes, underscores and dots.",
	}
}

func (r *run) invalidName(v *values.Value, path, field string) {
	what, want := "the name of a Secret", "lower-case letters, digits, \"-\" and \".\", beginning and ending with a letter or digit"
	if field == refKey {
		what, want = "a key of a Secret", "letters, digits, \"-\", \"_\" and \".\", not beginning with two dots"
	}
	hint := ""
	trimmed := strings.TrimSpace(v.Str())
	if trimmed != v.Str() {
		hint = "remove the white space around it"
	} else if len(v.Str()) > maxNameLength {
		hint = fmt.Sprintf("at most %d characters", maxNameLength)
	} else if quote(v.Str()) == mask.Hidden {
		hint = "this looks like the credential itself; here goes the " + field + " of the Secret that holds it"
	}
	if quote(v.Str()) != mask.Hidden {
		r.masks.vouch(v, v.Body)
	}
	d := r.add(diag.Error, ruleInvalidName, v.Body, path, fmt.Sprintf("%s cannot be %s: use %s", quote(v.Str()), what, want), hint)
	isValid := field == refName && validName(trimmed) || field == refKey && validKey(trimmed)
	if trimmed != "" && isValid {
		r.retext(d, v, trimmed)
	}
}

// pasted reports a token in the place of a name or key: Kubernetes would take it, and the
// credential would be readable in every manifest.
func (r *run) pasted(b block, name string) {
	fields := rightNames(b.fields[name].value, refFieldNames())
	for _, field := range []string{refName, refKey} {
		v := fields[field].value
		if s := v.Str(); v != nil && holdsToken(s) && !isSealed(s) && (field == refKey && validKey(s) || field == refName && validName(s)) {
			r.add(diag.Error, ruleInvalidName, v.Body, b.where(b.fields[name].written, fields[field].written),
				fmt.Sprintf("this looks like the credential itself; %q is the %s of the Secret that holds it", field, field),
				"store it in a Secret and reference that; a token that was committed or installed like this should be revoked")
		}
	}
}

// holdsToken reports whether there is the beginning of a JSON Web Token in s.
func holdsToken(s string) bool {
	for {
		i := strings.Index(s, "eyJ")
		if i < 0 {
			return false
		}
		s = s[i+len("eyJ"):]
		run := strings.IndexFunc(s, func(c rune) bool { return c != '_' && c != '-' && (c > 'z' || !isAlphanumeric(byte(c))) })
		if run >= 8 || run < 0 && len(s) >= 8 {
			return true
		}
	}
}
