//go:build cluster

package preflight_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

// Config makes a world the Store of the stand-in.
func (w *world) Config(context.Context) (map[string]string, map[string][]byte, error) {
	var cm map[string]string
	var secret map[string][]byte
	if o, ok := w.configMaps[here+"/argocd-cm"]; ok {
		cm = o.Data
	}
	if o, ok := w.secrets[here+"/argocd-secret"]; ok {
		secret = o.Data
	}
	return cm, secret, nil
}

// Settings makes it one of all that Argo CD keeps.
func (w *world) Settings(context.Context) (s argocdtest.Settings, _ error) {
	if o, ok := w.configMaps[here+"/argocd-rbac-cm"]; ok {
		s.RBAC = o.Data
	}
	if o, ok := w.secrets[here+"/argocd-server-tls"]; ok {
		s.ServerTLS = o.Data
	}
	return s, nil
}

func (w *world) SaveSecret(_ context.Context, key string, value []byte) error {
	w.argoCD()[key] = value
	return nil
}

// running is a world with an Argo CD in it, which issued the token in ci-token.
func running(t *testing.T, o argocdtest.Options) (*world, *argocdtest.Server) {
	t.Helper()
	w := newWorld(t)
	o.Store, o.Now = w, now
	s := argocdtest.NewServer(o)
	t.Cleanup(s.Close)
	w.secrets[here+"/ci-token"].Data["token"] = []byte(s.Token("ci:apiKey", tokenID, nil))
	return w, s
}

// live runs the checks against an address, and returns the live ones.
func live(t *testing.T, w *world, text string, to argocd.Options) map[string]preflight.Result {
	t.Helper()
	opts := options(t, text)
	opts.ArgoCD, opts.NoLive = to, false
	r, err := preflight.Run(t.Context(), w, opts)
	if err != nil {
		t.Fatal(err)
	}
	pasteable(t, r)
	all := map[string]preflight.Result{}
	for _, result := range r.Results {
		if strings.Contains(result.Seen+result.Advice, "s3cr3t") || strings.Contains(result.Seen+result.Advice, "eyJ") {
			t.Errorf("%s shows a credential", result.ID)
		}
		if strings.HasPrefix(result.ID, "live-") {
			all[result.ID] = result
		}
	}
	return all
}

func wantLive(t *testing.T, got map[string]preflight.Result, want map[string]string) {
	t.Helper()
	for id, prefix := range want {
		if text := string(got[id].Status) + ": " + got[id].Seen; !strings.HasPrefix(text, prefix) {
			t.Errorf("%s: %s, want %s", id, text, prefix)
		}
	}
}

func TestLiveGood(t *testing.T) {
	for mode, text := range map[string]string{"token": tokenValues, "password": passValues} {
		w, s := running(t, argocdtest.Options{RootPath: "/argo-cd"})
		wantLive(t, live(t, w, text, argocd.Options{URL: s.URL + "/"}), map[string]string{
			"live-server":  "ok: Argo CD v3.5.1+stand-in answers at " + s.URL,
			"live-session": "ok: Argo CD accepts the " + mode + ` of account "ci"`,
			"live-account": `ok: account "ci" may do what type ` + mode + " needs",
		})
		ended := slices.Contains(s.Requests(), "GET /argo-cd/auth/logout")
		if ended != (mode == "password") {
			t.Errorf("%s: requests %q", mode, s.Requests())
		}
	}
}

func TestLiveBroken(t *testing.T) {
	tests := []struct {
		name, values string
		change       func(w *world, s *argocdtest.Server)
		want         map[string]string
	}{
		{"revoked", tokenValues, func(w *world, _ *argocdtest.Server) { w.argoCD()["accounts.ci.tokens"] = nil }, map[string]string{
			"live-session": `failed: Argo CD refuses the token: "invalid session: account ci does not have token with id key-1" (status 401)`,
			"live-account": "skipped: not signed in"}},
		{"of another Argo CD", tokenValues, func(w *world, _ *argocdtest.Server) {
			w.secrets[here+"/ci-token"].Data["token"] = []byte(apiKey("ci", nil))
			w.argoCD()["server.secretkey"] = []byte("s3cr3t-other-key")
		}, map[string]string{"live-session": `failed: Argo CD refuses the token: "invalid session: token signature is invalid: signature is invalid" (status 401)`}},
		{"disabled", tokenValues, func(w *world, _ *argocdtest.Server) { w.cm()["accounts.ci.enabled"] = "false" },
			map[string]string{"live-session": `failed: Argo CD refuses the token: "invalid session: account ci is disabled" (status 401)`}},
		{"no bool", tokenValues, func(w *world, _ *argocdtest.Server) { w.cm()["accounts.x.enabled"] = "yes" },
			map[string]string{"live-session": "failed: Argo CD refuses the token"}},
		{"another password, which nobody may look up", passValues, func(w *world, _ *argocdtest.Server) {
			w.secrets[here+"/ci-password"].Data["password"] = []byte("s3cr3t-other")
			w.refused["get secrets argocd-secret"] = true
		}, map[string]string{"live-session": `failed: Argo CD refuses the password: "Invalid username or password" (status 401)`}},
		{"another password, which is known", passValues, func(w *world, _ *argocdtest.Server) {
			w.secrets[here+"/ci-password"].Data["password"] = []byte("s3cr3t-other")
		}, map[string]string{"live-session": "skipped: the password is known to be wrong"}},
		{"cannot make keys", passValues, func(w *world, _ *argocdtest.Server) { w.cm()["accounts.ci"] = "login" },
			map[string]string{"live-session": "ok", "live-account": `failed: running Argo CD: account "ci" lacks the capability "apiKey"`}},
		{"no credential", tokenValues, func(w *world, _ *argocdtest.Server) { delete(w.secrets, here+"/ci-token") },
			map[string]string{"live-server": "ok", "live-session": "skipped: there is no credential"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, s := running(t, argocdtest.Options{})
			tt.change(w, s)
			wantLive(t, live(t, w, tt.values, argocd.Options{URL: s.URL}), tt.want)
		})
	}
}

