package argocdtest

import (
	"context"
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

// listed is an API key as argocd-secret has it.
type listed struct {
	ID  string `json:"id"`
	IAT int64  `json:"iat"`
	Exp int64  `json:"exp,omitempty"`
}

// account is a local account as Argo CD sees it.
type account struct {
	name         string
	enabled      bool
	capabilities []string
	hash         []byte
	changed      time.Time // of the password; zero: never
	tokens       []listed
}

func (a *account) can(capability string) bool { return slices.Contains(a.capabilities, capability) }

func (a *account) index(id string) int {
	return slices.IndexFunc(a.tokens, func(t listed) bool { return t.ID == id })
}

// secretKey is where argocd-secret has something of an account.
func secretKey(account, what string) string {
	if account == admin {
		return "admin." + what
	}
	return "accounts." + account + "." + what
}

// accounts reads all accounts (util/settings/accounts.go, parseAccounts). One
// accounts.NAME.enabled that is no boolean breaks all of them.
func (s *Server) accounts(ctx context.Context) (map[string]*account, error) {
	cm, secret, err := s.opts.Store.Config(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]*account{admin: {name: admin, enabled: true, capabilities: []string{capLogin}}}
	if err := all[admin].readSecret(secret); err != nil {
		return nil, err
	}
	if on, err := strconv.ParseBool(cm["admin.enabled"]); err == nil {
		all[admin].enabled = on
	}
	for _, key := range slices.Sorted(maps.Keys(cm)) {
		parts := strings.Split(key, ".")
		if parts[0] != "accounts" || len(parts) < 2 || len(parts) > 3 {
			continue
		}
		if all[parts[1]] == nil {
			all[parts[1]] = &account{name: parts[1], enabled: true}
		}
		if err := all[parts[1]].readConfig(strings.Join(parts[2:], ""), cm[key]); err != nil {
			return nil, err
		}
	}
	for name, a := range all {
		if name == admin {
			continue
		}
		if err := a.readSecret(secret); err != nil {
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
				a.capabilities = append(a.capabilities, word)
			}
		}
	case "enabled":
		a.enabled, err = strconv.ParseBool(value)
	}
	return err
}

// readSecret is stricter with admin's list and laxer with admin's time than with
// those of others, as Argo CD is.
func (a *account) readSecret(secret map[string][]byte) error {
	a.hash = secret[secretKey(a.name, "password")]
	if text, ok := secret[secretKey(a.name, "passwordMtime")]; ok {
		changed, err := time.Parse(time.RFC3339, string(text))
		if err != nil && a.name != admin {
			return err
		}
		a.changed = changed
	}
	if text := secret[secretKey(a.name, "tokens")]; len(text) > 0 {
		if err := json.Unmarshal(text, &a.tokens); err != nil && a.name == admin {
			return err
		}
	}
	return nil
}
