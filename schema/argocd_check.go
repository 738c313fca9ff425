package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// accountCheck holds the account that the Runtime will use against Argo CD's own
// configuration.
type accountCheck struct {
	run      *run
	config   *ArgoCDConfig
	accounts map[string]*account
	// user is nil where the values do not tell how the Runtime signs in. Then only
	// what concerns every account is checked.
	user *user
}

// user is the account with which the Runtime signs in to Argo CD.
type user struct {
	mode Mode
	name string // "" where only a Secret in the cluster knows it
	// related is the place in the values that names the account.
	related []diag.Related
}

// argoCD checks the account against the configuration given with the options. b is
// the block in force, nil where there is none.
func (r *run) argoCD(b *block, auth Auth) {
	if r.opts.ArgoCD == nil {
		return
	}
	c := accountCheck{run: r, config: r.opts.ArgoCD, accounts: r.opts.ArgoCD.accounts()}
	if b != nil && !slices.ContainsFunc(r.found, stops) {
		c.user = newUser(*b, auth)
	}
	c.capability()
	c.enabled()
}

// newUser finds out which account a block means; nil where its token is none of an
// account, which has its own finding.
func newUser(b block, auth Auth) *user {
	u := &user{mode: auth.Mode}
	if auth.Mode == ModePassword {
		switch {
		case auth.UsernameRef != nil:
			u.relate(b, fieldUsernameRef, "the account is named in this Secret")
		case b.isSet(fieldUsername):
			u.name = auth.Username
			u.relate(b, fieldUsername, "the Runtime signs in with this account")
		default:
			u.name = auth.Username
			u.related = related(keySpan(b.value), fmt.Sprintf("the Runtime signs in with the chart's default account, %q", auth.Username))
		}
		return u
	}
	if !auth.IsPlaintext() {
		u.relate(b, fieldTokenRef, "the account is that of the token in this Secret")
		return u
	}
	t, err := token.Parse(auth.Plaintext.Reveal())
	if err != nil {
		u.relate(b, fieldToken, "the account is that of this token")
		return u
	}
	if t.Kind != token.APIKey {
		return nil
	}
	u.name = t.Account
	u.relate(b, fieldToken, fmt.Sprintf("this token is for account %s", quote(t.Account)))
	return u
}

func (u *user) relate(b block, name, message string) {
	if f, ok := b.fields[name]; ok {
		u.related = related(valueSpan(f.value), message)
	}
}

// needs lists the capabilities without which the Runtime does not work. In password
// mode app-proxy signs in and then makes an API key, which the other services use.
func (u *user) needs() []string {
	if u.mode == ModeToken {
		return []string{capabilityAPIKey}
	}
	return capabilities()
}

// valueSpan is where a finding about a value points: the value itself, or its key where
// nothing is written, where it is a whole mapping, and where it stands elsewhere, at
// an anchor.
func valueSpan(v *values.Value) values.Span {
	if v.Body.Start == v.Body.End || v.Kind == values.Map || v.Shared {
		return keySpan(v)
	}
	return v.Body
}

// account returns the account in question, nil where it is not known or missing.
func (c *accountCheck) account() *account {
	if c.user == nil || c.user.name == "" {
		return nil
	}
	return c.accounts[c.user.name]
}

// anyCan reports whether there is an account in use that has all that the Runtime
// needs; with slips, whether one was meant to have it.
func (c *accountCheck) anyCan(slips bool) bool {
	for _, a := range c.accounts {
		if a.isEnabled() && a.hasAll(c.user.needs(), slips) {
			return true
		}
	}
	return false
}

// report adds a finding in Argo CD's configuration, with the place in the values
// that makes it matter.
func (c *accountCheck) report(s diag.Severity, rule string, at values.Span, path, message, hint string) *diag.Diagnostic {
	d := c.run.add(s, rule, at, path, message, hint)
	if c.user != nil && s == diag.Error {
		d.Related = slices.Clone(c.user.related)
	}
	return d
}

// vouch says which values may be shown of those that the rules speak about: words that
// nobody can make sense of might be a password.
func (c *ArgoCDConfig) vouch(m *Masks) {
	if c.data == nil {
		return
	}
	for _, key := range c.data.Order {
		if !strings.HasPrefix(key, accountsPrefix) && key != adminEnabledKey {
			continue
		}
		e := entry{key: key, value: c.data.Field(key), config: c}
		words := e.words()
		known := slices.DeleteFunc(slices.Clone(words), func(w word) bool { return len(w.means) == 0 || !w.exact })
		_, isBool := e.bool()
		if isBool || rightBool(e.text()) != "" || len(known) == len(words) {
			m.vouch(e.value, e.value.Body)
		}
		for _, w := range known {
			m.vouch(e.value, w.span)
		}
	}
}
