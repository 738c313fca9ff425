// Package argocd reads Argo CD's own configuration of its accounts, and holds the rules on
// the account that the Runtime uses.
package argocd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// check holds the account that the Runtime will use against Argo CD's own
// configuration.
type check struct {
	pass     *rule.Pass
	config   *Config
	accounts map[string]*account
	// user is nil where the values do not tell how the Runtime signs in. Then only
	// what concerns every account is checked.
	user *user
}

// user is the account with which the Runtime signs in to Argo CD.
type user struct {
	mode auth.Mode
	name string // "" where only a Secret in the cluster knows it
	// related is the place in the values that names the account.
	related []diag.Related
}

// Rules returns the rules on the account that the Runtime uses, checked against config; with
// nil they say nothing.
func Rules(config *Config) []rule.Rule {
	with := func(run func(*check)) func(*rule.Pass) {
		if config == nil {
			return nil
		}
		return func(p *rule.Pass) {
			c := check{pass: p, config: config, accounts: config.accounts()}
			if b, a, ok := p.Declared(); ok && !p.HasErrors() {
				c.user = newUser(b, a)
			}
			run(&c)
		}
	}
	return []rule.Rule{
		{ID: "account-capability", Severity: diag.Error, Class: rule.Account, Fixable: true, Keys: true, Choice: with((*check).capability)},
		{ID: "account-enabled", Severity: diag.Error, Class: rule.Account, Fixable: true, Keys: true, Choice: with((*check).enabled)},
	}
}

// newUser finds out which account a block means that declares a; nil where its token is
// none of an account, which has its own finding.
func newUser(b block.Block, a auth.Auth) *user {
	u := &user{mode: a.Mode}
	if a.Mode == auth.ModePassword {
		switch {
		case a.UsernameRef != nil:
			u.relate(b, block.UsernameRef, "the account is named in this Secret")
		case b.IsSet(block.Username):
			u.name = a.Username
			u.relate(b, block.Username, "the Runtime signs in with this account")
		default:
			u.name = a.Username
			u.related = rule.Related(b.Value.KeySpan(), fmt.Sprintf("the Runtime signs in with the chart's default account, %q", a.Username))
		}
		return u
	}
	if !a.IsPlaintext() {
		u.relate(b, block.TokenRef, "the account is that of the token in this Secret")
		return u
	}
	t, err := token.Parse(a.Plaintext.Reveal())
	if err != nil {
		u.relate(b, block.Token, "the account is that of this token")
		return u
	}
	if t.Kind != token.APIKey {
		return nil
	}
	u.name = t.Account
	u.relate(b, block.Token, fmt.Sprintf("this token is for account %s", mask.Quote(t.Account)))
	return u
}

func (u *user) relate(b block.Block, name, message string) {
	if f, ok := b.Fields[name]; ok {
		u.related = rule.Related(valueSpan(f.Value), message)
	}
}

// needs lists the capabilities without which the Runtime does not work. In password
// mode app-proxy signs in and then makes an API key, which the other services use.
func (u *user) needs() []string {
	if u.mode == auth.ModeToken {
		return []string{capabilityAPIKey}
	}
	return capabilities()
}

// valueSpan is where a finding about a value points: the value itself, or its key where
// nothing is written, where it is a whole mapping, and where it stands elsewhere, at
// an anchor.
func valueSpan(v *values.Value) values.Span {
	if v.Body.Start == v.Body.End || v.Kind == values.Map || v.Shared {
		return v.KeySpan()
	}
	return v.Body
}

// account returns the account in question, nil where it is not known or missing.
func (c *check) account() *account {
	if c.user == nil || c.user.name == "" {
		return nil
	}
	return c.accounts[c.user.name]
}

// anyCan reports whether there is an account in use that has all that the Runtime
// needs; with slips, whether one was meant to have it.
func (c *check) anyCan(slips bool) bool {
	for _, a := range c.accounts {
		if a.isEnabled() && a.hasAll(c.user.needs(), slips) {
			return true
		}
	}
	return false
}

// report adds a finding in Argo CD's configuration, with the place in the values
// that makes it matter.
func (c *check) report(s diag.Severity, at values.Span, path, message, hint string) *diag.Diagnostic {
	d := c.pass.ReportElsewhere(s, at, path, message, hint)
	if c.user != nil && s == diag.Error {
		d.Related = slices.Clone(c.user.related)
	}
	return d
}

// Vouch adds the configuration to what masks show lines of, and says which values may be shown of those that the rules speak about: words that
// nobody can make sense of might be a password.
func (c *Config) Vouch(m *mask.Masks) {
	m.Add(c.file)
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
		if isBool || block.WordForBool(e.text()) != "" || len(known) == len(words) {
			m.Vouch(e.value, e.value.Body)
		}
		for _, w := range known {
			m.Vouch(e.value, w.span)
		}
	}
}
