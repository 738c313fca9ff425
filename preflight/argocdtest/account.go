package argocdtest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

func noAccount(name string) error { return refuse(codeNotFound, "account '%s' does not exist", name) }

// forAccount lets those through who may do something to an account: itself, and admin
// (server/account/account.go, ensureHasAccountPermission).
func (s *Server) forAccount(action, name string, handle func(*http.Request, string) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		c, err := s.caller(r)
		switch {
		case err != nil:
			return nil, err
		case c.Sub != name && c.Sub != admin:
			issued := time.Unix(*c.Iat, 0).UTC().Format(time.RFC3339)
			return nil, refuse(codeDenied, "permission denied: accounts, %s, %s, sub: %s, iat: %s", action, name, c.Sub, issued)
		}
		return handle(r, name)
	}
}

func (s *Server) find(ctx context.Context, name string) (*account, error) {
	all, err := s.accounts(ctx)
	if err != nil {
		return nil, err
	}
	if all[name] == nil {
		return nil, noAccount(name)
	}
	return all[name], nil
}

// shown is an account as the API has it: what is false or empty is left out.
type shown struct {
	Name         string       `json:"name,omitempty"`
	Enabled      bool         `json:"enabled,omitempty"`
	Capabilities []string     `json:"capabilities,omitempty"`
	Tokens       []shownToken `json:"tokens,omitempty"`
}

type shownToken struct {
	ID        string `json:"id,omitempty"`
	IssuedAt  int64  `json:"issuedAt,omitempty"` // a number, unlike in other gateways
	ExpiresAt int64  `json:"expiresAt,omitempty"`
}

func (s *Server) getAccount(r *http.Request, name string) (any, error) {
	a, err := s.find(r.Context(), name)
	if err != nil {
		return nil, fmt.Errorf("failed to get account %s: %w", name, err)
	}
	out := shown{Name: a.name, Enabled: a.enabled, Capabilities: a.capabilities}
	for _, t := range a.tokens {
		out.Tokens = append(out.Tokens, shownToken{ID: t.ID, IssuedAt: t.IAT, ExpiresAt: t.Exp})
	}
	slices.SortStableFunc(out.Tokens, func(a, b shownToken) int { return int(b.IssuedAt - a.IssuedAt) })
	return out, nil
}

func (s *Server) createToken(r *http.Request, name string) (any, error) {
	var body CreateTokenRequest
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	const failed = "failed to update account with new token: %w"
	id := body.ID
	if id == "" {
		id = rand.Text()
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	a, err := s.find(r.Context(), name)
	switch {
	case err != nil:
		return nil, fmt.Errorf(failed, err)
	case a.index(id) >= 0:
		return nil, fmt.Errorf(failed, fmt.Errorf("account already has token with id '%s'", id))
	case !a.can(capAPIKey):
		return nil, fmt.Errorf(failed, fmt.Errorf("account '%s' does not have %s capability", name, capAPIKey))
	}
	token, err := s.newKey(r.Context(), name, id, time.Duration(body.ExpiresIn)*time.Second)
	if err != nil {
		return nil, fmt.Errorf(failed, err)
	}
	return map[string]string{"token": token}, nil
}

// CreateTokenRequest is the body of a request for an API key. It has the name of Argo
// CD's own type, because that stands in the message for a value of a wrong type.
type CreateTokenRequest struct {
	Name      string `json:"name"`
	ExpiresIn int64  `json:"expiresIn"` // seconds, as a number: a text is refused
	ID        string `json:"id"`
}

func (s *Server) deleteToken(ctx context.Context, name, id string) (any, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	a, err := s.find(ctx, name)
	if err == nil && a.index(id) < 0 {
		err = refuse(codeNotFound, "token with id '%s' does not exist", id)
	}
	if err == nil {
		err = s.save(ctx, a, slices.DeleteFunc(a.tokens, func(t listed) bool { return t.ID == id }))
	}
	if err != nil {
		return nil, fmt.Errorf("failed to delete account %s: %w", name, err)
	}
	return struct{}{}, nil
}

// save writes the list of an account's API keys; the key is removed where the list is
// empty (util/settings/accounts.go, saveAccount).
func (s *Server) save(ctx context.Context, a *account, tokens []listed) error {
	if len(tokens) == 0 {
		return s.opts.Store.SaveSecret(ctx, secretKey(a.name, "tokens"), nil)
	}
	text, err := json.Marshal(tokens)
	if err != nil {
		return err
	}
	return s.opts.Store.SaveSecret(ctx, secretKey(a.name, "tokens"), text)
}
