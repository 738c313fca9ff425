package argocd_test

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// wantUnreachable checks the reason and the hint of the error of a call.
func wantUnreachable(t *testing.T, err error, reason, hint string) {
	t.Helper()
	var broken *argocd.Error
	if !errors.As(err, &broken) || broken.Status != 0 || !strings.Contains(broken.Reason, reason) || !strings.Contains(broken.Hint, hint) {
		t.Errorf("%v\nwant %q, hint %q\ngot %#v", err, reason, hint, broken)
	}
	if err != nil && (strings.Contains(fmt.Sprintf("%v %+v %#v", err, broken, broken), "s3cr3t") || !strings.HasPrefix(err.Error(), "cannot ")) {
		t.Errorf("%v", err)
	}
}

// version asks an address for its version.
func version(t *testing.T, o argocd.Options) error {
	t.Helper()
	_, err := client(t, o).Version(t.Context())
	return err
}

// step is the pause between what a slow server sends.
const step = 50 * time.Millisecond

// send writes a part of an answer at once; false if nobody reads it.
func send(w http.ResponseWriter, text string) bool {
	_, err := io.WriteString(w, text)
	return err == nil && http.NewResponseController(w).Flush() == nil
}

// hang takes a request and never answers.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // after that the end of the connection is noticed
	<-r.Context().Done()
}

// endlessHeader answers a header line at a time.
func endlessHeader(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	for line := "HTTP/1.1 200 OK\r\n"; err == nil; line = "X-More: more\r\n" {
		_, err = io.WriteString(conn, line)
		time.Sleep(step)
	}
	_ = conn.Close()
}

// TestFaults: whatever a server does, each call ends in its time, and says why.
func TestFaults(t *testing.T) {
	const slow = "no whole answer from 127.0.0.1:"
	tests := map[string]struct {
		handle       http.HandlerFunc
		reason, hint string
	}{
		"hang":    {hang, slow, "--timeout"},
		"headers": {endlessHeader, slow, "--timeout"},
		"drip": {func(w http.ResponseWriter, _ *http.Request) {
			for send(w, " ") {
				time.Sleep(step)
			}
		}, slow, "--timeout"},
		"page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html><body>Bad Gateway</body></html>")
		}, "status 502, but not an answer of Argo CD", "see whether the address is that of Argo CD"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://sso.example.com/login?next=/", http.StatusFound)
		}, `it redirects to "https://sso.example.com/login", and credentials are not sent to another address`, "give its address"},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			send(w, "{")
			panic(http.ErrAbortHandler) // the way to end a connection
		}, "the connection to 127.0.0.1:", "try again"},
		"flood": {func(w http.ResponseWriter, _ *http.Request) {
			for send(w, strings.Repeat(" ", 64<<10)) {
			}
		}, "the answer is larger than 1048576 bytes", "see whether the address is that of Argo CD"},
	}
	for name, tt := range tests {
		for _, after := range []bool{false, true} { // the credential was sent
			t.Run(fmt.Sprintf("%s/%t", name, after), func(t *testing.T) {
				t.Parallel()
				handle, sent := tt.handle, atomic.Bool{}
				if after {
					handle = known(handle)
				}
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/api/version" {
						sent.Store(true)
					}
					handle(w, r)
				}))
				t.Cleanup(s.Close)
				timeout := 10 * time.Second
				if tt.reason == slow {
					timeout = 200 * time.Millisecond
				}
				token := auth.NewSecret("s3cr3t.s3cr3t.s3cr3t")
				reason := tt.reason
				if name == "redirect" && after { // the place is not to be believed
					reason = "it redirects, and credentials are not sent to another address"
				}
				for call, err := range calls(t, client(t, argocd.Options{URL: s.URL, Timeout: timeout}), token, token) {
					if name == "redirect" && after && call == "sign out" {
						continue // by which it is answered
					}
					wantUnreachable(t, err, reason, cmp.Or(map[bool]string{true: "see whether"}[reason != tt.reason], tt.hint))
					var e *argocd.Error
					if isSlow := errors.Is(err, context.DeadlineExceeded); isSlow != (tt.reason == slow) || errors.As(err, &e) && e.Unsent == after {
						t.Errorf("%s: %v: DeadlineExceeded is %t", call, err, isSlow)
					}
				}
				if sent.Load() != after {
					t.Errorf("a credential was sent: %t", !after)
				}
			})
		}
	}
}

