package argocd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	corpus "github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// exchange is one of the recording.
type exchange struct{ argocdtest.Exchange }

// answer plays the recorded response.
func (e exchange) answer(w http.ResponseWriter) {
	for name, value := range e.Response.Headers {
		if text, ok := value.(string); ok {
			w.Header().Set(name, text)
		}
	}
	w.WriteHeader(e.Response.Status)
	_, _ = io.WriteString(w, e.Response.Body)
}

// again makes the call of the exchange. ok is false for one that this client never makes.
func (e exchange) again(t *testing.T, c *argocd.Client) (err error, ok bool) {
	t.Helper()
	ctx, token := t.Context(), auth.NewSecret(strings.TrimPrefix(e.Request.Headers["Authorization"], "Bearer "))
	if token.IsZero() {
		token = auth.NewSecret("s3cr3t.s3cr3t.s3cr3t") // which is no part of what was answered
	}
	var body struct{ Username, Password, ID string }
	_ = json.Unmarshal([]byte(e.Request.Body), &body)
	path := strings.Split(strings.TrimPrefix(e.Request.Path, "/"), "/")
	is := func(method, pattern string) bool {
		return e.Request.Method == method && regexp.MustCompile("^"+pattern+"$").MatchString(e.Request.Path)
	}
	switch {
	case is("GET", "/api/version"):
		_, err = c.Version(ctx)
	case is("GET", "/api/v1/session/userinfo"):
		_, err = c.Userinfo(ctx, token)
	case is("POST", "/api/v1/session"):
		_, err = c.SignIn(ctx, body.Username, auth.NewSecret(body.Password))
	case is("GET", "/api/v1/account/[^/:]+"):
		_, err = c.Account(ctx, token, path[3])
	case is("GET", "/api/v1/account/can-i/[^/]+/[^/]+/[^/]+"):
		_, err = c.CanI(ctx, token, path[4], path[5], path[6])
	case is("POST", "/api/v1/account/[^/:]+/token") && body.ID != "" && !strings.ContainsAny(body.ID, "/:"):
		_, err = c.CreateToken(ctx, token, path[3], body.ID, time.Second)
	case is("DELETE", "/api/v1/account/[^/]+/token/[^/:]+"):
		err = c.DeleteToken(ctx, token, path[3], path[5])
	case is("GET", "/auth/logout"):
		err = c.SignOut(ctx, token)
	default:
		return nil, false
	}
	var known *argocd.Error
	return err, !errors.As(err, &known) || !known.Unsent || strings.Contains(e.Name, "version")
}

// TestRecordedWords: every reason that the real Argo CD gave is known as its words, and
// shows no more than the call named itself.
func TestRecordedWords(t *testing.T) {
	all, err := argocdtest.Read(corpus.Open(t, "argocd/recording-3.5.1.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for _, password := range all.Passwords {
		secrets = append(secrets, password)
	}
	secrets = append(secrets, all.SecretKey, "eyJ", "s3cr3t")
	standIn, _ := running(t, argocdtest.Options{})
	said := map[string]bool{}
	for _, e := range all.Exchanges {
		e := exchange{e}
		if e.Response.Status < 400 {
			continue
		}
		handle := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { e.answer(w) })
		c := serving(t, handle)
		if e.Request.Path == "/api/version" {
			c = before(t, standIn, func(w http.ResponseWriter, _ *http.Request) bool { e.answer(w); return true })
		}
		err, ok := e.again(t, c)
		if !ok {
			continue
		}
		var known *argocd.Error
		if !errors.As(err, &known) {
			t.Errorf("%s: %d, and no error but %v", e.Name, e.Response.Status, err)
			continue
		}
		for _, secret := range secrets {
			if strings.Contains(fmt.Sprintf("%v %#v", err, known), secret) {
				t.Errorf("%s: a credential is shown", e.Name)
			}
		}
		var body struct{ Message string }
		text := e.Response.Body
		if json.Unmarshal([]byte(text), &body) == nil {
			text = body.Message
		} else if e.Request.Path != "/auth/logout" { // which alone explains itself without JSON
			if known.Status != 0 {
				t.Errorf("%s: %v", e.Name, err)
			}
			continue
		}
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(known.Reason), "…", ".*") + "$"
		if known.Status != e.Response.Status || known.Reason == "" || !regexp.MustCompile(pattern).MatchString(strings.TrimSpace(text)) {
			t.Errorf("%s: %v\nArgo CD said %q", e.Name, err, text)
		}
		if want := strings.HasPrefix(e.Name, "world-") && regexp.MustCompile(`settings|not found|parsing|invalid character|secretkey`).MatchString(text); known.Broken != want && !strings.HasPrefix(e.Name, "rbac-malformed") {
			t.Errorf("%s: %v: Broken is %t", e.Name, err, known.Broken)
		}
		said[known.Reason] = true
	}
	if len(said) < 40 {
		t.Errorf("only %d reasons were heard", len(said))
	}
}
