package session_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/preflight/session"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// answers are those of a server, by path; the rest is what Argo CD answers if all is well.
type answers map[string]http.HandlerFunc

func say(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func said(status int, message string) http.HandlerFunc {
	body, _ := json.Marshal(map[string]string{"error": message, "message": message})
	return say(status, "application/json", string(body))
}

// tried is a session in a mode with a server that answers so, and how often a password
// was sent to it.
func tried(t *testing.T, mode auth.Mode, a answers) (session.Session, *int) {
	t.Helper()
	passwords, ended := 0, false
	well := answers{
		"/api/version":    say(200, "application/json", `{"Version":"v3.5.1"}`),
		"/api/v1/session": say(200, "application/json", `{"token":"a.b.c"}`),
		"/api/v1/session/userinfo": func(w http.ResponseWriter, r *http.Request) {
			say(200, "application/json", map[bool]string{false: `{"loggedIn":true,"username":"ci"}`, true: `{}`}[ended])(w, r)
		},
		"/api/v1/account/ci": say(200, "application/json", `{"name":"ci","enabled":true,"capabilities":["apiKey","login"]}`),
		"/auth/logout": func(w http.ResponseWriter, r *http.Request) {
			ended = true
			http.Redirect(w, r, "/", http.StatusSeeOther)
		},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			passwords++
		}
		if answer, ok := a[r.URL.Path]; ok {
			answer(w, r)
		} else {
			well[r.URL.Path](w, r)
		}
	}))
	t.Cleanup(s.Close)
	api, err := argocd.New(argocd.Options{URL: s.URL, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return session.Session{API: api, Mode: mode, Name: "ci", Credential: auth.NewSecret("s3cr3t.s3cr3t.s3cr3t"), Create: "create one"}, &passwords
}

// checkTried tries, and compares what is found and advised, one line a result.
func checkTried(t *testing.T, s session.Session, want ...string) {
	t.Helper()
	found, account, err := s.Try(t.Context())
	var got []string
	for i, f := range found {
		got = append(got, string(f.Status)+": "+f.Seen+" | "+f.Advice)
		if strings.Contains(got[i], "s3cr3t") {
			t.Errorf("the credential is shown")
		}
	}
	if strings.HasPrefix(strings.Join(got, ""), "ok") && err == nil && account.Name != "ci" {
		t.Errorf("account %+v", account)
	}
	if len(got) != len(want) {
		t.Fatalf("%q, want %q", got, want)
	}
	for i := range want {
		for _, part := range strings.Split(want[i], " … ") {
			if !strings.Contains(got[i], part) {
				t.Errorf("%s\nwant %s", got[i], part)
			}
		}
	}
}

// TestNotJudged: who answers in other words than Argo CD's at an address that was given is
// a failure; without an address a warning, unless an answer is required.
func TestNotJudged(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	cut := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login?s3cr3t", http.StatusFound) }
	for name, tt := range map[string]struct {
		answer   http.HandlerFunc
		reason   string
		isArgoCD bool
	}{
		"page":            {say(200, "text/html", "<html>s3cr3t"), "the answer is text/html", false},
		"redirect":        {redirect, "it redirects", false},
		"401":             {say(401, "text/html", "s3cr3t"), "status 401, but not an answer of Argo CD", false},
		"403":             {say(403, "text/plain", "s3cr3t"), "status 403, but not an answer of Argo CD", false},
		"bad gateway":     {say(502, "text/html", "s3cr3t"), "status 502, but not an answer of Argo CD", false},
		"cut":             {cut, "broke off", false},
		"no answer":       {hang, "no whole answer from", false},
		"trouble":         {said(503, "connection error: s3cr3t"), `Argo CD says "connection error: …" (status 503)`, true},
		"too many":        {said(429, "s3cr3t"), "status 429, in words that are not Argo CD's and are not shown", true},
		"internal errors": {said(500, "context deadline exceeded"), `"context deadline exceeded" (status 500)`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, mode := range []auth.Mode{auth.ModePassword, auth.ModeToken} {
				at := map[auth.Mode]string{auth.ModePassword: "/api/v1/session", auth.ModeToken: "/api/v1/session/userinfo"}[mode]
				for _, explicit := range []bool{false, true} {
					for _, required := range []bool{false, true} {
						s, passwords := tried(t, mode, answers{at: tt.answer})
						s.Explicit, s.Required = explicit, required
						if name == "no answer" && explicit == required {
							continue // a second each
						}
						status := "warning"
						if required || explicit && !tt.isArgoCD {
							status = "failed"
						}
						checkTried(t, s, status+": Argo CD has not judged the "+string(mode)+": cannot  … "+tt.reason)
						if *passwords > 1 {
							t.Errorf("the password was sent %d times", *passwords)
						}
					}
				}
			}
		})
	}
}

