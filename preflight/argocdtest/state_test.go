package argocdtest_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

// TestKeys makes a key and revokes it, through the data of argocd-secret.
func TestKeys(t *testing.T) {
	s, store, c := running(t)
	root := s.Session("admin")
	make := func(body string) string {
		t.Helper()
		status, text, _ := ask(t, s, "POST", "/api/v1/account/ci/token", root, body)
		var answer struct{ Token string }
		if err := json.Unmarshal([]byte(text), &answer); status != 200 || err != nil || answer.Token == "" {
			t.Fatalf("%d %v", status, err)
		}
		return answer.Token
	}
	forever, minute := make(`{"id":"a"}`), make(`{"id":"b","expiresIn":60}`)
	c.now = c.now.Add(time.Second)
	make(`{}`)
	_, secret, _ := store.Config(t.Context())
	var list []map[string]any
	if err := json.Unmarshal(secret["accounts.ci.tokens"], &list); err != nil || len(list) != 4 || list[3]["id"] == "" {
		t.Fatalf("argocd-secret: %v %v", list, err)
	}
	if diff := cmp.Diff([]map[string]any{{"id": "k1", "iat": 1795608000.0}, {"id": "a", "iat": 1795608000.0}, {"id": "b", "iat": 1795608000.0, "exp": 1795608060.0}}, list[:3]); diff != "" {
		t.Error(diff)
	}
	_, text, _ := ask(t, s, "GET", "/api/v1/account/ci", forever, "")
	if !strings.Contains(text, `"tokens":[{"id":"`+list[3]["id"].(string)+`","issuedAt":1795608001},`) || !strings.Contains(text, `{"id":"b","issuedAt":1795608000,"expiresAt":1795608060}`) {
		t.Errorf("the newest first: %s", text)
	}
	c.now = c.now.Add(time.Minute)
	if status, text, _ := ask(t, s, "GET", "/api/v1/account/ci", minute, ""); status != 401 || !strings.Contains(text, "token is expired") {
		t.Errorf("%d %s", status, text)
	}
	for _, id := range []string{"k1", "a", "b", list[3]["id"].(string)} {
		if status, text, _ := ask(t, s, "DELETE", "/api/v1/account/ci/token/"+id, root, ""); status != 200 || text != "{}" {
			t.Errorf("%d %s", status, text)
		}
	}
	if _, secret, _ := store.Config(t.Context()); secret["accounts.ci.tokens"] != nil {
		t.Errorf("an empty list is no key of the Secret: %q", secret["accounts.ci.tokens"])
	}
	if status, text, _ := ask(t, s, "GET", "/api/v1/account/ci", forever, ""); status != 401 || !strings.Contains(text, "does not have token with id a") {
		t.Errorf("%d %s", status, text)
	}
}

// TestSessions opens a session and ends it: only /auth/logout does.
func TestSessions(t *testing.T) {
	s, _, c := running(t)
	status, text, _ := ask(t, s, "POST", "/api/v1/session", "", `{"username":"ci","password":"`+password+`"}`)
	var answer struct{ Token string }
	if err := json.Unmarshal([]byte(text), &answer); status != 200 || err != nil {
		t.Fatalf("%d %v", status, err)
	}
	isGood := func(token string) bool {
		_, text, _ := ask(t, s, "GET", "/api/v1/session/userinfo", token, "")
		return text != "{}"
	}
	if status, text, _ := ask(t, s, "GET", "/auth/logout", answer.Token, ""); status != 400 || !strings.HasPrefix(text, "Failed to retrieve ArgoCD auth token") || !isGood(answer.Token) {
		t.Errorf("logout by header: %d %s", status, text)
	}
	logout := func(token string) {
		t.Helper()
		status, _, response := ask(t, s, "GET", "/auth/logout", "", "", "Cookie", "argocd.token="+token)
		if status != 303 || response.Header.Get("Location") != s.URL {
			t.Errorf("logout: %d %v", status, response.Header)
		}
	}
	logout(answer.Token)
	if isGood(answer.Token) {
		t.Error("logout did not revoke")
	}
	logout("not-a-token") // says the same
	forever := s.Token("ci:apiKey", "k1", nil)
	if logout(forever); !isGood(forever) {
		t.Error("logout revoked a key without an expiry")
	}
	day := s.Session("ci")
	if c.now = c.now.Add(24*time.Hour - time.Second); !isGood(day) {
		t.Error("a session ends early")
	}
	if c.now = c.now.Add(time.Second); isGood(day) {
		t.Error("a session does not end")
	}
}

