package argocd_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// known lets a server answer for its version as Argo CD does, and then in its own way.
func known(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/version" {
			handle(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"Version":"v3.5.1"}`)
	}
}

// serving is a client of a server that is known to be Argo CD.
func serving(t *testing.T, handle http.HandlerFunc) *argocd.Client {
	t.Helper()
	server := httptest.NewServer(known(handle))
	t.Cleanup(server.Close)
	return client(t, argocd.Options{URL: server.URL})
}

// credentialOf is what a request brings.
func credentialOf(r *http.Request) string {
	var body struct{ Password string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	if cookie, err := r.Cookie("argocd.token"); err == nil {
		return cookie.Value
	}
	return body.Password + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// writings are ways in which a server may write what it was sent.
func writings() map[string]func(string) string {
	each := func(change func(byte) string) func(string) string {
		return func(p string) (s string) {
			for _, b := range []byte(p) {
				s += change(b)
			}
			return s
		}
	}
	return map[string]func(string) string{
		"plain":        func(p string) string { return p },
		"query":        url.QueryEscape,
		"quoted":       strconv.Quote,
		"JSON escapes": each(func(b byte) string { return fmt.Sprintf(`\u%04x`, b) }),
		"base64":       func(p string) string { return base64.StdEncoding.EncodeToString([]byte(p)) },
		"base32":       func(p string) string { return base32.StdEncoding.EncodeToString([]byte(p)) },
		"hex":          func(p string) string { return hex.EncodeToString([]byte(p)) },
		"spaced":       each(func(b byte) string { return string(b) + " " }),
		"shifted":      each(func(b byte) string { return string(b + 1) }),
		"decimal":      each(func(b byte) string { return strconv.Itoa(int(b)) + "," }),
		"reversed": func(p string) string {
			b := []byte(p)
			slices.Reverse(b)
			return string(b)
		},
	}
}

// TestEcho: a server that repeats every credential, in whatever writing and wherever,
// gets none of it shown.
func TestEcho(t *testing.T) {
	token, password := auth.NewSecret("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzM2NyM3QifQ.s3cr3t-s3cr3t-s3cr3t"), auth.NewSecret("s3cr3t-word")
	places := map[string]func(w http.ResponseWriter, echo string){
		"message": func(w http.ResponseWriter, echo string) { refuse(w, 401, "refused:\n\x1b[31m"+echo) },
		"behind":  func(w http.ResponseWriter, echo string) { refuse(w, 401, "Invalid username or password "+echo) },
		"account": func(w http.ResponseWriter, echo string) {
			refuse(w, 401, "invalid session: account "+echo+" is disabled")
		},
		"reason": func(w http.ResponseWriter, echo string) { refuse(w, 500, "unable to load settings: "+echo) },
		"value": func(w http.ResponseWriter, echo string) {
			refuse(w, 500, fmt.Sprintf("strconv.ParseBool: parsing %q: invalid syntax", echo))
		},
		"permissions": func(w http.ResponseWriter, echo string) {
			refuse(w, 403, "permission denied: accounts, get, "+echo+", sub: ci, iat: 1")
		},
		"code": func(w http.ResponseWriter, echo string) {
			refuse(w, 401, "rpc error: code = "+echo+" desc = account 'ci' does not exist")
		},
		"media": func(w http.ResponseWriter, echo string) {
			w.Header()["Content-Type"] = []string{"text/" + echo}
		},
		"page": func(w http.ResponseWriter, echo string) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, echo)
		},
		"redirect": func(w http.ResponseWriter, echo string) {
			w.Header()["Location"] = []string{"https://argocd.example.com/" + url.PathEscape(echo)}
			w.WriteHeader(http.StatusFound)
		},
		"status": func(w http.ResponseWriter, echo string) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				fmt.Fprintf(conn, "HTTP/1.1 4%s\r\n\r\n", echo)
				_ = conn.Close()
			}
		},
	}
	for form, write := range writings() {
		for place, answer := range places {
			c := serving(t, func(w http.ResponseWriter, r *http.Request) { answer(w, write(credentialOf(r))) })
			for call, err := range calls(t, c, token, password) {
				if err == nil {
					continue // a redirect is how signing out succeeds
				}
				var known *argocd.Error
				all := fmt.Sprintf("%v %+v %#v %q", err, err, err, err)
				if !errors.As(err, &known) {
					t.Errorf("%s, %s, %s: no reason is given", form, place, call)
				}
				for _, secret := range []string{"s3cr3t", "eyJ", write(token.Reveal()), write(password.Reveal()), write("s3cr3t")} {
					if strings.Contains(all+known.Hint, secret) || strings.ContainsAny(err.Error(), "\n\x1b") {
						t.Errorf("%s, %s, %s: the credential is shown", form, place, call)
					}
				}
			}
		}
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}

// calls makes every call that carries a credential.
func calls(t *testing.T, c *argocd.Client, token, password auth.Secret) map[string]error {
	t.Helper()
	ctx := t.Context()
	_, account := c.Account(ctx, token, "ci")
	_, userinfo := c.Userinfo(ctx, token)
	_, create := c.CreateToken(ctx, token, "ci", "x", 0)
	_, can := c.CanI(ctx, token, "accounts", "update", "ci")
	_, signIn := c.SignIn(ctx, "ci", password)
	return map[string]error{
		"account": account, "userinfo": userinfo, "create": create, "can-i": can, "sign in": signIn,
		"delete": c.DeleteToken(ctx, token, "ci", "x"), "sign out": c.SignOut(ctx, token),
	}
}

// TestShown: what is done to a text that no credential went before.
func TestShown(t *testing.T) {
	tests := []struct{ password, message, want string }{
		{"s3cr3t", "two\r\nlines\t and \u202ea turn\x00", "two lines and a turn"},
		{"s3cr3t", strings.Repeat("ä", 600), strings.Repeat("ä", 499) + "…"},
		{"s3cr3t", strings.Repeat("ä", 500), strings.Repeat("ä", 500)},
		{"s3cr3t", "not eyJhbGciOiJIUzI1NiJ9.e30.abc, but eyJ", "not [redacted], but eyJ"},
		{"s3cr3t", "key s3cr3ts3cr3t.", "key [redacted][redacted]."},
		{"s3cr3t<", `key s3cr3t%3C s3cr3t\u003c`, "key [redacted] [redacted]"},
		{"head.s3cr3t-s3cr3t-s3cr3t.tail", "bad part s3cr3t-s3cr3t-s3cr3t!", "bad part [redacted]!"},
		{"ab", "cab", "[redacted]"}, // what was left would show it
		{"ab", "cb", "cb"},
	}
	for _, tt := range tests {
		if got := argocd.Shown(tt.message, auth.NewSecret(tt.password)); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// TestAnswersAreShownToo: what a hostile server says in a success is printed as well.
func TestAnswersAreShownToo(t *testing.T) {
	token := auth.NewSecret("s3cr3t.s3cr3t.s3cr3t")
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"loggedIn": true, "username": "a\nb " + credentialOf(r), "name": credentialOf(r)})
	})
	u, err := c.Userinfo(t.Context(), token)
	if want := (argocd.Userinfo{LoggedIn: true, Username: "a b [redacted]"}); err != nil || u != want {
		t.Errorf("%v", err)
	}
	if _, err := c.Account(t.Context(), token, "ci"); err == nil || err.Error() != `cannot look at account "ci": the answer is not about that account` {
		t.Errorf("%v", err)
	}
}

// TestNoLog: net/http logs what comes where nothing was asked for, if a connection is
// kept. The server here repeats the token after its answer.
func TestNoLog(t *testing.T) {
	var logged bytes.Buffer
	before := log.Writer()
	log.SetOutput(&logged)
	defer log.SetOutput(before)
	closed := make(chan struct{})
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		const body = `{"loggedIn":true}`
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s", len(body), body, r.Header.Get("Authorization"))
		_, _ = io.Copy(io.Discard, conn) // until the client has gone
		_ = conn.Close()
		close(closed)
	})
	if _, err := c.Userinfo(t.Context(), auth.NewSecret("s3cr3t.s3cr3t.s3cr3t")); err != nil {
		t.Fatal(err)
	}
	<-closed
	if logged.Len() > 0 {
		t.Errorf("%d bytes are logged", logged.Len())
	}
}

// TestConcurrent uses one client from several goroutines.
func TestConcurrent(t *testing.T) {
	s, c := running(t, argocdtest.Options{TLS: true})
	results := make(chan error)
	const n = 16
	for i := range n {
		go func() {
			_, err := c.CreateToken(context.Background(), auth.NewSecret(s.Session("ci")), "ci", fmt.Sprint("k", i), 0)
			results <- err
		}()
	}
	for range n {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	a, err := c.Account(t.Context(), auth.NewSecret(s.Session("ci")), "ci")
	if err != nil || len(a.Tokens) != n {
		t.Errorf("%d keys, %v", len(a.Tokens), err)
	}
}
