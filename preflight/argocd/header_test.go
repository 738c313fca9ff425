package argocd_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestHeader sends a header with every call, to the address alone, and shows it nowhere.
func TestHeader(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a redirect was followed with the header")
	}))
	defer elsewhere.Close()
	var without []string
	answer := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": "proxy: " + r.Header.Get("X-Proxy") + " " + r.Header.Get("Cookie")})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Proxy") == "" || !strings.HasPrefix(r.Header.Get("Cookie"), "gate=") {
			without = append(without, r.URL.Path)
		}
		if r.URL.Path == "/api/version" {
			http.Redirect(w, r, elsewhere.URL+"/"+r.Header.Get("X-Proxy"), http.StatusFound)
			return
		}
		answer(w, r)
	}))
	defer server.Close()
	header := http.Header{"X-Proxy": {"Bearer s3cr3t-of-the-proxy"}, "Cookie": {"gate=s3cr3t-of-the-gate"}}
	c := client(t, argocd.Options{URL: server.URL, Header: header})
	token := auth.NewSecret("token")
	_, versionErr := c.Version(t.Context())
	_, userinfoErr := c.Userinfo(t.Context(), token)
	_, accountErr := c.Account(t.Context(), token, "ci")
	for _, err := range []error{versionErr, userinfoErr, accountErr, c.SignOut(t.Context(), token), c.DeleteToken(t.Context(), token, "ci", "x")} {
		if all := fmt.Sprintf("%v %+v %#v", err, err, err); err == nil || strings.Contains(all, "s3cr3t") {
			t.Errorf("%v", strings.Contains(all, "s3cr3t"))
		}
	}
	if len(without) > 0 {
		t.Errorf("calls without the header: %v", without)
	}
}

// TestHeaderRefused quotes no value, and leaves what a call says of itself alone.
func TestHeaderRefused(t *testing.T) {
	for name, value := range map[string]string{
		"Authorization": "Bearer s3cr3t", "authorization": "s3cr3t", "Content-Type": "s3cr3t", "Host": "s3cr3t",
		"X Y": "s3cr3t", "": "s3cr3t", "X-Proxy": "s3cr3t\r\nX: y",
	} {
		_, err := argocd.New(argocd.Options{URL: "https://argocd", Header: http.Header{name: {value}}})
		if err == nil || strings.Contains(err.Error(), "s3cr3t") || strings.ContainsAny(err.Error(), "\r\n") {
			t.Errorf("%q: it is taken, or its value is shown", name)
		}
	}
}

// TestClientCertificate is shown to a server that asks for one.
func TestClientCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"Version":"v3.5.1"}`)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	o := argocd.Options{URL: server.URL, Insecure: true}
	wantUnreachable(t, version(t, o), "wants a client certificate", "--client-crt FILE")
	o.Certificate = &server.TLS.Certificates[0]
	if err := version(t, o); err != nil {
		t.Error(err)
	}
}

// TestDialError goes past every proxy, and takes the words of a dialer
// that fails.
func TestDialError(t *testing.T) {
	server, _ := running(t, argocdtest.Options{})
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	o := argocd.Options{URL: "http://argocd-server/", Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "argocd-server:80" {
			t.Errorf("dialed %q", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}}
	if err := version(t, o); err != nil {
		t.Error(err)
	}
	o.Dial = func(context.Context, string, string) (net.Conn, error) {
		return nil, fmt.Errorf("wrapped: %w", &argocd.DialError{Reason: "no pod is ready", Hint: "wait"})
	}
	wantUnreachable(t, version(t, o), "no pod is ready", "wait")
}

// TestWantsTLS is an address that has to begin with https.
func TestWantsTLS(t *testing.T) {
	toTLS := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusTemporaryRedirect)
	}
	away := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example.com", http.StatusTemporaryRedirect)
	}
	for want, handler := range map[bool]http.HandlerFunc{true: toTLS, false: away} {
		server := httptest.NewServer(handler)
		defer server.Close()
		failed, _ := errors.AsType[*argocd.Error](version(t, argocd.Options{URL: server.URL}))
		if failed == nil || failed.WantsTLS != want {
			t.Errorf("%#v", failed)
		}
	}
}
