//go:build cluster

package preflight_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

// unnamedValues leave the Service to the chart.
const unnamedValues = `global: {integrations: {argo-cd: {server: {auth: {type: password, username: ci, passwordSecretKeyRef: {name: ci-password, key: password}}}}}}`

// serverValues are those of a chart from 0.26 on, with fields of the server.
func serverValues(fields string) string {
	return strings.Replace(unnamedValues, "server: {", "server: {"+fields+", ", 1)
}

// of returns the results of one check.
func of(r preflight.Report, id string) (all []string) {
	for _, result := range r.Results {
		if result.ID == id {
			all = append(all, string(result.Status)+": "+result.Seen+" > "+result.Advice)
		}
	}
	return all
}

// parameters sets those of Argo CD's components.
func (w *world) parameters(data map[string]string) {
	w.configMaps[here+"/argocd-cmd-params-cm"] = &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: "argocd-cmd-params-cm"}, Data: data}
}

// TestPlace holds that the Service is the one that the chart calls, and that of several
// none is guessed.
func TestPlace(t *testing.T) {
	tests := []struct {
		name, values string
		change       func(*world)
		want         []string // how each result begins, and a part of it after "…"
	}{
		{"the chart's default", unnamedValues, nil, []string{"ok: …the Runtime calls http://argo-cd-server > "}},
		{"a root path", serverValues("rootpath: /argocd"), func(w *world) { w.parameters(map[string]string{"server.rootpath": "/argocd/"}) },
			[]string{"ok: …the Runtime calls http://argo-cd-server/argocd > "}},
		{"a root path, and Argo CD has none", serverValues("rootpath: /argocd"), nil,
			[]string{"ok: ", `warning: server.rootpath in ConfigMap "argocd-cmd-params-cm" is "", and global.integrations.argo-cd.server.rootpath is "/argocd"`}},
		{"Argo CD has a root path", unnamedValues, func(w *world) { w.parameters(map[string]string{"server.rootpath": "/argocd"}) },
			[]string{"ok: ", `warning: …set global.integrations.argo-cd.server.rootpath to the path below which Argo CD is served`}},
		{"a root path without a slash", serverValues("rootpath: argocd"), nil, []string{`failed: …the Runtime would call http://argo-cd-serverargocd > set it to "/argocd"`}},
		{"a port", serverValues("port: 8080"), func(w *world) { w.service(here, "argo-cd-server", 8080) }, []string{"ok: …the Runtime calls http://argo-cd-server:8080 > "}},
		{"443 alone", unnamedValues, func(w *world) { w.service(here, "argo-cd-server", 443) }, []string{"failed: …does not serve port 80, which the Runtime calls; it serves port 443"}},
		{"no svc", serverValues(`svc: ""`), nil, []string{"failed: global.integrations.argo-cd.server.svc is empty, and the chart does not render without it"}},
		{"no port", serverValues(`port: null`), nil, []string{"failed: global.integrations.argo-cd.server.port is empty"}},
		{"another name", unnamedValues, func(w *world) {
			delete(w.services, here+"/argo-cd-server")
			w.service(here, "argocd-server", 80)
		}, []string{`failed: …Argo CD's API here is Service "argocd-server": name it in global.integrations.argo-cd.server.svc`}},
		{"two others", unnamedValues, func(w *world) {
			delete(w.services, here+"/argo-cd-server")
			w.service(here, "a-server", 80)
			w.service(here, "b-server", 80)
		}, []string{`failed: …name the right one of Argo CD's Services here in global.integrations.argo-cd.server.svc: "a-server", "b-server"`}},
		{"the default and another", unnamedValues, func(w *world) { w.service(here, "b-server", 80) },
			[]string{"ok: ", `warning: several Services of Argo CD's API: "argo-cd-server", "b-server"; the Runtime calls "argo-cd-server", the chart's default`}},
		{"two, and one is named", serverValues("svc: b-server"), func(w *world) { w.service(here, "b-server", 80) }, []string{"ok: …calls http://b-server > "}},
		{"the old chart's default", strings.Replace(passValues, "server: {svc: argo-cd-server, port: 80}, ", "", 1), func(w *world) { w.service(here, "argocd-server", 80) },
			[]string{"ok: …http://argocd-server > ", "warning: several"}},
	}
	for _, tt := range tests {
		w := newWorld(t)
		if tt.change != nil {
			tt.change(w)
		}
		for _, values := range []string{tt.values, "cfr: {" + tt.values + "}"} {
			got := of(report(t, w, values), preflight.CheckArgoCD)
			if len(got) != len(tt.want) {
				t.Errorf("%s: %q", tt.name, got)
				continue
			}
			for i, want := range tt.want {
				begin, part, _ := strings.Cut(want, "…")
				if !strings.HasPrefix(got[i], begin) || !strings.Contains(got[i], part) {
					t.Errorf("%s: %q, want %q", tt.name, got[i], want)
				}
			}
		}
	}
}

// inCluster reaches a stand-in under the names of the Service alone. secure is where a TLS
// port leads, "" for nowhere.
func inCluster(plain, secure string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, _ := net.SplitHostPort(address)
		to := plain
		if port == "443" {
			to = secure
		}
		u, err := url.Parse(to)
		if host != "argo-cd-server.argocd.svc" || to == "" || err != nil {
			return nil, &net.OpError{Op: "dial", Err: errors.New("no such host or port: " + address)}
		}
		return new(net.Dialer).DialContext(ctx, network, u.Host)
	}
}