// TestRefused gives Argo CD's words, and what they mean.
func TestRefused(t *testing.T) {
	const wrong = argocd.WrongPassword
	for name, tt := range map[string]struct {
		mode    auth.Mode
		answers answers
		change  func(*session.Session)
		want    string
	}{
		"wrong password": {auth.ModePassword, answers{"/api/v1/session": said(401, wrong)}, nil,
			`failed: Argo CD refuses the password: "Invalid username or password" (status 401) | put the current password into the Secret …  five wrong ones, the account is locked …  five minutes (300 s)`},
		"right password": {auth.ModePassword, answers{"/api/v1/session": said(401, wrong)}, func(s *session.Session) { s.IsRight = true },
			`failed: account "ci" is locked after five wrong passwords: Argo CD refuses the password …  works five minutes (300 s) after the last wrong one`},
		"broken settings": {auth.ModePassword, answers{"/api/v1/session": said(500, `strconv.ParseBool: parsing "yes": invalid syntax`)}, nil,
			`failed: Argo CD refuses the password: "strconv.ParseBool: parsing \"…\": invalid syntax" (status 500) | Argo CD cannot read its configuration`},
		"broken settings for tokens": {auth.ModeToken, answers{"/api/v1/session/userinfo": say(200, "application/json", "{}"), "/api/v1/account/ci": said(500, `unable to load settings: configmap "argocd-cm" not found`)}, nil,
			`failed: Argo CD refuses the token: "unable to load settings: configmap \"argocd-cm\" not found" (status 500)`},
		"first": {auth.ModePassword, answers{"/api/v1/session": said(401, "Account ci is disabled")}, func(s *session.Session) { s.First = "fix this" },
			`failed: Argo CD refuses the password: "Account ci is disabled" (status 401) | fix this`},
		"other words": {auth.ModePassword, answers{"/api/v1/session": said(401, "no: s3cr3t")}, nil,
			"failed: Argo CD refuses the password: status 401, in words that are not Argo CD's and are not shown | see the log of Argo CD"},
		"revoked": {auth.ModeToken, answers{"/api/v1/session/userinfo": say(200, "application/json", "{}"), "/api/v1/account/ci": said(401, "invalid session: account ci does not have token with id k1")}, nil,
			`failed: Argo CD refuses the token: "invalid session: account ci does not have token with id …" (status 401) | create one`},
		"anonymous": {auth.ModeToken, answers{"/api/v1/session/userinfo": say(200, "application/json", "{}")}, nil,
			"failed: Argo CD refuses the token: whoever sends it is anonymous | create one"},
		"anonymous without rights": {auth.ModeToken, answers{"/api/v1/session/userinfo": say(200, "application/json", "{}"), "/api/v1/account/ci": said(403, "permission denied: accounts, get, ci")}, nil,
			"failed: Argo CD refuses the token: whoever sends it is anonymous"},
		"somebody else": {auth.ModeToken, answers{"/api/v1/session/userinfo": say(200, "application/json", `{"loggedIn":true,"username":"s3cr3t"}`)}, nil,
			`failed: Argo CD says that the token of account "ci" belongs to another user | the address is that of another Argo CD, or a proxy before it signs in as somebody else`},
		"accepted": {auth.ModeToken, nil, nil, `ok: Argo CD accepts the token of account "ci" | `},
	} {
		t.Run(name, func(t *testing.T) {
			s, passwords := tried(t, tt.mode, tt.answers)
			if tt.change != nil {
				tt.change(&s)
			}
			checkTried(t, s, tt.want)
			if *passwords > 1 {
				t.Errorf("the password was sent %d times", *passwords)
			}
		})
	}
}

