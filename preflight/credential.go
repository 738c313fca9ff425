package preflight

import (
	"fmt"

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
	found, err := r.resolved(nil)
	if err != nil {
		return err
	}
	r.fit = true
	for _, d := range found {
		if !isAboutContent(d.Rule) {
			continue
		}
		r.fit = r.fit && d.Severity != diag.Error
		r.add(CheckCredential, statusOf(d.Severity), fmt.Sprintf("%s [%s]", d.Message, d.Rule), r.mend(d))
	}
	if r.auth.Mode == schema.ModeToken {
		return r.parse()
	}
	if r.fit {
		r.add(CheckCredential, OK, "the password has nothing around it", "")
	}
	return nil
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
	ref := r.auth.Credential()
	if r.auth.Mode == schema.ModePassword {
		return fmt.Sprintf("write %s anew: kubectl create secret generic %s --from-file=%s=FILE, where FILE holds the password and no line break at its end",
			place(ref), ref.Name, ref.Key)
	}
	return fmt.Sprintf("create an API key and put it there: helm runtime-auth token create --account NAME --secret-name %s --secret-key %s --force", ref.Name, ref.Key)
}
