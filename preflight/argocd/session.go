package argocd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

const (
	// cookieName is the cookie of the web interface (common/common.go).
	cookieName = "argocd.token"
	// farewell is how long a session may take to begin or to end once a run is
	// cancelled.
	farewell = 5 * time.Second
	// looks is how often SignOut looks whether the session has ended, and pause how
	// long it waits between: the other replicas of Argo CD hear of it from Redis
	// (util/session/state.go).
	looks = 3
	pause = 200 * time.Millisecond
)

// WrongPassword is how Argo CD refuses a password. It says the same of the right one for
// 300 seconds after five wrong ones, and where server.secretkey is missing.
const WrongPassword = "Invalid username or password"

// Version returns the version of Argo CD, such as "v3.6.1+abc". It needs no credential.
func (c *Client) Version(ctx context.Context) (string, error) {
	return c.version(ctx, call{op: "ask for the version"})
}

func (c *Client) version(ctx context.Context, k call) (string, error) {
	k.method, k.path = http.MethodGet, []string{"api", "version"}
	var answer struct{ Version string }
	err := c.do(ctx, k, &answer)
	if err == nil && !regexp.MustCompile(`^v?[0-9]{1,5}([-+.][-+.0-9A-Za-z]{0,64})?$`).MatchString(answer.Version) {
		err = foreign(k.op, "the answer has no version of Argo CD in it")
	}
	if err != nil {
		return "", err
	}
	c.met.Store(true)
	return answer.Version, nil
}

// meet asks who is there before a call that carries a credential, until Argo CD has
// answered once: not a server that leads from http to https, nor anybody else.
func (c *Client) meet(ctx context.Context, k call) error {
	if c.met.Load() {
		return nil
	}
	_, err := c.version(ctx, call{op: k.op, hidden: cmp.Or(k.hidden, k.token)})
	if e, ok := errors.AsType[*Error](err); ok {
		e.Unsent = true
	}
	return err
}

// Userinfo is whom Argo CD takes a token for.
type Userinfo struct {
	LoggedIn bool   `json:"loggedIn"`
	Username string `json:"username"` // "proj:PROJECT:ROLE" for a token of a project
	Issuer   string `json:"iss"`      // "argocd", or of single sign-on
}

// Userinfo asks whom a token is for. Argo CD answers a token that it refuses with
// status 200 too (server/session/session.go): LoggedIn tells.
func (c *Client) Userinfo(ctx context.Context, token auth.Secret) (Userinfo, error) {
	return c.userinfo(ctx, "ask who is signed in", token)
}

func (c *Client) userinfo(ctx context.Context, op string, token auth.Secret) (u Userinfo, err error) {
	err = c.do(ctx, call{op: op, method: http.MethodGet, path: []string{"api", "v1", "session", "userinfo"}, token: token}, &u)
	u.Username = c.shown(u.Username, token)
	return u, err
}

// SignIn opens a session with a password, and returns its token, which is good for a
// day. Whoever opens one ends it with SignOut. If ctx is cancelled meanwhile, SignIn
// waits for the answer a little longer, because a session whose token is lost cannot be
// ended: it may return a token then. After five wrong passwords Argo CD refuses the
// right one too, for five minutes (util/session/sessionmanager.go).
func (c *Client) SignIn(ctx context.Context, username string, password auth.Secret) (auth.Secret, error) {
	op := fmt.Sprintf("sign in as %q", username)
	switch {
	case ctx.Err() != nil:
		return auth.Secret{}, ctx.Err()
	case !utf8.ValidString(password.Reveal()):
		return auth.Secret{}, &Error{Op: op, Unsent: true, Reason: "the password is not UTF-8, as Argo CD takes it"}
	}
	k := call{
		op: op, method: http.MethodPost, path: []string{"api", "v1", "session"},
		body:   map[string]any{"username": username, "password": password.Reveal()},
		hidden: password,
	}
	if err := c.meet(ctx, k); err != nil {
		return auth.Secret{}, err
	}
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(farewell, cancel) })
	defer stop()
	return c.issued(patient, k)
}

// issued makes a call that gives a token.
func (c *Client) issued(ctx context.Context, k call) (auth.Secret, error) {
	var answer struct{ Token string }
	err := c.do(ctx, k, &answer)
	if err == nil && answer.Token == "" {
		err = foreign(k.op, "the answer has no token in it")
	}
	return auth.NewSecret(answer.Token), err
}

// SignOut revokes the token of a session, also where ctx is cancelled. DELETE
// /api/v1/session would not: it does nothing but clear the browser's cookie
// (server/session/session.go). What revokes is the page by which the web interface
// signs out: it takes the token as a cookie, revokes its jti until its exp, and answers
// with a redirect (server/logout/logout.go), also where that failed. So SignOut asks
// afterwards. Give it nothing but what SignIn returned: an API key with an expiry would
// be revoked too.
func (c *Client) SignOut(ctx context.Context, token auth.Secret) error {
	const op = "sign out"
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err := c.do(ctx, call{op: op, method: http.MethodGet, path: []string{"auth", "logout"}, token: token, cookie: true}, nil)
	if err != nil {
		return err
	}
	for range looks {
		if u, err := c.userinfo(ctx, op, token); err != nil || !u.LoggedIn {
			return err
		}
		time.Sleep(pause)
	}
	return &Error{Op: op, Answered: true, Reason: "Argo CD still accepts the session"}
}
