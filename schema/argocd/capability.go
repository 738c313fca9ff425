package argocd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// capability reports capabilities that Argo CD does not know, and those that the
// account lacks.
func (c *check) capability() {
	for _, name := range names(c.accounts) {
		a := c.accounts[name]
		for _, w := range a.words {
			if !w.isRight() {
				c.unknownCapability(a, w)
			}
		}
	}
	switch {
	case c.user == nil:
	case c.user.name == "":
		c.noneCan()
	case c.account() == nil:
		c.noAccount(c.user.name)
	default:
		c.lacking(c.account())
	}
}

// unknownCapability reports a word that Argo CD ignores. It is an error where the
// Runtime needs what it was meant to be; in accounts that are none of the Runtime's
// business only slips are worth a word.
func (c *check) unknownCapability(a *account, w word) {
	severity := diag.Warning
	switch {
	case w.entry.refused(), c.isMissed(a, w):
		severity = diag.Error
	case len(w.means) == 0 && (a != c.account() || !a.hasAll(c.user.needs(), true)):
		return // what the account lacks is reported at the same place
	}
	d := c.report(severity, w.span, w.entry.path(), w.message(a), w.hint(a))
	d.Fix = w.fix(a)
}

// isMissed reports whether the word is a slip for a capability that the Runtime
// lacks because of it.
func (c *check) isMissed(a *account, w word) bool {
	switch {
	case c.user == nil:
		return false
	case c.user.name == "" && (c.anyCan(false) || !a.isEnabled() || !a.hasAll(c.user.needs(), true)):
		return false
	case c.user.name != "" && a != c.account():
		return false
	}
	return slices.ContainsFunc(w.means, func(s string) bool {
		return slices.Contains(c.user.needs(), s) && !a.has(s, false)
	})
}

func (w word) message(a *account) string {
	switch kind := w.entry.value.Kind; {
	case w.entry.refused():
		return fmt.Sprintf("%s is %s, and the API server takes nothing but text in a ConfigMap", mask.Quote(w.entry.key), kind)
	case kind != values.String:
		return fmt.Sprintf("%s is %s: the chart turns it into a text in which Argo CD finds no capability", mask.Quote(w.entry.key), kind)
	case len(w.means) == 0:
		return fmt.Sprintf("unknown capability of account %s, Argo CD ignores it", mask.Quote(a.name))
	}
	return fmt.Sprintf("unknown capability %s of account %s, Argo CD ignores it", w.quoted(), mask.Quote(a.name))
}

// quoted is mask.Quote for a word that is known to mean something, odd signs and all.
func (w word) quoted() string {
	if len(w.means) > 0 {
		return fmt.Sprintf("%q", w.text)
	}
	return mask.Quote(w.text)
}

func (w word) hint(a *account) string {
	right := strings.Join(w.means, ", ")
	switch {
	case right == "":
		return "Argo CD knows \"login\" and \"apiKey\", with a comma between them"
	case w.entry.value.Kind != values.String:
		return fmt.Sprintf("write it as text: %q", right)
	case a.hasAll(w.means, false):
		return fmt.Sprintf("the account has %q already: remove the word", right)
	case strings.EqualFold(w.text, right):
		return fmt.Sprintf("did you mean %q? Argo CD minds the case", right)
	}
	return fmt.Sprintf("did you mean %q?", right)
}

// lacking reports what the account cannot do. A slip counts as given: it has its
// own finding.
func (c *check) lacking(a *account) {
	var lacks []string
	for _, s := range c.user.needs() {
		if !a.has(s, true) {
			lacks = append(lacks, s)
		}
	}
	if len(lacks) == 0 {
		return
	}
	message := fmt.Sprintf("account %s lacks the capability %q: %s", mask.Quote(a.name), lacks[0], c.user.consequence(lacks[0]))
	if len(lacks) > 1 {
		message = fmt.Sprintf("account %s lacks the capabilities \"login\" and \"apiKey\": it can neither sign in nor have an API key", mask.Quote(a.name))
	}
	key := accountsPrefix + a.name
	at, verb, all := c.config.anchor, "add", lacks
	switch {
	case len(a.grants) > 0:
		e := a.grants[len(a.grants)-1]
		at, verb, key = valueSpan(e.value), "write", e.key
		all = appendNew(a.capabilities(), lacks)
	case a.name != adminAccount:
		at = a.key
	}
	c.report(diag.Error, at, c.config.key(key), message, fmt.Sprintf("%s %s: %s", verb, mask.Path(key), strings.Join(all, ", ")))
}

// capabilities lists what is written for the account, slips set right.
func (a *account) capabilities() []string {
	var all []string
	for _, w := range a.words {
		all = appendNew(all, w.means)
	}
	return all
}

func (u *user) consequence(lack string) string {
	switch {
	case u.mode == auth.ModeToken:
		return "Argo CD refuses its tokens"
	case lack == capabilityLogin:
		return "it cannot sign in with a password"
	}
	return "app-proxy cannot make the API key that the Runtime goes on with"
}

// noneCan reports that whichever account the Secret is for, it cannot work.
func (c *check) noneCan() {
	if c.anyCan(true) {
		return
	}
	needed := strings.Join(c.user.needs(), ", ")
	what := "the capability \"apiKey\""
	if c.user.mode == auth.ModePassword {
		what = "both capabilities, \"login\" and \"apiKey\""
	}
	c.report(diag.Error, c.config.anchor, c.config.path,
		"no enabled account has "+what+", so the Runtime cannot use any",
		fmt.Sprintf("add accounts.NAME: %s for the Runtime's account", needed))
}

// noAccount reports an account that is not there, and what may be meant instead.
func (c *check) noAccount(name string) {
	key := accountsPrefix + name
	at, path := c.config.anchor, c.config.key(key)
	message := fmt.Sprintf("no account %s in Argo CD's configuration", mask.Quote(name))
	hint := fmt.Sprintf("add %s: %s", mask.Path(key), strings.Join(c.user.needs(), ", "))
	nested := c.config.data.At(strings.TrimSuffix(accountsPrefix, "."), name)
	other := block.Nearest(name, names(c.accounts))
	switch {
	case nested != nil:
		at = nested.KeySpan()
		message += ": it reads nothing from a mapping"
		hint = fmt.Sprintf("write the key with its dot: %s: %s", mask.Path(key), strings.Join(c.user.needs(), ", "))
	case !block.ValidKey(key):
		message = fmt.Sprintf("account %s cannot exist: the name of a local account has nothing but letters, digits, - and _", mask.Quote(name))
		hint = "the Runtime needs a local account of Argo CD, not one of single sign-on"
	case strings.Contains(name, "."):
		if v := c.config.data.Field(key); v != nil {
			at = v.KeySpan()
		}
		message = fmt.Sprintf("account %s cannot exist: Argo CD splits the key %s at its dots", mask.Quote(name), mask.Quote(key))
		hint = "give the account a name without dots"
	case other != "" && strings.EqualFold(other, name):
		hint = fmt.Sprintf("did you mean %s? Argo CD minds the case", mask.Quote(other))
	case other != "":
		hint = fmt.Sprintf("did you mean %s?", mask.Quote(other))
	}
	c.report(diag.Error, at, path, message, hint)
}