// TestLock: five wrong passwords shut out the right one, for five minutes.
func TestLock(t *testing.T) {
	s, _, c := running(t)
	signIn := func(password string) int {
		status, _, _ := ask(t, s, "POST", "/api/v1/session", "", `{"username":"ci","password":"`+password+`"}`)
		return status
	}
	for range 2 { // each success begins anew
		for range 4 {
			signIn("s3cr3t-wrong")
		}
		if got := signIn(password); got != 200 {
			t.Fatalf("after four wrong ones: %d", got)
		}
	}
	for range 5 {
		signIn("s3cr3t-wrong")
	}
	if got := signIn(password); got != 401 {
		t.Errorf("after five wrong ones: %d", got)
	}
	c.now = c.now.Add(5*time.Minute + time.Second)
	if got := signIn(password); got != 200 {
		t.Errorf("after the lock: %d", got)
	}
}

// TestPasswordChange makes every older key and session worthless.
func TestPasswordChange(t *testing.T) {
	s, store, c := running(t)
	token := s.Token("ci:apiKey", "k1", nil)
	c.now = c.now.Add(time.Minute)
	store.SetPassword("ci", "s3cr3t-new", c.now)
	if status, text, _ := ask(t, s, "GET", "/api/v1/account/ci", token, ""); status != 401 || !strings.Contains(text, "password has changed") {
		t.Errorf("%d %s", status, text)
	}
}

// TestRootPath serves nothing outside it.
func TestRootPath(t *testing.T) {
	s := argocdtest.NewServer(argocdtest.Options{Store: argocdtest.NewMemory(), RootPath: "/argo-cd"})
	defer s.Close()
	if status, _, _ := ask(t, s, "GET", "/api/version", "", ""); status != 200 {
		t.Errorf("inside: %d", status)
	}
	s.URL = strings.TrimSuffix(s.URL, "/argo-cd")
	if status, _, _ := ask(t, s, "GET", "/api/version", "", ""); status != 404 {
		t.Errorf("outside: %d", status)
	}
	if diff := cmp.Diff([]string{"GET /argo-cd/api/version", "GET /api/version"}, s.Requests()); diff != "" {
		t.Error(diff)
	}
}

// broken is a Store that cannot be read.
type broken struct{}

func (broken) Config(context.Context) (map[string]string, map[string][]byte, error) {
	return nil, nil, io.ErrUnexpectedEOF
}
func (broken) SaveSecret(context.Context, string, []byte) error { return io.ErrUnexpectedEOF }

func TestBrokenStore(t *testing.T) {
	s := argocdtest.NewServer(argocdtest.Options{Store: broken{}})
	defer s.Close()
	if status, text, _ := ask(t, s, "GET", "/api/v1/account/ci", s.Session("ci"), ""); status != 500 || text != said(13, "unable to load settings: unexpected EOF") {
		t.Errorf("%d %s", status, text)
	}
}

// slow is a Store whose readers all read before anybody writes.
type slow struct{ *argocdtest.Memory }

func (s slow) Config(ctx context.Context) (map[string]string, map[string][]byte, error) {
	cm, secret, err := s.Memory.Config(ctx)
	secret = maps.Clone(secret)
	time.Sleep(5 * time.Millisecond)
	return cm, secret, err
}

// TestKeysAtOnce: no key is lost where several are made.
func TestKeysAtOnce(t *testing.T) {
	store := slow{argocdtest.NewMemory()}
	store.SetAccount("ci", "apiKey")
	s := argocdtest.NewServer(argocdtest.Options{Store: store})
	defer s.Close()
	t.Run("at once", func(t *testing.T) {
		for range 4 {
			t.Run("key", func(t *testing.T) {
				t.Parallel()
				ask(t, s, "POST", "/api/v1/account/ci/token", s.Session("admin"), "{}")
			})
		}
	})
	if got := strings.Count(string(store.Secret["accounts.ci.tokens"]), `"id"`); got != 4 {
		t.Errorf("%d keys", got)
	}
}
