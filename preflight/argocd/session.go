package argocd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// cookieName is the cookie of the web interface (common/common.go).
const cookieName = "argocd.token"

// Version returns the version of Argo CD, such as "v3.6.1+abc". It needs no credential.
func (c *Client) Version(ctx context.Context) (string, error) {
	const op = "ask for the version"
	var answer struct{ Version string }
	if err := c.do(ctx, call{op: op, method: http.MethodGet, path: []string{"api", "version"}}, &answer); err != nil {
		return "", err
	}
	if answer.Version == "" {
		return "", &UnreachableError{Op: op, Reason: "the answer has no version in it", Hint: notArgoCD}
	}
	return shown(answer.Version), nil
}

// Userinfo is whom Argo CD takes a token for.
type Userinfo struct {
	LoggedIn bool   `json:"loggedIn"`
	Username string `json:"username"` // "proj:PROJECT:ROLE" for a token of a project
	Issuer   string `json:"iss"`      // "argocd" for a local account
}

// Userinfo asks whom a token is for. Argo CD answers a token that it refuses with
// status 200 too (server/session/session.go): LoggedIn tells.
func (c *Client) Userinfo(ctx context.Context, token schema.Secret) (Userinfo, error) {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	return c.userinfo(ctx, call{op: "ask who is signed in", token: token})
}

func (c *Client) userinfo(ctx context.Context, k call) (Userinfo, error) {
	k.method, k.path = http.MethodGet, []string{"api", "v1", "session", "userinfo"}
	var u Userinfo
	if err := c.exchange(ctx, k, &u); err != nil {
		return Userinfo{}, err
	}
	u.Username, u.Issuer = shown(u.Username, k.token), shown(u.Issuer, k.token)
	return u, nil
}

// SignIn opens a session with a password, and returns its token, which is good for a
// day. Whoever opens one ends it with SignOut. After five wrong passwords Argo CD
// refuses the right one too, for five minutes (util/session/sessionmanager.go).
func (c *Client) SignIn(ctx context.Context, username string, password schema.Secret) (schema.Secret, error) {
	op := fmt.Sprintf("sign in as %q", username)
	if !utf8.ValidString(password.Reveal()) {
		return schema.Secret{}, &RequestError{Op: op, Reason: "the password is not UTF-8, as Argo CD takes it"}
	}
	return c.issued(ctx, call{
		op: op, method: http.MethodPost, path: []string{"api", "v1", "session"},
		body:   map[string]string{"username": username, "password": password.Reveal()},
		hidden: password,
	})
}

// OpenSession is SignIn for those who end the session whatever happens: if ctx is
// cancelled meanwhile, it waits for the answer as long as farewell, because a session
// whose token is lost cannot be ended. It may return a token then.
func (c *Client) OpenSession(ctx context.Context, username string, password schema.Secret, farewell time.Duration) (schema.Secret, error) {
	if err := ctx.Err(); err != nil {
		return schema.Secret{}, err
	}
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(farewell, cancel) })
	defer stop()
	return c.SignIn(patient, username, password)
}

// issued makes a call that gives a token.
func (c *Client) issued(ctx context.Context, k call) (schema.Secret, error) {
	var answer struct{ Token string }
	if err := c.do(ctx, k, &answer); err != nil {
		return schema.Secret{}, err
	}
	if answer.Token == "" {
		return schema.Secret{}, &UnreachableError{Op: k.op, Reason: "the answer has no token in it", Hint: notArgoCD}
	}
	return schema.NewSecret(answer.Token), nil
}

const (
	// farewells is how often SignOut looks whether the session has ended, and pause
	// how long it waits between: the other replicas of Argo CD hear of it from Redis
	// (util/session/state.go).
	farewells = 3
	pause     = 200 * time.Millisecond
)

// SignOut revokes the token of a session. DELETE /api/v1/session would not: it does
// nothing but clear the browser's cookie (server/session/session.go). What revokes is
// the page by which the web interface signs out: it takes the token as a cookie,
// revokes its jti until its exp, and answers with a redirect
// (server/logout/logout.go), also where that failed. So SignOut asks afterwards. Give
// it nothing but what SignIn returned: an API key with an expiry would be revoked too.
func (c *Client) SignOut(ctx context.Context, token schema.Secret) error {
	const op = "sign out"
	ctx, cancel := c.limit(ctx)
	defer cancel()
	err := c.exchange(ctx, call{op: op, method: http.MethodGet, path: []string{"auth", "logout"}, cookie: token, moves: true}, nil)
	if err != nil {
		return err
	}
	for range farewells {
		u, err := c.userinfo(ctx, call{op: op, token: token})
		if err != nil || !u.LoggedIn {
			return err
		}
		select {
		case <-ctx.Done():
			return c.unreachable(ctx, op, ctx.Err())
		case <-time.After(pause):
		}
	}
	return errors.New("cannot sign out: Argo CD still accepts the session, which ends by itself within a day")
}
