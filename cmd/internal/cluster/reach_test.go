//go:build cluster

package cluster

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/preflight/reachtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// with runs a command line in an environment, the cluster's beside it.
func (b *bench) with(t *testing.T, env map[string]string, stdin string, args ...string) outcome {
	t.Helper()
	all := map[string]string{"KUBECONFIG": file(t, strings.ReplaceAll(kubeconfig, "https://one.example.com", b.cluster)), "HELM_NAMESPACE": "argocd"}
	for name, value := range env {
		all[name] = value
	}
	var stdout, stderr bytes.Buffer
	code := Main(args, Env{Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Getenv: given(all)})
	return outcome{code, stdout.String(), stderr.String()}
}

// forwarded has Argo CD reached through the cluster alone, as its manifests have it.
func (b *bench) forwarded(t *testing.T, o argocdtest.Options) *reachtest.Server {
	t.Helper()
	o.Store = b.store
	b.argoCD = argocdtest.NewServer(o)
	t.Cleanup(b.argoCD.Close)
	api := &reachtest.Server{
		Namespace: "argocd",
		Services: []corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Name: "argocd-server", Namespace: "argocd", Labels: map[string]string{"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/component": "server"}},
			Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": "argocd"}, Ports: []corev1.ServicePort{{Name: "http", Port: 80}, {Name: "https", Port: 443}}},
		}},
		Pods: []corev1.Pod{{
			ObjectMeta: metav1.ObjectMeta{Name: "argocd-server-1", Namespace: "argocd", Labels: map[string]string{"app": "argocd"}},
			Status:     corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
		}},
		Listeners: map[string]string{"argocd-server-1:80": b.argoCD.Listener.Addr().String(), "argocd-server-1:443": b.argoCD.Listener.Addr().String()},
	}
	b.cluster = server(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/secrets/argocd-secret"):
			status(http.StatusForbidden, "Forbidden")(w, r)
		case strings.Contains(r.URL.Path, "/secrets"):
			b.serve(w, r)
		case strings.Contains(r.URL.Path, "/services") || strings.Contains(r.URL.Path, "/pods"):
			api.ServeHTTP(w, r)
		default:
			status(http.StatusForbidden, "Forbidden")(w, r)
		}
	})
	return api
}

// TestTokenPortForward makes, lists and revokes a key without any address, with and
// without TLS, and leaves no connection open.
func TestTokenPortForward(t *testing.T) {
	for _, isTLS := range []bool{false, true} {
		t.Run(fmt.Sprint(isTLS), func(t *testing.T) {
			b := newBench(t)
			api := b.forwarded(t, argocdtest.Options{TLS: isTLS})
			b.with(t, nil, adminPassword, "token", "create", "--port-forward", "--account", "ci", "--id", "x", "--password-stdin").quiet(t).ended(t, exit.OK, "was made")
			if o := b.with(t, nil, adminPassword, "token", "list", "--port-forward", "--account", "ci", "--password-stdin").quiet(t).ended(t, exit.OK); !strings.Contains(o.stdout, "x ") {
				t.Errorf("%s", o.stdout)
			}
			address := map[bool]string{false: "http://argocd-server", true: "https://argocd-server.argocd.svc"}[isTLS]
			b.with(t, nil, adminPassword, "token", "revoke", "--port-forward", "--argo-cd-url", address, "--account", "ci", "--id", "x", "--password-stdin").quiet(t).ended(t, exit.OK, "was revoked")
			if n := api.Ended(); n < 9 {
				t.Errorf("%d connections were forwarded", n)
			}
			if isTLS { // with an authority to trust, the certificate must be good
				ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.argoCD.Certificate().Raw})
				b.with(t, nil, adminPassword, "token", "list", "--port-forward", "--ca-file", file(t, string(ca)), "--account", "ci", "--password-stdin").
					quiet(t).ended(t, exit.Failed, `the certificate is not valid for "argocd-server"`)
			}
			api.Pods = nil
			b.with(t, nil, adminPassword, "token", "list", "--port-forward", "--account", "ci", "--password-stdin").quiet(t).ended(t, exit.Failed,
				`none of the 0 pods behind Service "argocd-server" is ready`, "hint: see why: kubectl get pods -l app=argocd -n argocd")
			api.Services = nil
			b.with(t, nil, adminPassword, "token", "list", "--port-forward", "--account", "ci", "--password-stdin").quiet(t).ended(t, exit.Failed,
				"no Service with the labels", "--argo-cd-url http://SERVICE")
			api.Forbidden = []string{"list services"}
			b.with(t, nil, adminPassword, "token", "list", "--port-forward", "--account", "ci", "--password-stdin").quiet(t).ended(t, exit.Failed,
				`no permission to list services in namespace "argocd"`, "verb list, resource services")
		})
	}
}

