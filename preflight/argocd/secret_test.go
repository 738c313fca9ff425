package argocd_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestEcho: a server that repeats every credential gets none of them shown.
func TestEcho(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		said := fmt.Sprintf("refused:\n\x1b[31m%s %s %s", r.Header.Get("Authorization"), r.Header.Get("Cookie"), body)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": said})
	}))
	defer server.Close()
	c := client(t, argocd.Options{URL: server.URL})
	for _, token := range []string{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzM2NyM3QifQ.s3cr3t-s3cr3t-s3cr3t", "s3cr3t.s3cr3t.s3cr3t"} {
		wantHidden(t, c, auth.NewSecret(token))
	}
}

// wantHidden makes every call with a token, and checks the errors.
func wantHidden(t *testing.T, c *argocd.Client, token auth.Secret) {
	t.Helper()
	ctx := t.Context()
	_, accountErr := c.Account(ctx, token, "ci")
	_, userinfoErr := c.Userinfo(ctx, token)
	_, createErr := c.CreateToken(ctx, token, "ci", "x", 0)
	_, signInErr := c.SignIn(ctx, "ci", auth.NewSecret("s3cr3t\"<&>\\word"))
	for _, err := range []error{accountErr, userinfoErr, createErr, signInErr, c.DeleteToken(ctx, token, "ci", "x"), c.SignOut(ctx, token)} {
		all := fmt.Sprintf("%v %+v %#v %q", err, err, err, err)
		if strings.Contains(all, "s3cr3t") || strings.Contains(all, "eyJ") || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q", all)
		}
		if !strings.Contains(err.Error(), "refused: [31m") || !strings.Contains(err.Error(), "[redacted]") {
			t.Errorf("the rest of the message must stay: %v", err)
		}
	}
}

// saying is a client of a server that refuses with a message, made from the password.
func saying(t *testing.T, message func(password string) string) *argocd.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Password string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": message(body.Password)})
	}))
	t.Cleanup(server.Close)
	return client(t, argocd.Options{URL: server.URL})
}

// TestWritings: a password is cut out in whatever writing it comes back.
func TestWritings(t *testing.T) {
	const password = "s3cr3t\a\"<&>\\ wörd/%"
	writings := map[string]func(string) string{
		"plain":     func(p string) string { return p },
		"query":     url.QueryEscape,
		"path":      url.PathEscape,
		"quoted":    strconv.Quote,
		"JSON":      func(p string) string { text, _ := json.Marshal(p); return string(text) },
		"base64":    func(p string) string { return base64.StdEncoding.EncodeToString([]byte(p)) },
		"base64url": func(p string) string { return base64.RawURLEncoding.EncodeToString([]byte(p)) },
		"JSON with HTML": func(p string) string {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			_ = e.Encode(p)
			return strings.TrimSpace(b.String())
		},
	}
	for name, write := range writings {
		c := saying(t, func(p string) string { return "no: <" + write(p) + ">" })
		_, err := c.SignIn(t.Context(), "ci", auth.NewSecret(password))
		if text := strings.NewReplacer(`\"`, "", `"`, "").Replace(err.Error()); !strings.Contains(text, "no: <[redacted]>") {
			t.Errorf("%s: %d runes are shown", name, utf8.RuneCountInString(text))
		}
	}
}

// TestShown: what else is done to a message.
func TestShown(t *testing.T) {
	tests := []struct{ password, message, want string }{
		{"s3cr3t", "two\r\nlines\t and \u202ea turn\x00", "two lines and a turn"},
		{"s3cr3t", strings.Repeat("ä", 600), strings.Repeat("ä", 499) + "…"},
		{"s3cr3t", strings.Repeat("ä", 500), strings.Repeat("ä", 500)},
		{"s3cr3t", "not eyJhbGciOiJIUzI1NiJ9.e30.abc, but eyJ", "not [redacted], but eyJ"},
		{"s3cr3t", "key s3cr3ts3cr3t.", "key [redacted][redacted]."},
		{"head.s3cr3t-s3cr3t-s3cr3t.tail", "bad part s3cr3t-s3cr3t-s3cr3t!", "bad part [redacted]!"},
		{"ab", "cab", "[redacted]"}, // what was left would show it
		{"ab", "cb", "cb"},
		{"password", "Invalid username or password", "Invalid username or password"}, // as it says to all
	}
	for _, tt := range tests {
		_, err := saying(t, func(string) string { return tt.message }).SignIn(t.Context(), "ci", auth.NewSecret(tt.password))
		if want := fmt.Sprintf("cannot sign in as \"ci\": Argo CD says %q (status 401)", tt.want); err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// TestAnswersAreShownToo: what a hostile server says in a success is printed as well.
func TestAnswersAreShownToo(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		_ = json.NewEncoder(w).Encode(map[string]any{"Version": "v3\x1b[2J", "loggedIn": true, "username": "a\nb " + token})
	}))
	defer server.Close()
	c := client(t, argocd.Options{URL: server.URL})
	if v, err := c.Version(t.Context()); err != nil || v != "v3[2J" {
		t.Errorf("%q %v", v, err)
	}
	u, err := c.Userinfo(t.Context(), auth.NewSecret("s3cr3t.s3cr3t.s3cr3t"))
	if want := (argocd.Userinfo{LoggedIn: true, Username: "a b [redacted]"}); err != nil || u != want {
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
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	}))
	defer server.Close()
	c := client(t, argocd.Options{URL: server.URL})
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
