package argocd

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// The keys and words of Argo CD's configuration (Argo CD 3.6 util/settings/accounts.go).
const (
	accountsPrefix   = "accounts."
	enabledSuffix    = "enabled"
	adminEnabledKey  = "admin.enabled"
	adminAccount     = "admin"
	capabilityLogin  = "login"  // sign in with a password
	capabilityAPIKey = "apiKey" // have and use API keys
)

func capabilities() []string { return []string{capabilityLogin, capabilityAPIKey} }

func isCapability(s string) bool { return s == capabilityLogin || s == capabilityAPIKey }

// entry is one key of the configuration with its value.
type entry struct {
	key    string
	value  *values.Value
	config *Config
}

// path returns the path of the entry in its file.
func (e entry) path() string { return e.config.key(e.key) }

// refused reports whether the API server refuses the ConfigMap for the value's type.
func (e entry) refused() bool {
	return e.config.manifest && e.value.Kind != values.String && e.value.Kind != values.Null
}

// account is one local account of Argo CD.
type account struct {
	name string
	// words are the capabilities as written under accounts.NAME.
	words  []word
	grants []entry // accounts.NAME
	// on is accounts.NAME.enabled; its value is nil where it is not given.
	on entry
	// adminOn is admin.enabled, of the account admin only.
	adminOn entry
	key     values.Span // the first key that names the account; nowhere for an admin by default
}

// accounts returns the accounts as Argo CD reads them. A key accounts.NAME gives
// capabilities, a key accounts.NAME.X makes the account exist, and one with more
// dots is ignored. The account admin is always there, and may always log in.
func (c *Config) accounts() map[string]*account {
	all := map[string]*account{adminAccount: {name: adminAccount}}
	if c.data == nil {
		return all
	}
	for _, key := range c.data.Order {
		e := entry{key: key, value: c.data.Field(key), config: c}
		if key == adminEnabledKey {
			if !e.isLeftOut() && e.value.Kind != values.Null || c.manifest {
				all[adminAccount].adminOn = e
			}
			continue
		}
		name, suffix, ok := splitAccountKey(key)
		if !ok {
			continue
		}
		a := all[name]
		if a == nil {
			a = &account{name: name}
			all[name] = a
		}
		if a.key.IsZero() {
			a.key = e.value.KeySpan()
		}
		switch {
		case suffix == "":
			a.grants = append(a.grants, e)
			a.words = append(a.words, e.words()...)
		case suffix == enabledSuffix && !e.isLeftOut():
			a.on = e
		}
	}
	return all
}

// isLeftOut reports whether the chart makes no key of the value, so that it counts
// as not given.
func (e entry) isLeftOut() bool {
	return !e.config.manifest && e.value.Kind == values.String && e.value.Str() == ""
}

// splitAccountKey takes a key apart at its dots, as Argo CD does.
func splitAccountKey(key string) (name, suffix string, ok bool) {
	rest, ok := strings.CutPrefix(key, accountsPrefix)
	name, suffix, _ = strings.Cut(rest, ".")
	return name, suffix, ok && !strings.Contains(suffix, ".")
}

// Accounts returns the names of the accounts that the configuration makes, sorted.
func (c *Config) Accounts() []string { return names(c.accounts()) }

// names returns the names of the accounts, sorted.
func names(accounts map[string]*account) []string {
	return slices.Sorted(maps.Keys(accounts))
}

// has reports whether the account has a capability; with slips, whether it was
// meant to have it.
func (a *account) has(capability string, slips bool) bool {
	if a.name == adminAccount && capability == capabilityLogin {
		return true
	}
	return slices.ContainsFunc(a.words, func(w word) bool {
		return (slips || w.isRight()) && slices.Contains(w.means, capability)
	})
}

// hasAll is has for several capabilities.
func (a *account) hasAll(needed []string, slips bool) bool {
	return !slices.ContainsFunc(needed, func(c string) bool { return !a.has(c, slips) })
}

// isEnabled reports whether the account is in use. accounts.admin.enabled is read
// after admin.enabled and beats it. What is no boolean, which has its own finding,
// counts as not given.
func (a *account) isEnabled() bool {
	for _, e := range []entry{a.on, a.adminOn} {
		if on, ok := e.bool(); ok {
			return on
		}
	}
	return true
}

// bool reads a value as Argo CD does (strconv.ParseBool); ok is false where that fails.
func (e entry) bool() (on, ok bool) {
	if e.value == nil {
		return false, false
	}
	on, err := strconv.ParseBool(e.text())
	return on, err == nil
}

// text returns what stands for the value in the ConfigMap. A value that the API
// server refuses reads as if it were in quotes.
func (e entry) text() string {
	switch v := e.value; v.Kind {
	case values.String:
		return v.Str()
	case values.Bool:
		return strconv.FormatBool(v.Scalar.(bool))
	case values.Number:
		return strconv.FormatFloat(v.Scalar.(float64), 'g', -1, 64)
	}
	return "" // null, a list or a mapping: the chart makes no boolean of it, null becomes "<nil>"
}