// TestCheckPortForward makes the live checks from outside the cluster, at the address that
// the Runtime calls; where that fails, so does the check.
func TestCheckPortForward(t *testing.T) {
	b := newBench(t)
	api := b.forwarded(t, argocdtest.Options{})
	o := b.with(t, nil, adminPassword, "token", "create", "--port-forward", "--account", "ci", "--secret-name", "ci", "--password-stdin").ended(t, exit.OK)
	values := strings.Replace(goodValues, "{auth:", "{server: {svc: argocd-server, port: 80}, auth:", 1)
	o = b.with(t, nil, values, "check", "-f", "-", "--port-forward").quiet(t).ended(t, exit.OK)
	if !strings.Contains(o.stdout, "answers at http://argocd-server") || !strings.Contains(o.stdout, `Argo CD accepts the token of account "ci"`) {
		t.Errorf("%s", o.stdout)
	}
	api.Ended()
	api.Forbidden = []string{"get pods/portforward", "create pods/portforward"}
	o = b.with(t, nil, values, "check", "-f", "-", "--port-forward").quiet(t)
	if o.code != exit.Findings || !strings.Contains(o.stdout, `no permission to create pods/portforward in namespace "argocd"`) {
		t.Errorf("%d\n%s", o.code, o.stdout)
	}
	o = b.with(t, nil, values, "check", "-f", "-", "--timeout", "500ms").quiet(t)
	if !strings.Contains(o.stdout, "--port-forward") {
		t.Errorf("the flag is not advised:\n%s", o.stdout)
	}
}

// session signs in as an account, as argocd login does.
func (b *bench) session(t *testing.T, account string) string {
	t.Helper()
	b.store.SetPassword(account, adminPassword, time.Now().Add(-time.Hour))
	s, err := b.api.SignIn(t.Context(), account, auth.NewSecret(adminPassword))
	if err != nil {
		t.Fatal(err)
	}
	return s.Reveal()
}

// TestTokenEnvironment takes address and session from argocd's environment, says so, ends
// no session, and sends the token nowhere else.
func TestTokenEnvironment(t *testing.T) {
	b := newBench(t)
	session := b.session(t, "ci")
	host := strings.TrimPrefix(b.argoCD.URL, "http://")
	env := map[string]string{"ARGOCD_SERVER": host, "ARGOCD_AUTH_TOKEN": session, "ARGOCD_OPTS": "--plaintext"}
	const said = "runtime-auth: signing in to "
	b.with(t, env, "", "token", "create").quiet(t).ended(t, exit.OK, said+b.argoCD.URL+" with the token of argocd's environment (ARGOCD_SERVER)", `of account "ci" was made`)
	if !b.accepts(t, session) || !b.accepts(t, b.held("runtime-argo-cd-token")) {
		t.Error("the session was ended, or no key was made for it")
	}
	b.with(t, map[string]string{"ARGOCD_OPTS": "--plaintext --server=" + host + " --auth-token " + session}, "", "token", "list").quiet(t).ended(t, exit.OK, "(ARGOCD_OPTS)")
	b.with(t, env, "", "token", "list", "--argo-cd-url", b.argoCD.URL).quiet(t).ended(t, exit.OK, said)
	b.with(t, env, "", "token", "list", "--server", host, "--plaintext").quiet(t).ended(t, exit.OK, said)

	if o := b.with(t, env, adminPassword, "token", "list", "--account", "ci", "--password-stdin").quiet(t).ended(t, exit.OK, "calling "+b.argoCD.URL+" (ARGOCD_SERVER)"); strings.Contains(o.stderr, said) {
		t.Errorf("a flag says who signs in:\n%s", o.stderr)
	}
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another server was called: %s", r.URL.Path)
	}))
	defer other.Close()
	b.with(t, env, "", "token", "list", "--argo-cd-url", other.URL).quiet(t).ended(t, exit.Usage, "ARGOCD_AUTH_TOKEN is not sent to a server that ARGOCD_SERVER does not name", "--auth-token-file")
	delete(env, "ARGOCD_SERVER")
	b.with(t, env, "", "token", "list", "--argo-cd-url", b.argoCD.URL).quiet(t).ended(t, exit.Usage, "ARGOCD_AUTH_TOKEN is not sent")
	env["ARGOCD_OPTS"] = "--auth-token 's3cr3t"
	b.with(t, env, "", "token", "list").quiet(t).ended(t, exit.Failed, "ARGOCD_OPTS has a quote")
	b.with(t, env, adminPassword, "token", "list", "--account", "ci", "--argo-cd-url", b.argoCD.URL, "--password-stdin").quiet(t).ended(t, exit.OK)
}

// jwt is a token that nobody has signed.
func jwt(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + part([]byte(claims)) + "." + part(make([]byte, 32))
}