func TestLiveUnreachable(t *testing.T) {
	tests := map[string]http.HandlerFunc{
		"within 200ms": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"status 502, but not an answer of Argo CD": func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(rw, "<html>")
		},
		`it redirects to "https://sso.example.com/login"`: func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://sso.example.com/login?next=/", http.StatusFound)
		},
	}
	for want, handle := range tests {
		s := httptest.NewServer(handle)
		to := argocd.Options{URL: s.URL}
		if want == "within 200ms" { // the others answer, however busy the machine is
			to.Timeout = 200 * time.Millisecond
		}
		wantUnreachable(t, newWorld(t), to, want)
		s.Close()
	}
	w, s := running(t, argocdtest.Options{TLS: true})
	wantUnreachable(t, w, argocd.Options{URL: s.URL}, "signed by an unknown authority")
}

func wantUnreachable(t *testing.T, w *world, to argocd.Options, want string) {
	t.Helper()
	got := live(t, w, tokenValues, to)["live-server"]
	if got.Status != preflight.Failed || !strings.Contains(got.Seen, want) || got.Advice == "" {
		t.Errorf("%+v, want %s", got, want)
	}
}

func TestLiveTLS(t *testing.T) {
	w, s := running(t, argocdtest.Options{TLS: true})
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	for name, l := range map[string]argocd.Options{"roots": {Roots: roots}, "insecure": {Insecure: true}} {
		l.URL = s.URL
		if got := live(t, w, tokenValues, l)["live-session"]; got.Status != preflight.OK {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestLiveInterrupted holds that a session is ended whose opening was interrupted.
func TestLiveInterrupted(t *testing.T) {
	w, s := running(t, argocdtest.Options{})
	back, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	proxy := httputil.NewSingleHostReverseProxy(back)
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/session" {
			cancel()
			r = r.WithContext(context.WithoutCancel(r.Context()))
		}
		proxy.ServeHTTP(rw, r)
	}))
	defer front.Close()
	opts := options(t, passValues)
	opts.NoLive = false
	opts.ArgoCD = argocd.Options{URL: front.URL}
	if _, err := preflight.Run(ctx, w, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if !slices.Contains(s.Requests(), "GET /auth/logout") {
		t.Errorf("requests %q", s.Requests())
	}
}

// TestLiveTrouble holds that a server which has trouble of its own has refused nobody.
func TestLiveTrouble(t *testing.T) {
	for status, want := range map[int]string{
		429: "warning: Argo CD has not judged the token", 503: "warning: Argo CD has not judged the token", 401: "failed: Argo CD refuses the token",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "application/json")
			if r.URL.Path == "/api/version" {
				_, _ = io.WriteString(rw, `{"Version":"v3"}`)
				return
			}
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, `{"message":"trouble"}`)
		}))
		wantLive(t, live(t, newWorld(t), tokenValues, argocd.Options{URL: s.URL}), map[string]string{"live-session": want})
		s.Close()
	}
}

// TestLiveRequired makes it a failure that Argo CD is out of reach, or that there is no
// credential to ask it about, where an answer is required.
func TestLiveRequired(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*world, *argocd.Options)
		failed string // where an answer is required
	}{
		"all is well":   {func(*world, *argocd.Options) {}, ""},
		"out of reach":  {func(_ *world, o *argocd.Options) { o.URL = "" }, "live-server live-session"},
		"no credential": {func(w *world, _ *argocd.Options) { delete(w.secrets, here+"/ci-token") }, "live-session"},
	} {
		w, s := running(t, argocdtest.Options{})
		clear(w.services)
		opts := options(t, tokenValues)
		opts.NoLive, opts.ArgoCD = false, argocd.Options{URL: s.URL}
		tt.change(w, &opts.ArgoCD)
		for _, required := range []bool{false, true} {
			opts.RequireLive = required
			r, err := preflight.Run(t.Context(), w, opts)
			if err != nil {
				t.Fatal(err)
			}
			pasteable(t, r)
			var failed []string
			for _, result := range r.Results {
				if strings.HasPrefix(result.ID, "live-") && result.Status == preflight.Failed {
					failed = append(failed, result.ID)
				}
			}
			want := ""
			if required {
				want = tt.failed
			}
			if got := strings.Join(failed, " "); got != want {
				t.Errorf("%s, required %t: %q failed, want %q", name, required, got, want)
			}
		}
	}
}

// TestLiveLockedOut: what is known of the password decides what is said of a refusal.
func TestLiveLockedOut(t *testing.T) {
	for _, known := range []bool{true, false} {
		w, s := running(t, argocdtest.Options{})
		w.refused["get secrets argocd-secret"] = !known
		for i := range 6 {
			password := map[bool]string{true: password, false: "s3cr3t-wrong"}[i == 5]
			if _, err := http.Post(s.URL+"/api/v1/session", "application/json", strings.NewReader(`{"username":"ci","password":"`+password+`"}`)); err != nil {
				t.Fatal(err)
			}
		}
		got := live(t, w, passValues, argocd.Options{URL: s.URL})["live-session"]
		want := map[bool]string{true: `account "ci" is locked after five wrong passwords`, false: "Argo CD refuses the password"}[known]
		if got.Status != preflight.Failed || !strings.HasPrefix(got.Seen, want) || !strings.Contains(got.Advice, "five minutes (300 s)") {
			t.Errorf("%+v, want %s", got, want)
		}
	}
}
