package argocd_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

const password = "s3cr3t pass&word"

// running is a stand-in with an account ci that may do all, and a client of it.
func running(t *testing.T, o argocdtest.Options) (*argocdtest.Server, *argocd.Client) {
	t.Helper()
	store := argocdtest.NewMemory()
	store.SetAccount("ci", "apiKey, login")
	store.SetPassword("ci", password, time.Now().Add(-time.Hour))
	o.Store = store
	s := argocdtest.NewServer(o)
	t.Cleanup(s.Close)
	var roots *x509.CertPool
	if o.TLS {
		roots = x509.NewCertPool()
		roots.AddCert(s.Certificate())
	}
	return s, client(t, argocd.Options{URL: s.URL, Roots: roots})
}

func client(t *testing.T, o argocd.Options) *argocd.Client {
	t.Helper()
	c, err := argocd.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	for _, url := range []string{"https://argocd.example.com", "http://localhost:8080/", " https://[::1]:443/argo-cd/\n", "HTTPS://ARGOCD"} {
		if _, err := argocd.New(argocd.Options{URL: url}); err != nil {
			t.Errorf("%q: %v", url, err)
		}
	}
	tests := map[string]string{
		"":                              "must begin with https:// or http://",
		"argocd.example.com":            "must begin with",
		"s3cr3t:8080":                   "must begin with",
		"ftp://argocd":                  "must begin with",
		"https:///path":                 "has no host",
		"https://:443":                  "has no host",
		"https:argocd":                  "has no host",
		"https://admin:s3cr3t@argocd":   "must not contain a user name or password",
		"https://s3cr3t@argocd":         "must not contain a user name or password",
		"https://argocd?token=s3cr3t":   "contains a query or a fragment",
		"https://argocd?":               "contains a query or a fragment",
		"https://argocd#s3cr3t":         "contains a query or a fragment",
		"https://s3cr3t\x00":            "is not a URL",
		"https://admin:s3cr3t@[::1/api": "is not a URL",
	}
	for url, want := range tests {
		_, err := argocd.New(argocd.Options{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q: %v", strings.ReplaceAll(url, "s3cr3t", "…"), err)
		}
	}
}

// TestLife is that of a session and a key, over HTTP/2 and below a path.
func TestLife(t *testing.T) {
	s, c := running(t, argocdtest.Options{TLS: true, RootPath: "/argo-cd"})
	ctx := t.Context()
	version, err := c.Version(ctx)
	if err != nil || version != "v3.5.1+stand-in" {
		t.Fatalf("%q %v", version, err)
	}
	session, err := c.SignIn(ctx, "ci", auth.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	who, err := c.Userinfo(ctx, session)
	if want := (argocd.Userinfo{LoggedIn: true, Username: "ci", Issuer: "argocd"}); err != nil || who != want {
		t.Errorf("%+v %v", who, err)
	}
	forever, err := c.CreateToken(ctx, session, "ci", "100% mine", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateToken(ctx, session, "ci", "hour", time.Hour-time.Millisecond); err != nil {
		t.Fatal(err)
	}
	a, err := c.Account(ctx, forever, "ci")
	if err != nil || len(a.Tokens) != 2 {
		t.Fatalf("%+v %v", a, err)
	}
	slices.SortFunc(a.Tokens, func(a, b argocd.Token) int { return strings.Compare(a.ID, b.ID) })
	if got := a.Tokens[1]; !got.ExpiresAt.Equal(got.IssuedAt.Add(time.Hour)) {
		t.Errorf("a part of a second must count as one: %v", got)
	}
	issued := a.Tokens[0].IssuedAt
	if time.Since(issued).Abs() > time.Minute {
		t.Errorf("issued at %v", issued)
	}
	a.Tokens = a.Tokens[:1]
	want := argocd.Account{Name: "ci", Enabled: true, Capabilities: []string{"apiKey", "login"}, Tokens: []argocd.Token{{ID: "100% mine", IssuedAt: issued}}}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	if err := c.DeleteToken(ctx, session, "ci", "100% mine"); err != nil {
		t.Error(err)
	}
	if who, err := c.Userinfo(ctx, forever); err != nil || who != (argocd.Userinfo{}) {
		t.Errorf("after it was revoked: %+v %v", who, err)
	}
	if err := c.SignOut(ctx, session); err != nil {
		t.Error(err)
	}
	if who, err := c.Userinfo(ctx, session); err != nil || who.LoggedIn {
		t.Errorf("after signing out: %+v %v", who, err)
	}
	if got := s.Requests(); !slices.Contains(got, "DELETE /argo-cd/api/v1/account/ci/token/100%25%20mine") || !slices.Contains(got, "GET /argo-cd/auth/logout") {
		t.Errorf("%q", got)
	}
}

// TestRefused gives Argo CD's own words, with the status.
func TestRefused(t *testing.T) {
	s, c := running(t, argocdtest.Options{})
	ctx := t.Context()
	good, err := c.CreateToken(ctx, auth.NewSecret(s.Session("ci")), "ci", "k1", 0)
	if err != nil {
		t.Fatal(err)
	}
	gone := auth.NewSecret(s.Token("ci:apiKey", "s3cr3t-id", nil))
	_, accountErr := c.Account(ctx, gone, "ci")
	_, otherErr := c.Account(ctx, good, "admin")
	_, noneErr := c.Account(ctx, auth.Secret{}, "ci")
	_, signInErr := c.SignIn(ctx, "ci", auth.NewSecret("password"))
	_, twiceErr := c.CreateToken(ctx, good, "ci", "k1", 0)
	tests := []struct {
		err     error
		status  int
		message string
	}{
		{accountErr, 401, `cannot look at account "ci": Argo CD says "invalid session: account ci does not have token with id `},
		{otherErr, 403, `cannot look at account "admin": Argo CD says "permission denied: accounts, get, admin, sub: ci, iat: `},
		{noneErr, 401, `cannot look at account "ci": Argo CD says "no session information" (status 401)`},
		{signInErr, 401, `cannot sign in as "ci": Argo CD says "Invalid username or password" (status 401)`},
		{twiceErr, 500, `cannot create an API key for account "ci": Argo CD says "failed to update account with new token: account already has token with id 'k1'" (status 500)`},
		{c.DeleteToken(ctx, good, "ci", "none"), 404, `cannot revoke API key "none" of account "ci": Argo CD says "token with id 'none' does not exist" (status 404)`},
		{c.SignOut(ctx, auth.Secret{}), 400, `cannot sign out: Argo CD says "Failed to retrieve ArgoCD auth token: failed to retrieve cookie argocd.token" (status 400)`},
	}
	for _, tt := range tests {
		if argocd.Status(tt.err) != tt.status || !strings.HasPrefix(tt.err.Error(), tt.message) {
			t.Errorf("%v\nwant %s", tt.err, tt.message)
		}
	}
}

// TestUnsendable is about what never leaves: no request is made for it.
func TestUnsendable(t *testing.T) {
	s, c := running(t, argocdtest.Options{})
	ctx, token := t.Context(), auth.NewSecret("a.b.c")
	account := func(name string) error { _, err := c.Account(ctx, token, name); return err }
	with := func(token string) error { _, err := c.Userinfo(ctx, auth.NewSecret(token)); return err }
	create := func(id string, d time.Duration) error { _, err := c.CreateToken(ctx, token, "ci", id, d); return err }
	_, noText := c.SignIn(ctx, "ci", auth.NewSecret("s3cr3t\xff"))
	tests := map[string]error{
		`cannot look at account "": "" cannot stand in the path of a request`:                                       account(""),
		`cannot look at account "..": ".." cannot stand in the path of a request`:                                   account(".."),
		`cannot look at account "a/b": "a/b" cannot stand in the path of a request`:                                 account("a/b"),
		`cannot revoke API key "a:b" of account "ci": "a:b" cannot stand in the path of a request`:                  c.DeleteToken(ctx, token, "ci", "a:b"),
		`cannot create an API key for account "ci": "a:b" cannot stand in the path of a request`:                    create("a:b", 0),
		`cannot create an API key for account "ci": it would expire before it is made`:                              create("a", -time.Second),
		`cannot sign in as "ci": the password is not UTF-8, as Argo CD takes it`:                                    noText,
		`cannot ask who is signed in: the token holds a space, a line break or another character that no token has`: with("s3cr3t.b.c\n"),
		`cannot sign out: the token holds a space, a line break or another character that no token has`:             c.SignOut(ctx, auth.NewSecret("s3cr3t;b")),
	}
	for want, err := range tests {
		var unsent *argocd.Error
		if !errors.As(err, &unsent) || !unsent.Unsent || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if got := s.Requests(); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// before is a client of a server that has a look at each call before the stand-in; true
// is for one that it has answered itself.
func before(t *testing.T, s *argocdtest.Server, look func(http.ResponseWriter, *http.Request) bool) *argocd.Client {
	t.Helper()
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !look(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(front.Close)
	return client(t, argocd.Options{URL: front.URL})
}

// TestSignOutThatDoesNothing: the answer is that of a success, so it must look.
func TestSignOutThatDoesNothing(t *testing.T) {
	s, _ := running(t, argocdtest.Options{})
	c := before(t, s, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/auth/logout" {
			return false
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return true
	})
	session, err := c.SignIn(t.Context(), "ci", auth.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SignOut(t.Context(), session); err == nil || !strings.Contains(err.Error(), "still accepts the session") {
		t.Errorf("%v", err)
	}
}

// TestSignInWaits holds that an answer on its way is waited for, so that the
// session can be ended, and that no session is opened for somebody who has gone.
func TestSignInWaits(t *testing.T) {
	s, _ := running(t, argocdtest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	c := before(t, s, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v1/session" {
			cancel() // while the answer is on its way
		}
		return false
	})
	token, err := c.SignIn(ctx, "ci", auth.NewSecret(password))
	if err != nil || token.IsZero() {
		t.Errorf("the session is lost: %v", err)
	}
	asked := len(s.Requests())
	if _, err := c.SignIn(ctx, "ci", auth.NewSecret(password)); !errors.Is(err, context.Canceled) || len(s.Requests()) != asked {
		t.Errorf("a session was opened for nobody: %v", err)
	}
}