// TestTokenContext takes address and session from argocd's config file.
func TestTokenContext(t *testing.T) {
	b := newBench(t)
	session := b.session(t, "ci")
	host := strings.TrimPrefix(b.argoCD.URL, "http://")
	home := t.TempDir()
	path := filepath.Join(home, ".config", "argocd", "config")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	old := jwt(`{"iss":"https://sso","sub":"me","exp":1700000000}`)
	bad := jwt(`{"iss":"argocd","sub":"ci:login","jti":"x"}`)
	text := fmt.Sprintf(`
current-context: here
contexts: [{name: here, server: %[1]q, user: me}, {name: old, server: %[1]q, user: old}, {name: bad, server: %[1]q, user: bad}, {name: pf, server: port-forward, user: me}]
servers: [{server: %[1]q, plain-text: true}]
users: [{name: me, auth-token: %[2]s, refresh-token: s3cr3t}, {name: old, auth-token: %[3]s}, {name: bad, auth-token: %[4]s}]
`, host, session, old, bad)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HOME": home, "ARGOCD_AUTH_TOKEN": "s3cr3t"}
	b.with(t, env, "", "token", "create", "--argocd-context", "here").quiet(t).ended(t, exit.OK, `of account "ci" was made`)
	b.with(t, env, "", "token", "list", "--argocd-context", "").quiet(t).ended(t, exit.OK)
	if !b.accepts(t, session) {
		t.Error("the session was ended")
	}
	renew := "hint: sign in again: argocd login " + host + " --sso"
	asked := len(b.argoCD.Requests())
	b.with(t, env, "", "token", "list", "--argocd-context", "old").quiet(t).ended(t, exit.Failed, `the session of context "old" expired on 2023-11-14`, renew)
	b.with(t, env, "", "token", "list", "--argocd-context", "none").quiet(t).ended(t, exit.Failed, `no context "none"`, "argocd login")
	b.with(t, env, "", "token", "list", "--argocd-context", "pf").quiet(t).ended(t, exit.Usage, "--port-forward")
	b.with(t, env, "", "token", "list", "--argocd-context", "here", "--port-forward").quiet(t).ended(t, exit.Usage, "does not go with --port-forward")
	b.with(t, map[string]string{"HOME": t.TempDir()}, "", "token", "list", "--argocd-context", "here").quiet(t).ended(t, exit.Failed, "no such file", "argocd login")
	if len(b.argoCD.Requests()) > asked {
		t.Error("Argo CD was called")
	}
	b.with(t, env, "", "token", "list", "--argocd-context", "bad").quiet(t).ended(t, exit.Failed, renew)
	b.with(t, env, "", "token", "list", "--account", "ci", "--argocd-context", "bad").quiet(t).ended(t, exit.Failed, renew)
	b.forwarded(t, argocdtest.Options{})
	b.store.SetPassword("ci", adminPassword, time.Now().Add(-time.Hour))
	api, err := argocd.New(argocd.Options{URL: b.argoCD.URL})
	if err != nil {
		t.Fatal(err)
	}
	b.api = api
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, session, b.session(t, "ci"))), 0o600); err != nil {
		t.Fatal(err)
	}
	b.with(t, env, "", "token", "list", "--argocd-context", "pf", "--port-forward").quiet(t).ended(t, exit.OK)
}

// TestHeaderFlag sends the headers of the command line and of a file, and shows none.
func TestHeaderFlag(t *testing.T) {
	b := newBench(t)
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Gate") != "s3cr3t-1" || r.Header.Get("X-Other") != "s3cr3t: 2" {
			http.Error(w, "s3cr3t", http.StatusForbidden)
			return
		}
		r.URL.Scheme, r.URL.Host, r.RequestURI = "http", b.argoCD.Listener.Addr().String(), ""
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		var body bytes.Buffer
		_, _ = body.ReadFrom(answer.Body)
		_, _ = w.Write(body.Bytes())
	}))
	defer gate.Close()
	args := []string{"token", "list", "--account", "ci", "--password-stdin", "--argo-cd-url", gate.URL, "--header", "@" + file(t, "x-gate: s3cr3t-1\nX-Other: s3cr3t: 2\n")}
	b.with(t, nil, adminPassword, args...).quiet(t).ended(t, exit.OK)
	b.with(t, nil, adminPassword, append(args[:7:7], "--header", "X-Gate: s3cr3t-1", "--header", "X-Other: s3cr3t: 2")...).quiet(t).ended(t, exit.OK)
	b.with(t, nil, adminPassword, args[:7]...).quiet(t).ended(t, exit.Failed, "status 403")
	b.with(t, nil, adminPassword, append(args[:7:7], "--header", "@nothing")...).quiet(t).ended(t, exit.Failed, "--header: nothing: no such file")
}
