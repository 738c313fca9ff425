package argocdtest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
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

// account is a local account as the API has it, where what is false or empty is left
// out, and its password.
type account struct {
	Name         string   `json:"name,omitempty"`
	Enabled      bool     `json:"enabled,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
	Tokens       []shown  `json:"tokens,omitempty"` // the newest first

	tokens  []listed
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

func (a *account) has(id string) bool {
	return slices.ContainsFunc(a.tokens, func(t listed) bool { return t.ID == id })
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
	all := map[string]*account{admin: {Name: admin, Enabled: true, Capabilities: []string{capLogin}}}
	if on, err := strconv.ParseBool(cm["admin.enabled"]); err == nil {
		all[admin].Enabled = on
	}
	for _, key := range slices.Sorted(maps.Keys(cm)) {
		parts := strings.Split(key, ".")
		if parts[0] != "accounts" || len(parts) < 2 || len(parts) > 3 {
			continue
		}
		if all[parts[1]] == nil {
			all[parts[1]] = &account{Name: parts[1], Enabled: true}
		}
		if err := all[parts[1]].readConfig(strings.Join(parts[2:], ""), cm[key]); err != nil {
			return nil, err
		}
	}
	for _, a := range all {
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
		if err := json.Unmarshal(text, &a.tokens); err != nil && a.Name == admin {
			return err
		}
	}
	return nil
}

// find returns an account for a call that does something to it. Who may are the
// account itself, and admin (server/account/account.go, ensureHasAccountPermission).
func (s *Server) find(r *http.Request, action, name string) (*account, error) {
	c, err := s.caller(r)
	switch {
	case err != nil:
		return nil, err
	case c.Sub != name && c.Sub != admin:
		issued := time.Unix(*c.Iat, 0).UTC().Format(time.RFC3339)
		return nil, refuse(denied, "permission denied: accounts, %s, %s, sub: %s, iat: %s", action, name, c.Sub, issued)
	}
	all, err := s.accounts(r.Context())
	if err == nil && all[name] == nil {
		err = noAccount(name)
	}
	return all[name], err
}

func noAccount(name string) error { return refuse(notFound, "account '%s' does not exist", name) }

func (s *Server) getAccount(r *http.Request, segments []string) (any, error) {
	a, err := s.find(r, "get", segments[2])
	if err != nil {
		return nil, err
	}
	for _, t := range a.tokens {
		a.Tokens = append(a.Tokens, shown(t))
	}
	slices.SortStableFunc(a.Tokens, func(a, b shown) int { return int(b.IAT - a.IAT) })
	return a, nil
}

func (s *Server) createToken(r *http.Request, segments []string) (any, error) {
	// CreateTokenRequest has the name of Argo CD's own type, which is in the message
	// for a value of a wrong type.
	type CreateTokenRequest struct {
		ExpiresIn int64  `json:"expiresIn"` // seconds, as a number: a text is refused
		ID        string `json:"id"`
	}
	a, err := s.find(r, "update", segments[2])
	if err != nil {
		return nil, err
	}
	body := CreateTokenRequest{ID: rand.Text()}
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	switch {
	case a.has(body.ID):
		err = fmt.Errorf("account already has token with id '%s'", body.ID)
	case !a.can(capAPIKey):
		err = fmt.Errorf("account '%s' does not have %s capability", a.Name, capAPIKey)
	}
	t := listed{ID: body.ID, IAT: s.opts.Now().Unix()}
	claims := map[string]any{}
	if body.ExpiresIn > 0 {
		t.Exp = t.IAT + body.ExpiresIn
		claims["exp"] = t.Exp
	}
	if err == nil {
		err = s.save(r.Context(), a, append(a.tokens, t))
	}
	if err != nil {
		return nil, fmt.Errorf("failed to update account with new token: %w", err)
	}
	return map[string]string{"token": s.Token(a.Name+":"+capAPIKey, t.ID, claims)}, nil
}

func (s *Server) deleteToken(r *http.Request, segments []string) (any, error) {
	a, err := s.find(r, "update", segments[2])
	if err != nil {
		return nil, err
	}
	id := segments[4]
	if !a.has(id) {
		return nil, refuse(notFound, "token with id '%s' does not exist", id)
	}
	return struct{}{}, s.save(r.Context(), a, slices.DeleteFunc(a.tokens, func(t listed) bool { return t.ID == id }))
}

// save writes the list of an account's API keys; the key is removed where the list is
// empty (util/settings/accounts.go, saveAccount).
func (s *Server) save(ctx context.Context, a *account, tokens []listed) error {
	var text []byte
	if len(tokens) > 0 {
		text, _ = json.Marshal(tokens) // texts and numbers: nothing can be wrong with them
	}
	return s.opts.Store.SaveSecret(ctx, secretKey(a.Name, "tokens"), text)
}
