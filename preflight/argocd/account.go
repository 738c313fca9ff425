package argocd

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// Account is a local account of Argo CD. Its texts are the server's: quote them where
// they are shown.
type Account struct {
	Name         string
	Enabled      bool
	Capabilities []string // of "login" and "apiKey"
	Tokens       []Token  // the newest first
}

// Token is an API key of an account, without the key itself.
type Token struct {
	ID        string
	IssuedAt  time.Time
	ExpiresAt time.Time // zero: never
}

// Account returns an account. With a token that Argo CD refuses, the *APIError says
// why, which Userinfo does not. Every account may look at itself; at others it may by
// role (server/account/account.go).
func (c *Client) Account(ctx context.Context, token schema.Secret, name string) (Account, error) {
	var answer struct {
		Name         string
		Enabled      bool
		Capabilities []string
		Tokens       []struct {
			ID                  string
			IssuedAt, ExpiresAt seconds
		}
	}
	op := fmt.Sprintf("look at account %q", name)
	if err := c.do(ctx, call{op: op, method: http.MethodGet, path: accountPath(name), token: token}, &answer); err != nil {
		return Account{}, err
	}
	if answer.Name == "" {
		return Account{}, &UnreachableError{Op: op, Reason: "the answer names no account", Hint: notArgoCD}
	}
	a := Account{Name: answer.Name, Enabled: answer.Enabled, Capabilities: answer.Capabilities}
	for _, t := range answer.Tokens {
		a.Tokens = append(a.Tokens, Token{ID: t.ID, IssuedAt: t.IssuedAt.time(), ExpiresAt: t.ExpiresAt.time()})
	}
	return a, nil
}

// seconds is a time as Argo CD's gateway writes it: a number of seconds. It is read
// in quotes too, as most other gateways write 64-bit integers.
type seconds int64

// UnmarshalJSON implements json.Unmarshaler.
func (s *seconds) UnmarshalJSON(text []byte) error {
	digits := string(text)
	if unquoted, err := strconv.Unquote(digits); err == nil {
		digits = unquoted
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	*s = seconds(n)
	return err
}

func (s seconds) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0)
}

// CreateToken makes an API key with the given id for an account. It never expires
// where expiresIn is zero; a part of a second counts as one. After an error that is
// no *APIError nor *RequestError the key may have been made all the same: Account
// tells. An id that DeleteToken could not name is refused.
func (c *Client) CreateToken(ctx context.Context, token schema.Secret, account, id string, expiresIn time.Duration) (schema.Secret, error) {
	op := fmt.Sprintf("create an API key for account %q", account)
	if expiresIn < 0 {
		return schema.Secret{}, &RequestError{Op: op, Reason: "it would expire before it is made"}
	}
	whole := int64(expiresIn / time.Second)
	if expiresIn%time.Second != 0 {
		whole++
	}
	if _, err := c.request(ctx, call{op: op, method: http.MethodDelete, path: append(accountPath(account), "token", id)}); err != nil {
		return schema.Secret{}, err
	}
	return c.issued(ctx, call{
		op: op, method: http.MethodPost, path: append(accountPath(account), "token"), token: token,
		body: map[string]any{"name": account, "id": id, "expiresIn": whole},
	})
}

// DeleteToken revokes an API key by its id. One that is not there is an *APIError of
// status 404.
func (c *Client) DeleteToken(ctx context.Context, token schema.Secret, account, id string) error {
	var nothing struct{}
	return c.do(ctx, call{
		op: fmt.Sprintf("revoke API key %q of account %q", id, account), method: http.MethodDelete,
		path: append(accountPath(account), "token", id), token: token,
	}, &nothing)
}

func accountPath(name string) []string { return []string{"api", "v1", "account", name} }
