package argocd

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/spot"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// enabled reports values that are no booleans, whichever account they are for, and
// an account of the Runtime's that is switched off.
func (c *check) enabled() {
	for _, name := range names(c.accounts) {
		if e := c.accounts[name].on; e.value != nil && !c.refusedValue(e) {
			c.badSwitch(e, diag.Error, "it then refuses every account")
		}
	}
	admin := c.accounts[adminAccount]
	if e := admin.adminOn; e.value != nil && !c.refusedValue(e) {
		c.badSwitch(e, diag.Warning, "it ignores it, and the account stays enabled")
	}
	switch a := c.account(); {
	case a != nil && !a.isEnabled():
		c.disabled(a)
	case c.user != nil && (a == admin || c.user.name == ""):
		c.contradiction(admin)
	}
}

// refusedValue reports a value without quotes in a ConfigMap.
func (c *check) refusedValue(e entry) bool {
	if !e.refused() {
		return false
	}
	d := c.report(diag.Error, valueSpan(e.value), e.path(),
		fmt.Sprintf("%s is %s, and the API server takes nothing but text in a ConfigMap", mask.Quote(e.key), e.value.Kind),
		"put \"true\" or \"false\" in quotes")
	if _, ok := e.bool(); ok && !spot.IsAnchored(e.value) {
		d.Fix = []diag.Edit{{Range: e.value.Body.Range(), NewText: `"` + e.text() + `"`}}
	}
	return true
}

// badSwitch reports a switch that Argo CD cannot read as a boolean, and the effect of that.
// One that leaves the account on, which is a warning, is not fixed to false: that would
// change what is in force.
func (c *check) badSwitch(e entry, severity diag.Severity, effect string) {
	if _, ok := e.bool(); ok {
		return
	}
	d := c.report(severity, valueSpan(e.value), e.path(),
		fmt.Sprintf("%s is %s, which Argo CD cannot read as a boolean: %s", mask.Quote(e.key), e.shown(), effect),
		"write \"true\" or \"false\"")
	if right := block.WordForBool(e.text()); severity == diag.Error || right == "true" {
		d.Fix = e.fix(right)
	}
}

// disabled reports that the Runtime's account is switched off.
func (c *check) disabled(a *account) {
	e := a.on
	if _, ok := e.bool(); !ok {
		e = a.adminOn
	}
	hint := fmt.Sprintf("set %s to \"true\", or let the Runtime use another account", mask.Path(e.key))
	if later, other, ok := a.contradicting(); ok {
		d := c.report(diag.Error, valueSpan(later.value), later.path(),
			fmt.Sprintf("account %q is disabled: %q is false, and beats %q", a.name, a.on.key, a.adminOn.key),
			hint)
		d.Related = append(rule.Related(valueSpan(other.value), "the two contradict each other"), d.Related...)
		return
	}
	c.report(diag.Error, valueSpan(e.value), e.path(),
		fmt.Sprintf("account %s is disabled, and Argo CD refuses it", mask.Quote(a.name)),
		hint)
}

// contradiction warns of the two switches of admin where the one that wins leaves
// the account on.
func (c *check) contradiction(admin *account) {
	later, other, ok := admin.contradicting()
	if !ok {
		return
	}
	d := c.report(diag.Warning, valueSpan(later.value), later.path(),
		fmt.Sprintf("%q and %q contradict each other: the first wins", admin.on.key, admin.adminOn.key),
		"keep one of them")
	d.Related = rule.Related(valueSpan(other.value), "the other one")
}

// contradicting returns the two switches of admin, the one that stands later in the
// file first, if they do not say the same.
func (a *account) contradicting() (later, earlier entry, ok bool) {
	first, ok1 := a.on.bool()
	second, ok2 := a.adminOn.bool()
	if !ok1 || !ok2 || first == second {
		return entry{}, entry{}, false
	}
	if a.on.value.KeySpan().Start > a.adminOn.value.KeySpan().Start {
		return a.on, a.adminOn, true
	}
	return a.adminOn, a.on, true
}

// shown is what a message says of a value that is no boolean. It is quoted only if
// it is a word for one: anything else might be a password.
func (e entry) shown() string {
	switch {
	case e.value.Kind == values.Null && !e.config.manifest:
		return "null, in the ConfigMap \"<nil>\""
	case e.value.Kind == values.List || e.value.Kind == values.Map:
		return e.value.Kind.String()
	case e.value.Kind == values.Number:
		return "a number other than 0 and 1"
	case e.text() == "":
		return "empty"
	case block.WordForBool(e.text()) != "":
		return fmt.Sprintf("%q", e.text())
	}
	return "some other text"
}

// fix returns the edit that writes right instead of the value, in the quotes that
// are there.
func (e entry) fix(right string) []diag.Edit {
	written := e.value.Body.Text()
	if right == "" || written == "" || spot.IsAnchored(e.value) {
		return nil
	}
	switch mark := written[:1]; {
	case strings.ContainsAny(mark, `"'`):
		right = mark + right + mark
	case e.config.manifest || strings.ContainsAny(mark, "|>"):
		right = `"` + right + `"`
	}
	return []diag.Edit{{Range: e.value.Body.Range(), NewText: right}}
}
