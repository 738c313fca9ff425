//go:build cluster

package apikey_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

func TestList(t *testing.T) {
	w := newWorld(t)
	w.store.Secret["accounts.ci.tokens"] = []byte(`[{"id":"old","iat":100},{"id":"new","iat":300,"exp":900},{"id":"mid","iat":200}]`)
	found, err := w.keys.List(t.Context(), "ci")
	var ids []string
	for _, k := range found {
		ids = append(ids, k.ID)
	}
	if err != nil || !slices.Equal(ids, []string{"new", "mid", "old"}) || found[0].ExpiresAt.Unix() != 900 || !found[1].ExpiresAt.IsZero() {
		t.Errorf("%+v, %v", found, err)
	}
	_, err = w.keys.List(t.Context(), "nobody")
	checkError(t, err, `account "nobody" does not exist`, "accounts.nobody")
	w.checkSessions(t)
}

func TestRevoke(t *testing.T) {
	w := newWorld(t)
	key, err := w.keys.Create(t.Context(), nil, options())
	if err != nil {
		t.Fatal(err)
	}
	err = w.keys.Revoke(t.Context(), "ci", "key-2")
	checkError(t, err, `no API key "key-2" of account "ci"`, "helm runtime-auth token list -n argocd --argo-cd-url "+w.keys.Place.URL+" --account ci")
	if err := w.keys.Revoke(t.Context(), "ci", "key-1"); err != nil {
		t.Fatal(err)
	}
	if who, err := w.keys.API.Userinfo(t.Context(), key.Token); err != nil || who.LoggedIn {
		t.Errorf("Argo CD still accepts the key: %v", err)
	}
	w.checkSessions(t)
}

// TestOwnToken signs in with an API key, which is no session and is left alone.
func TestOwnToken(t *testing.T) {
	w := newWorld(t)
	o := options()
	o.ID = "mine"
	mine, err := w.keys.Create(t.Context(), nil, o)
	if err != nil {
		t.Fatal(err)
	}
	before := len(w.calls())
	w.keys.Login = apikey.Login{Token: mine.Token}
	if _, err := w.keys.Create(t.Context(), nil, options()); err != nil {
		t.Fatal(err)
	}
	for _, call := range w.calls()[before:] {
		if strings.Contains(call, "session") || strings.Contains(call, "logout") {
			t.Errorf("a token of one's own and %s", call)
		}
	}
	_, err = w.keys.List(t.Context(), "admin")
	checkError(t, err, "permission denied", "accounts, get")
}

// TestSessionGoesOn has an Argo CD that does not end the session: the work is done,
// and a warning says so.
func TestSessionGoesOn(t *testing.T) {
	w := newWorld(t)
	w.hook = func(moment string, rw http.ResponseWriter, r *http.Request) bool {
		if moment != "" || r.URL.Path != "/auth/logout" {
			return false
		}
		rw.WriteHeader(http.StatusBadGateway)
		return true
	}
	if _, err := w.keys.List(t.Context(), "ci"); err != nil {
		t.Fatal(err)
	}
	if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], `the session of "admin" may stay open for up to a day`) || strings.Contains(w.warnings[0], "eyJ") {
		t.Errorf("%q", w.warnings)
	}
}

// TestSomebodyElse: a session that Argo CD takes for nobody's, or for somebody else's, is
// used for nothing, whatever would be answered, and is ended.
func TestSomebodyElse(t *testing.T) {
	for answer, reason := range map[string]string{
		`{}`:                                    "whoever sends it is anonymous",
		`{"loggedIn":true,"username":"s3cr3t"}`: `says that the credential of "admin" belongs to another user`,
		`{"loggedIn":true,"username":"admin"}`:  "",
	} {
		w := newWorld(t)
		w.hook = func(moment string, rw http.ResponseWriter, r *http.Request) bool {
			if moment != "" || r.URL.Path != "/api/v1/session/userinfo" || slices.Contains(w.calls(), "GET /auth/logout") {
				return false
			}
			rw.Header().Set("Content-Type", "application/json")
			_, _ = rw.Write([]byte(answer))
			return true
		}
		_, err := w.keys.Create(t.Context(), nil, options())
		if reason == "" {
			if err != nil {
				t.Error(err)
			}
		} else {
			checkError(t, err, reason, "")
		}
		if slices.Contains(w.calls(), "POST /api/v1/account/ci/token") != (reason == "") {
			t.Errorf("%s: %q", answer, w.calls())
		}
		w.checkSessions(t)
	}
}

