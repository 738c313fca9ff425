package argocd

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// Version returns the version of Argo CD, such as "v3.6.1+abc". It needs no credential.
func (c *Client) Version(ctx context.Context) (string, error) {
	const op = "ask for the version"
	var answer struct{ Version string }
	err := c.do(ctx, call{op: op, method: http.MethodGet, path: []string{"api", "version"}}, &answer)
	if err == nil && answer.Version == "" {
		err = &UnreachableError{Op: op, Reason: "the answer has no version in it", Hint: notArgoCD}
	}
	return shown(answer.Version, nil), err
}

// Userinfo is whom Argo CD takes a token for.
type Userinfo struct {
	LoggedIn bool   `json:"loggedIn"`
	Username string `json:"username"`
	Issuer   string `json:"iss"`
}

// Userinfo asks whom a token is for. Argo CD answers a token that it refuses with
// status 200 too: LoggedIn tells.
func (c *Client) Userinfo(ctx context.Context, token schema.Secret) (Userinfo, error) {
	var u Userinfo
	err := c.do(ctx, call{op: "ask who is signed in", method: http.MethodGet, path: []string{"api", "v1", "session", "userinfo"}, token: token}, &u)
	return u, err
}

// Account is a local account of Argo CD.
type Account struct {
	Name         string
	Enabled      bool
	Capabilities []string // of "login" and "apiKey"
	Tokens       []Token
}

// Token is an API key of an account, without the key itself.
type Token struct {
	ID        string
	IssuedAt  time.Time
	ExpiresAt time.Time // zero: never
}

// Account returns an account. With a token that Argo CD refuses, the *APIError says
// why, which Userinfo does not.
func (c *Client) Account(ctx context.Context, token schema.Secret, name string) (Account, error) {
	var answer struct {
		Name         string
		Enabled      bool
		Capabilities []string
		Tokens       []struct {
			ID        string
			IssuedAt  seconds
			ExpiresAt seconds
		}
	}
	err := c.do(ctx, call{op: fmt.Sprintf("look at account %q", name), method: http.MethodGet, path: accountPath(name), token: token}, &answer)
	a := Account{Name: answer.Name, Enabled: answer.Enabled, Capabilities: answer.Capabilities}
	for _, t := range answer.Tokens {
		a.Tokens = append(a.Tokens, Token{ID: t.ID, IssuedAt: t.IssuedAt.time(), ExpiresAt: t.ExpiresAt.time()})
	}
	return a, err
}

// seconds is a time as Argo CD's gateway writes it: a number of seconds, in quotes,
// because JSON's numbers are no 64-bit integers.
type seconds int64

// UnmarshalJSON reads a number with or without quotes.
func (s *seconds) UnmarshalJSON(text []byte) error {
	if unquoted, err := strconv.Unquote(string(text)); err == nil {
		text = []byte(unquoted)
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	*s = seconds(n)
	return err
}

func (s seconds) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0)
}

// SignIn opens a session with a password, and returns its token, which is good for
// a day. Whoever opens one ends it with SignOut.
func (c *Client) SignIn(ctx context.Context, username string, password schema.Secret) (schema.Secret, error) {
	return c.issued(ctx, call{
		op: fmt.Sprintf("sign in as %q", username), method: http.MethodPost, path: []string{"api", "v1", "session"},
		body:   map[string]string{"username": username, "password": password.Reveal()},
		hidden: []schema.Secret{password},
	})
}

// issued makes a call that gives a token.
func (c *Client) issued(ctx context.Context, k call) (schema.Secret, error) {
	var answer struct{ Token string }
	err := c.do(ctx, k, &answer)
	if err == nil && answer.Token == "" {
		err = &UnreachableError{Op: k.op, Reason: "the answer has no token in it", Hint: notArgoCD}
	}
	return schema.NewSecret(answer.Token), err
}

// SignOut revokes the token of a session. DELETE /api/v1/session would not: it does
// nothing but answer (server/session/session.go). What revokes is the page that the
// web interface signs out with, which takes the token as a cookie and answers with a
// redirect to the start page (server/logout/logout.go).
func (c *Client) SignOut(ctx context.Context, token schema.Secret) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	const op = "sign out"
	request, err := c.request(ctx, call{op: op, method: http.MethodGet, path: []string{"auth", "logout"}})
	if err != nil {
		return err
	}
	request.AddCookie(&http.Cookie{Name: "argocd.token", Value: token.Reveal()})
	response, err := c.http.Do(request)
	if err != nil {
		return c.unreachable(ctx, op, err)
	}
	defer response.Body.Close() //nolint:errcheck // nothing of it is needed
	if !isRedirect(response.StatusCode) {
		return &APIError{Op: op, Status: response.StatusCode}
	}
	return nil
}

// CreateToken makes an API key with the given id for an account. It never expires
// where expiresIn is zero; less than a second counts as one.
func (c *Client) CreateToken(ctx context.Context, token schema.Secret, account, id string, expiresIn time.Duration) (schema.Secret, error) {
	whole := int64((expiresIn + time.Second - 1) / time.Second)
	return c.issued(ctx, call{
		op: fmt.Sprintf("create an API key for account %q", account), method: http.MethodPost, path: append(accountPath(account), "token"),
		token: token,
		body:  map[string]any{"name": account, "id": id, "expiresIn": whole},
	})
}

// DeleteToken revokes an API key by its id.
func (c *Client) DeleteToken(ctx context.Context, token schema.Secret, account, id string) error {
	var nothing struct{}
	return c.do(ctx, call{
		op: fmt.Sprintf("revoke API key %q of account %q", id, account), method: http.MethodDelete, path: append(accountPath(account), "token", id),
		token: token,
	}, &nothing)
}

func accountPath(name string) []string { return []string{"api", "v1", "account", name} }