// TestLeftOpen: a session that Argo CD does not end is named, beside what came of it.
func TestLeftOpen(t *testing.T) {
	const advice = "it ends by itself within a day; a new password for the account ends it at once, and the account's API keys with it"
	ok := `ok: Argo CD accepts the password of account "ci"`
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		reason string
	}{
		"not served": {say(404, "text/plain; charset=utf-8", "404 page not found\n"), `cannot sign out: Argo CD says "404 page not found" (status 404)`},
		"a page":     {say(200, "text/html", "<html>"), "cannot sign out: the answer is text/html"},
		"no use":     {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusSeeOther) }, "cannot sign out: Argo CD still accepts the session"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := tried(t, auth.ModePassword, answers{"/auth/logout": tt.answer})
			checkTried(t, s, ok, `warning: the session of account "ci" was left open: `+tt.reason+" … "+advice)
			s, _ = tried(t, auth.ModePassword, answers{"/auth/logout": tt.answer, "/api/v1/account/ci": said(503, "context canceled")})
			checkTried(t, s, ok, "warning: the session")
		})
	}
	s, _ := tried(t, auth.ModePassword, nil)
	checkTried(t, s, ok)
}

// TestAccount holds what is shown of the account against the mode.
func TestAccount(t *testing.T) {
	all := argocd.Account{Name: "ci", Enabled: true, Capabilities: []string{"apiKey", "login"}}
	off, noLogin := all, all
	off.Enabled, noLogin.Capabilities = false, []string{"apiKey"}
	for _, tt := range []struct {
		mode    auth.Mode
		account argocd.Account
		err     error
		want    string
	}{
		{auth.ModePassword, all, nil, "ok: "},
		{auth.ModeToken, noLogin, nil, "ok: "},
		{auth.ModePassword, noLogin, nil, `failed: running Argo CD: account "ci" lacks the capability "login"`},
		{auth.ModeToken, off, nil, `failed: account "ci" is disabled`},
		{auth.ModeToken, argocd.Account{}, &argocd.Error{Status: 403, Reason: "permission denied"}, "skipped: "},
		{auth.ModeToken, argocd.Account{}, &argocd.Error{Status: 503, Reason: "context canceled"}, `warning: Argo CD does not show the account: "context canceled" (status 503)`},
		{auth.ModeToken, argocd.Account{}, &argocd.Error{Status: 500, Broken: true, Reason: "error creating casbin enforcer: …"}, "failed: Argo CD does not show the account: "},
		{auth.ModeToken, argocd.Account{}, &argocd.Error{Status: 404, Reason: "account 'ci' does not exist"}, "failed: "},
		{auth.ModeToken, argocd.Account{}, &argocd.Error{Reason: "a page"}, "failed: Argo CD does not show the account: a page"},
	} {
		found := session.Session{Mode: tt.mode, Name: "ci", Explicit: true}.Account(tt.account, tt.err)
		if got := string(found[0].Status) + ": " + found[0].Seen; len(found) != 1 || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

// TestLockedOut is the lock of the stand-in, which is recorded: the sixth password is the
// right one.
func TestLockedOut(t *testing.T) {
	store := argocdtest.NewMemory()
	store.SetAccount("ci", "apiKey, login")
	store.SetPassword("ci", "s3cr3t-right", time.Now().Add(-time.Hour))
	server := argocdtest.NewServer(argocdtest.Options{Store: store})
	defer server.Close()
	for i, password := range []string{"1", "2", "3", "4", "5", "s3cr3t-right"} {
		api, err := argocd.New(argocd.Options{URL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		s := session.Session{API: api, Mode: auth.ModePassword, Name: "ci", Credential: auth.NewSecret(password), IsRight: i == 5}
		checkTried(t, s, "failed: "+map[bool]string{true: `account "ci" is locked after five wrong passwords`, false: "Argo CD refuses the password"}[s.IsRight])
	}
}