// TestStranger: no password goes to a server that does not answer as Argo CD does, or
// leads from http to https.
func TestStranger(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"status":"ok"}`)) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusTemporaryRedirect)
		},
		"not found": func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
	} {
		for _, login := range []apikey.Login{{Username: "admin", Password: auth.NewSecret(password)}, {Token: auth.NewSecret("s3cr3t.to.ken")}} {
			w := newWorld(t)
			w.keys.Login = login
			w.hook = func(moment string, rw http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/api/version" || r.Header.Get("Authorization") != "" || r.ContentLength > 0 {
					t.Errorf("%s: %s %s", name, r.Method, r.URL.Path)
				}
				answer(rw, r)
				return true
			}
			_, err := w.keys.List(t.Context(), "ci")
			checkError(t, err, "cannot ", map[string]string{"redirect": "use https:// in the address"}[name])
		}
	}
}

// TestBrokenSettings: an Argo CD that cannot read its settings says so for its version,
// and would call the right password wrong.
func TestBrokenSettings(t *testing.T) {
	w := newWorld(t)
	w.hook = func(_ string, rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusInternalServerError)
		_, _ = rw.Write([]byte(`{"error":"server.secretkey is missing","code":2,"message":"server.secretkey is missing"}`))
		return true
	}
	_, err := w.keys.List(t.Context(), "ci")
	checkError(t, err, `cannot sign in as "admin": Argo CD says "server.secretkey is missing" (status 500)`, "cannot read its configuration")
}

// TestLockedOut names the lock after five wrong passwords, with its end.
func TestLockedOut(t *testing.T) {
	w := newWorld(t)
	right := w.keys.Login.Password
	w.keys.Login.Password = auth.NewSecret("s3cr3t-wrong")
	for range 6 {
		_, err := w.keys.List(t.Context(), "ci")
		checkError(t, err, "Invalid username or password", "after five wrong passwords Argo CD refuses the right one too, for five minutes (300 s)")
		if len(w.calls()) == 5 { // each run has tried once
			w.keys.Login.Password = right
		}
	}
}

// TestDeadArgoCD has nobody at the address.
func TestDeadArgoCD(t *testing.T) {
	w := newWorld(t)
	w.hook = func(_ string, rw http.ResponseWriter, _ *http.Request) bool {
		rw.WriteHeader(http.StatusBadGateway)
		return true
	}
	_, err := w.keys.List(t.Context(), "ci")
	checkError(t, err, "502", "")
}

func TestHeld(t *testing.T) {
	w := newWorld(t)
	secrets := w.cluster.CoreV1().Secrets(here)
	made, err := w.keys.Create(t.Context(), secrets, options())
	if err != nil {
		t.Fatal(err)
	}
	target := options().Target
	held, err := apikey.Held(t.Context(), secrets, target)
	if err != nil || held.Account != "ci" || held.ID != made.ID {
		t.Errorf("%+v, %v", held, err)
	}
	session, err := w.keys.API.SignIn(t.Context(), "admin", auth.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct{ name, value, want string }{
		{"plain", "s3cr3t", `key "token" of Secret "plain" holds no API key`},
		{"session", session.Reveal(), "no API key of an account"},
	} {
		if err := w.cluster.Tracker().Add(opaque(s.name, map[string]string{"token": s.value})); err != nil {
			t.Fatal(err)
		}
		_, err := apikey.Held(t.Context(), secrets, apikey.Target{Namespace: here, Name: s.name, Key: "token"})
		checkError(t, err, s.want, "")
	}
	_, err = apikey.Held(t.Context(), secrets, apikey.Target{Namespace: here, Name: "absent", Key: "token"})
	checkError(t, err, `Secret "absent" does not exist in namespace "argocd"`, "-n")
	_, err = apikey.Held(t.Context(), secrets, apikey.Target{Namespace: here, Name: "ci-token", Key: "absent"})
	checkError(t, err, `has no key "absent"`, "--secret-key")
	w.refuse("get", 1, errors.New("connection lost"))
	_, err = apikey.Held(t.Context(), secrets, target)
	checkError(t, err, "cannot get Secret", "")
}