// TestContext: the end of the caller's context is no fault of the server.
func TestContext(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(hang))
	defer s.Close()
	c := client(t, argocd.Options{URL: s.URL})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for _, tt := range []struct {
		ctx  context.Context
		want error
	}{{cancelled, context.Canceled}, {late, context.DeadlineExceeded}} {
		_, err := c.Version(tt.ctx)
		var broken *argocd.Error
		if !errors.Is(err, tt.want) || errors.As(err, &broken) {
			t.Errorf("%v, want %v", err, tt.want)
		}
	}
}

// TestNotArgoCD: answers of somebody else are no words of Argo CD's.
func TestNotArgoCD(t *testing.T) {
	s := argocdtest.NewServer(argocdtest.Options{Store: argocdtest.NewMemory()})
	defer s.Close()
	wantUnreachable(t, version(t, argocd.Options{URL: s.URL + "/wrong"}), "status 404, but not an answer of Argo CD", "with the path")
	below := argocdtest.NewServer(argocdtest.Options{Store: argocdtest.NewMemory(), RootPath: "/argo-cd"})
	defer below.Close()
	wantUnreachable(t, version(t, argocd.Options{URL: strings.TrimSuffix(below.URL, "/argo-cd")}), "status 404, but not an answer of Argo CD", "with the path")

	answered := func(body string) error {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		}))
		defer server.Close()
		return version(t, argocd.Options{URL: server.URL})
	}
	answer := func(status int, contentType, body string) *argocd.Client {
		return serving(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	ctx, token := t.Context(), auth.NewSecret("s3cr3t.s3cr3t.s3cr3t")
	err := answered(`{}`)
	wantUnreachable(t, err, "no version of Argo CD in it", "see whether")
	_, err = answer(200, "application/json", `{}`).Account(ctx, token, "ci")
	wantUnreachable(t, err, "not about that account", "see whether")
	_, err = answer(200, "application/json", `{}`).SignIn(ctx, "ci", token)
	wantUnreachable(t, err, "no token in it", "see whether")
	for _, version := range []string{"v3\\u001b[2J", "s3cr3t", "3." + strings.Repeat("1", 99), "v3.5.1 s3cr3t"} {
		wantUnreachable(t, answered(`{"Version":"`+version+`"}`), "no version of Argo CD in it", "see whether")
	}
	err = answered(`[]`)
	wantUnreachable(t, err, "the answer is application/json, and not", "see whether")
	_, err = answer(200, "application/json", `{"name":"ci","tokens":[{"issuedAt":{}}]}`).Account(ctx, token, "ci")
	wantUnreachable(t, err, "not what Argo CD answers", "see whether")
	_, err = answer(401, "text/html", "s3cr3t").Userinfo(ctx, token)
	wantUnreachable(t, err, "status 401, but not an answer of Argo CD", "see whether")
	_, err = answer(403, "application/json", `{"kind":"Status"}`).Userinfo(ctx, token)
	wantUnreachable(t, err, "status 403, but not an answer of Argo CD", "see whether")
	wantUnreachable(t, answer(200, "text/html", "<html>").SignOut(ctx, token), "the answer is text/html", "see whether")
	if a, err := answer(200, "application/json", `{"name":"ci","tokens":[{"id":"x","issuedAt":"7"}]}`).Account(ctx, token, "ci"); err != nil || !a.Tokens[0].IssuedAt.Equal(time.Unix(7, 0)) {
		t.Errorf("a time in quotes: %+v %v", a, err)
	}
}

// TestRedirects are not followed, and nothing is sent there.
func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	to := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c := client(t, argocd.Options{URL: server.URL})
	host := strings.TrimPrefix(server.URL, "http://")
	tests := []struct{ to, reason, hint string }{
		{elsewhere.URL + "/login/?token=s3cr3t", `it redirects to "` + elsewhere.URL + `/login",`, "if that is Argo CD"},
		{"https://" + host + "/api/v1/session", `it redirects to "https://` + host + `/api/v1/session",`, "use https:// in the address"},
		{"/login", `it redirects to "` + server.URL + `/login",`, "if that is Argo CD"},
		{"https://me:s3cr3t@example.com/", "it redirects, and", "see whether"},
		{"/s3cr3t%20pass&word", `it redirects to "` + server.URL + `/[redacted]",`, "if that is Argo CD"},
		{"", "it redirects, and", "see whether"},
	}
	for _, tt := range tests {
		to = tt.to
		_, err := c.SignIn(t.Context(), "ci", auth.NewSecret(password))
		wantUnreachable(t, err, tt.reason, tt.hint)
	}
}

