package argocdtest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	admin     = "admin"
	capLogin  = "login"
	capAPIKey = "apiKey"
)

// account is a local account as the API has it, where what is false or empty is left
// out, and its password.
type account struct {
	Name         string   `json:"name,omitempty"`
	Enabled      bool     `json:"enabled,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
	Tokens       []shown  `json:"tokens,omitempty"` // the newest first

	keys    []Key
	hash    []byte
	changed time.Time // of the password; zero: never
}

// shown is a listed key under other names.
type shown struct {
	ID  string `json:"id,omitempty"`
	IAT int64  `json:"issuedAt,omitempty"` // a number, unlike in other gateways
	Exp int64  `json:"expiresAt,omitempty"`
}

func (a *account) can(capability string) bool { return slices.Contains(a.Capabilities, capability) }

func (a *account) index(id string) int {
	return slices.IndexFunc(a.keys, func(k Key) bool { return k.ID == id })
}

// show is what the API shows of an account.
func (a *account) show() *account {
	for _, k := range a.keys {
		a.Tokens = append(a.Tokens, shown(k))
	}
	slices.SortStableFunc(a.Tokens, func(a, b shown) int { return int(b.IAT - a.IAT) })
	return a
}

// secretKey is where argocd-secret has something of an account.
func secretKey(account, what string) string {
	if account == admin {
		return "admin." + what
	}
	return "accounts." + account + "." + what
}

// enabledKey is where argocd-cm disables an account.
func enabledKey(account string) string {
	if account == admin {
		return "admin.enabled"
	}
	return "accounts." + account + ".enabled"
}

// accounts reads all accounts (util/settings/accounts.go, parseAccounts). One
// accounts.NAME.enabled that is no boolean breaks all of them.
func (k kept) accounts() (map[string]*account, error) {
	if err := k.objects(); err != nil {
		return nil, err
	}
	all := map[string]*account{admin: {Name: admin, Enabled: true, Capabilities: []string{capLogin}}}
	if on, err := strconv.ParseBool(k.cm["admin.enabled"]); err == nil {
		all[admin].Enabled = on
	}
	if err := all[admin].readSecret(k.secret); err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(k.cm)) {
		parts := strings.Split(key, ".")
		if parts[0] != "accounts" || len(parts) < 2 || len(parts) > 3 {
			continue
		}
		if all[parts[1]] == nil {
			all[parts[1]] = &account{Name: parts[1], Enabled: true}
		}
		if err := all[parts[1]].readConfig(strings.Join(parts[2:], ""), k.cm[key]); err != nil {
			return nil, err
		}
	}
	for name, a := range all {
		if name == admin {
			continue
		}
		if err := a.readSecret(k.secret); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (a *account) readConfig(what, value string) (err error) {
	switch what {
	case "":
		for word := range strings.SplitSeq(value, ",") {
			if word = strings.TrimSpace(word); word == capLogin || word == capAPIKey {
				a.Capabilities = append(a.Capabilities, word)
			}
		}
	case "enabled":
		a.Enabled, err = strconv.ParseBool(value)
	}
	return err
}

// readSecret is stricter with admin's list and laxer with admin's time than with
// those of others, as Argo CD is.
func (a *account) readSecret(secret map[string][]byte) error {
	a.hash = secret[secretKey(a.Name, "password")]
	if text, ok := secret[secretKey(a.Name, "passwordMtime")]; ok {
		changed, err := time.Parse(time.RFC3339, string(text))
		if err != nil && a.Name != admin {
			return err
		}
		a.changed = changed
	}
	if text := secret[secretKey(a.Name, "tokens")]; len(text) > 0 {
		if err := json.Unmarshal(text, &a.keys); err != nil && a.Name == admin {
			return err
		}
	}
	return nil
}

// save writes an account whose keys have changed: what argocd-cm has of it in Argo CD's
// own form, and its keys, which are removed where there are none
// (util/settings/accounts.go, saveAccount).
func (c *call) save(a *account) error {
	if store, ok := c.opts.Store.(ConfigSaver); ok {
		now := map[string]string{enabledKey(a.Name): ""}
		if !a.Enabled {
			now[enabledKey(a.Name)] = "false"
		} else if c.kept.cm[enabledKey(a.Name)] == "true" {
			now[enabledKey(a.Name)] = "true" // is left alone
		}
		if a.Name != admin {
			now["accounts."+a.Name] = strings.Join(a.Capabilities, ",")
		}
		for key, value := range now {
			if value != c.kept.cm[key] {
				if err := store.SaveConfig(c.Context(), key, value); err != nil {
					return err
				}
			}
		}
	}
	var text []byte
	if len(a.keys) > 0 {
		text, _ = json.Marshal(a.keys) // texts and numbers: nothing can be wrong with them
	}
	return c.opts.Store.SaveSecret(c.Context(), secretKey(a.Name, "tokens"), text)
}
