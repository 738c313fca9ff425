//go:build cluster

package preflight

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// content judges what the Secret holds, or the values.
func (r *run) content() error {
	switch {
	case r.auth == nil:
		r.skip(CheckCredential, r.unfit)
		return nil
	case r.credential.IsZero():
		r.skip(CheckCredential, "there is nothing to look at")
		return nil
	case r.auth.IsPlaintext() && r.credential.IsMarker():
		r.skip(CheckCredential, "the credential was taken out of the values before they came here")
		r.credential = schema.Secret{}
		return nil
	}
	if what := r.unsendable(); what != "" {
		r.add(CheckCredential, Failed, fmt.Sprintf("the %s %s", r.auth.Mode, what), r.rewrite(r.auth.Credential(), string(r.auth.Mode)))
		return nil
	}
	found, err := r.resolved(nil)
	if err != nil {
		return err
	}
	r.fit = true
	for _, d := range found {
		if !isAboutContent(d.Rule) {
			continue
		}
		status := statusOf(d.Severity)
		if d.Rule == placeholderRule && r.mode() == schema.ModePassword && !r.auth.IsPlaintext() {
			status = Warning // some do sign in with "changeme": whether it works, Argo CD knows
		}
		r.fit = r.fit && status != Failed
		r.add(CheckCredential, status, fmt.Sprintf("%s [%s]", d.Message, d.Rule), r.mend(d))
	}
	if r.auth.Mode == schema.ModeToken {
		return r.parse()
	}
	if r.fit && !r.has(CheckCredential, Warning) {
		r.add(CheckCredential, OK, "the password has nothing around it", "")
	}
	return nil
}

// unsendable says what keeps a credential from getting to Argo CD at all, "" if
// nothing does: an environment variable holds no NUL, JSON nothing but UTF-8, and a
// header no control characters. Line breaks and the like have a word of their own.
func (r *run) unsendable() string {
	text := r.credential.Reveal()
	switch {
	case !utf8.ValidString(text):
		return "is not UTF-8: these are binary data"
	case strings.ContainsRune(text, 0):
		return "has a NUL byte in it"
	case r.mode() == schema.ModeToken && strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) && !unicode.IsSpace(c) }):
		return "has a control character in it"
	}
	return ""
}

// parse reads the token, of which lint had nothing bad to say.
func (r *run) parse() error {
	key, err := token.Parse(r.credential.Reveal())
	switch {
	case err != nil && r.fit:
		r.fit = false
		r.add(CheckCredential, Warning, "the credential is a reference that another tool replaces later, so nothing is known of it", "")
	case err != nil:
	case key.Kind == token.APIKey:
		r.key = key
		if !r.has(CheckCredential, Failed) && !r.has(CheckCredential, Warning) {
			r.add(CheckCredential, OK, fmt.Sprintf("an API key of account %q that does not expire", key.Account), "")
		}
	}
	return nil
}

// mend says what to do about a credential in a Secret. What lint advises is meant
// for values.
func (r *run) mend(d diag.Diagnostic) string {
	if r.auth.IsPlaintext() {
		return d.Hint
	}
	if strings.HasSuffix(d.Path, ".username") {
		if r.auth.UsernameRef == nil {
			return d.Hint
		}
		return r.rewrite(*r.auth.UsernameRef, "username")
	}
	return r.rewrite(r.auth.Credential(), string(r.auth.Mode))
}