// certificate is one of its own authority for the given names, or for 127.0.0.1.
func certificate(t *testing.T, until time.Time, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "argocd"}, DNSNames: names,
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if len(names) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// tlsServer answers with a version, and returns its URL and who must be trusted.
func tlsServer(t *testing.T, config *tls.Config) (string, *x509.CertPool) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"Version":"v3"}`)
	}))
	server.TLS, server.Config.ErrorLog = config, log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.TLS.Certificates[0].Leaf)
	return server.URL, roots
}

func TestTLS(t *testing.T) {
	day := 24 * time.Hour
	good, roots := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(day))}})
	wantUnreachable(t, version(t, argocd.Options{URL: good, Roots: x509.NewCertPool()}), "signed by an unknown authority", "--ca-file FILE, or skip verification with --insecure-skip-verify")
	wantUnreachable(t, version(t, argocd.Options{URL: good}), "signed by an unknown authority", "--ca-file FILE")
	if err := version(t, argocd.Options{URL: good, Roots: roots}); err != nil {
		t.Errorf("trusted: %v", err)
	}
	other, roots := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(day), "argocd-server", "argocd-server.argocd")}})
	wantUnreachable(t, version(t, argocd.Options{URL: other, Roots: roots}), `the certificate is not valid for "127.0.0.1"`, `use a name that it is valid for ("argocd-server", "argocd-server.argocd"), or skip verification`)
	if err := version(t, argocd.Options{URL: other, Insecure: true}); err != nil {
		t.Errorf("unchecked: %v", err)
	}
	old, roots := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(-day))}})
	wantUnreachable(t, version(t, argocd.Options{URL: old, Roots: roots}), "has expired or is not valid yet", "renew it")
	mutual, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(day))}, ClientAuth: tls.RequireAnyClientCert})
	wantUnreachable(t, version(t, argocd.Options{URL: mutual, Insecure: true}), "wants a client certificate: certificate required", "--client-crt")

	plain := httptest.NewServer(http.NotFoundHandler()) // Argo CD cuts the connection
	defer plain.Close()
	wantUnreachable(t, version(t, argocd.Options{URL: strings.Replace(plain.URL, "http:", "https:", 1)}), "speaks plain http", "use http://")
	wantUnreachable(t, version(t, argocd.Options{URL: strings.Replace(other, "https:", "http:", 1)}), "speaks TLS", "use https://")
}

// listener accepts connections, says something, and closes them.
func listener(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, text)
			if text != "" {
				_, _ = conn.Read(make([]byte, 1<<10)) // else the end may overtake the text
			}
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	_ = l.Close()
	wantUnreachable(t, version(t, argocd.Options{URL: "http://" + free}), "no connection to "+free+": ", "see whether Argo CD runs there")
	wantUnreachable(t, version(t, argocd.Options{URL: "https://argocd.invalid"}), `the host "argocd.invalid" `, "see whether")
	ssh := listener(t, "SSH-2.0-s3cr3t\r\n")
	wantUnreachable(t, version(t, argocd.Options{URL: "http://" + ssh}), ssh+" does not answer as an HTTP server does", "see whether the address")
	wantUnreachable(t, version(t, argocd.Options{URL: "https://" + ssh}), ssh+" does not speak TLS", "use http://")
	dead := listener(t, "")
	wantUnreachable(t, version(t, argocd.Options{URL: "http://" + dead}), "broke off", "try again")
	wantUnreachable(t, version(t, argocd.Options{URL: "https://" + dead}), "in place of a TLS answer", "use http://")
}

// TestProxy: how it cannot be used is said without its address, which has a password.
// The environment is read once in a process, so the test has another one do it.
func TestProxy(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer refusing.Close()
	u, err := url.Parse(refusing.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("me", "s3cr3t")
	for name, address := range map[string]string{
		"refuses": u.String(), "is gone": "http://me:s3cr3t@127.0.0.1:1", "is no URL": "http://me:s3cr3t@[::1",
	} {
		t.Run(name, func(t *testing.T) {
			if out := inProcess(t, "HTTPS_PROXY="+address); !strings.HasSuffix(out, "cannot ask for the version: the proxy does not connect to argocd.example.com | see HTTPS_PROXY, HTTP_PROXY and NO_PROXY") {
				t.Errorf("%q", strings.ReplaceAll(out, "s3cr3t", "<the password>"))
			}
		})
	}
}