// TestLivePlace asks where the chart would, and says where Argo CD is if it is not there.
func TestLivePlace(t *testing.T) {
	tests := []struct {
		name, values string
		server       argocdtest.Options
		change       func(*world)
		want, advice string
	}{
		{"plain", unnamedValues, argocdtest.Options{}, nil, "ok: Argo CD v3.5.1+stand-in answers at http://argo-cd-server", ""},
		{"a root path", serverValues("rootpath: /argocd"), argocdtest.Options{RootPath: "/argocd"}, nil, "ok: Argo CD v3.5.1+stand-in answers at http://argo-cd-server/argocd", ""},
		{"another root path", unnamedValues, argocdtest.Options{RootPath: "/argocd"}, func(w *world) { w.parameters(map[string]string{"server.rootpath": "argocd"}) },
			"failed: the Runtime calls http://argo-cd-server, and there is no answer from Argo CD: cannot ask for the version: status 404, but not an answer of Argo CD; Argo CD v3.5.1+stand-in answers at http://argo-cd-server.argocd.svc/argocd",
			`set global.integrations.argo-cd.server.rootpath to "/argocd"`},
		{"no root path", serverValues("rootpath: /argocd"), argocdtest.Options{}, nil, "failed: the Runtime calls http://argo-cd-server/argocd", `set global.integrations.argo-cd.server.rootpath to ""`},
		{"a root path that nobody may read", unnamedValues, argocdtest.Options{RootPath: "/argocd"}, func(w *world) { w.refused["get configmaps argocd-cmd-params-cm"] = true },
			"failed: the Runtime calls http://argo-cd-server, and", "see whether global.integrations.argo-cd.server names Argo CD's API"},
	}
	for _, tt := range tests {
		w, s := running(t, tt.server)
		if tt.change != nil {
			tt.change(w)
		}
		got := live(t, w, tt.values, argocd.Options{Dial: inCluster(s.URL, "")})["live-server"]
		if text := string(got.Status) + ": " + got.Seen; !strings.HasPrefix(text, tt.want) || got.Advice != tt.advice {
			t.Errorf("%s: %s > %s\nwant %s > %s", tt.name, text, got.Advice, tt.want, tt.advice)
		}
	}
	w := newWorld(t)
	if got := live(t, w, unnamedValues, argocd.Options{Timeout: 1})["live-server"]; got.Status != preflight.Skipped || !strings.HasPrefix(got.Advice, "give an address that can be reached from here with --argo-cd-url") {
		t.Errorf("out of reach: %+v", got)
	}
}

// certified is an Argo CD that speaks TLS only, with a certificate of its own for names, and
// what it answers to plain http. The certificate and its key are returned as a Secret has them.
func certified(t *testing.T, s *argocdtest.Server, names ...string) (secure, plain *httptest.Server, pair map[string][]byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: names, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	secure = httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(back))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	// As recorded on 3.5.1: http-to-tls-version.
	plain = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(plain.Close)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return secure, plain, map[string][]byte{
		"tls.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		"tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}
}

// TestLiveTLSOnly holds that a server which speaks TLS only fails the Runtime, whatever
// answers elsewhere, and that no credential is sent to it.
func TestLiveTLSOnly(t *testing.T) {
	w, s := running(t, argocdtest.Options{})
	secure, plain, _ := certified(t, s, "argocd-server")
	w.services[here+"/argo-cd-server"].Spec.Ports = []corev1.ServicePort{{Name: "http", Port: 80}, {Name: "https", Port: 443}}
	got := live(t, w, unnamedValues, argocd.Options{Dial: inCluster(plain.URL, secure.URL)})
	wantLive(t, got, map[string]string{
		"live-server":  `failed: the Runtime calls http://argo-cd-server, and there is no answer from Argo CD: cannot ask for the version: it redirects to "https://argo-cd-server.argocd.svc"`,
		"live-session": "skipped: Argo CD cannot be reached",
	})
	if r := got["live-server"]; !strings.HasSuffix(r.Seen, "; Argo CD v3.5.1+stand-in answers at https://argo-cd-server.argocd.svc:443") || !strings.Contains(r.Advice, `set server.insecure to "true"`) {
		t.Errorf("%+v", r)
	}
	if asked := s.Requests(); len(asked) != 1 || asked[0] != "GET /api/version" {
		t.Errorf("asked %q", asked)
	}
}

// TestLiveTrust trusts the certificate that Argo CD has in its Secrets, for the names of its
// Service and no others.
func TestLiveTrust(t *testing.T) {
	const name = "argo-cd-server.argocd.svc"
	for _, tt := range []struct {
		secret, url string
		refused     bool
		want        preflight.Status
	}{
		{"argocd-server-tls", "https://" + name, false, preflight.OK},
		{"argocd-secret", "https://" + name, false, preflight.OK},
		{"argocd-secret", "https://" + name, true, preflight.Failed},
		{"argocd-secret", "https://argocd.example.com", false, preflight.Failed},
		{"", "https://" + name, false, preflight.Failed},
	} {
		w, s := running(t, argocdtest.Options{})
		secure, _, pair := certified(t, s, name, "argocd.example.com")
		if w.secrets[here+"/"+tt.secret] == nil {
			w.secret(here, tt.secret, nil)
		}
		w.secrets[here+"/"+tt.secret].Data["tls.crt"] = pair["tls.crt"]
		w.secrets[here+"/"+tt.secret].Data["tls.key"] = pair["tls.key"]
		w.refused["get secrets "+tt.secret] = tt.refused
		dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, secure.Listener.Addr().String())
		}
		if got := live(t, w, unnamedValues, argocd.Options{URL: tt.url, Dial: dial})["live-server"]; got.Status != tt.want {
			t.Errorf("%s, certificate in %q, refused %t: %+v", tt.url, tt.secret, tt.refused, got)
		}
	}
}
