//go:build cluster

package cluster

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bytes"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// TestOwnWords has nothing of what Go's libraries say on standard error, whatever goes wrong.
func TestOwnWords(t *testing.T) {
	foreign := regexp.MustCompile(`(: |to )(open|stat|read|dial|lookup) |\b(Get|Post|Put) "|json: |x509: |tls: |net/http|strconv\.|parsing |unmarshal|deadline exceeded|Client\.Timeout|i/o timeout|unexpected end of|unexpected EOF|: EOF|invalid character|yaml: |\[\S+ \S+\]|%!`)
	closed := httptest.NewServer(nil)
	closed.Close()
	encrypted := httptest.NewUnstartedServer(http.NotFoundHandler())
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	says := func(kind, text string) string {
		return server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			fmt.Fprint(w, text)
		})
	}
	hang := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cut := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "{")
	})
	gone := server(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	none := filepath.Join(t.TempDir(), "none")
	said, err := os.Create(filepath.Join(t.TempDir(), "stderr")) // what libraries write by themselves
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = said
	defer func() {
		os.Stderr = before
		if text, err := os.ReadFile(said.Name()); err != nil || len(text) > 0 {
			t.Errorf("%v\n%s", err, text)
		}
	}()
	forbidden := server(t, status(http.StatusForbidden, "Forbidden"))
	change := func(old, text string) map[string]string {
		return map[string]string{"KUBECONFIG": file(t, strings.Replace(kubeconfig, old, text, 1))}
	}
	tests := []struct {
		name string
		env  map[string]string // beside the kubeconfig for url
		url  string
		args []string // instead of check
		want string
	}{
		{"closed", nil, closed.URL, nil, "cannot reach the cluster: no connection to 127.0.0.1:"},
		{"unknown CA", nil, encrypted.URL, nil, "is signed by an unknown authority"},
		{"http for https", nil, strings.Replace(forbidden, "http:", "https:", 1), nil, "speaks plain http"},
		{"https for http", nil, strings.Replace(encrypted.URL, "https:", "http:", 1), nil, "error: "},
		{"time-out", nil, hang, []string{"check", "-f", "-", "--timeout", "200ms"}, "in time"},
		{"no such host", nil, "https://nowhere.invalid", nil, `"nowhere.invalid"`},
		{"page", nil, says("text/html", "<html>"), nil, "error: "},
		{"no JSON", nil, says("application/json", "{"), nil, "not one of a Kubernetes API server"},
		{"other JSON", nil, says("application/json", `{"kind":"Namespace","apiVersion":"v1","metadata":[1]}`), nil, "error: "},
		{"cut off", nil, cut, nil, "error: "},
		{"broken off", nil, gone, []string{"check", "-f", "-", "--timeout", "1s"}, "cannot reach the cluster: "},
		{"no kubeconfig", map[string]string{"KUBECONFIG": none}, "", nil, "no kubeconfig found"},
		{"folder", map[string]string{"KUBECONFIG": t.TempDir()}, "", nil, "cannot parse the kubeconfig"},
		{"malformed", map[string]string{"KUBECONFIG": file(t, "users: [s3cr3t: {")}, "", nil, "cannot parse the kubeconfig"},
		{"no context", change("current-context: first", "current-context: third"), "", nil, "third"},
		{"no token file", change("token: s3cr3t-mine", "tokenFile: "+none), "", nil, "cannot read " + none + ": no such file"},
		{"no client certificate", change("token: s3cr3t-mine", "client-certificate: "+none+", client-key: "+none), "", nil, "none"},
		{"CA that is none", change(`server: "https://one.example.com"`, `server: "https://one.example.com", certificate-authority-data: "eA=="`), "", nil, "cannot connect to a cluster"},
		{"no CA file", map[string]string{"HELM_KUBECAFILE": none}, forbidden, nil, "none"},
		{"no plugin", change("token: s3cr3t-mine", "exec: {apiVersion: client.authentication.k8s.io/v1, command: nothere-s, interactiveMode: Never}"), "", nil, "nothere-s"},
		{"no values", nil, forbidden, []string{"check", "-f", none}, "none: no such file"},
		{"no chart", nil, forbidden, []string{"check", "-f", "-", "--chart", none}, "none"},
		{"no --ca-file", nil, forbidden, []string{"check", "-f", "-", "--ca-file", none}, "none: no such file"},
		{"no password", nil, forbidden, []string{"token", "list", "--argo-cd-url", "https://a", "--password-file", none}, "cannot read " + none},
		{"token folder", nil, forbidden, []string{"token", "list", "--argo-cd-url", "https://a", "--auth-token-file", t.TempDir()}, "cannot read"},
		{"no Argo CD", nil, forbidden, []string{"token", "list", "--argo-cd-url", closed.URL, "--password-stdin"}, "no connection to"},
		{"Argo CD hangs", nil, forbidden, []string{"token", "list", "--argo-cd-url", hang, "--password-stdin", "--timeout", "200ms"}, "no whole answer"},
		{"bad address", nil, forbidden, []string{"token", "list", "--argo-cd-url", "https://a:b", "--password-stdin"}, "--argo-cd-url"},
		{"bad duration", nil, forbidden, []string{"check", "--timeout", "soon"}, "duration"},
		{"bad days", nil, forbidden, []string{"token", "create", "--expires-in", "soon"}, "duration"},
		{"no cluster for the Secret", nil, closed.URL, []string{"token", "create", "--account", "ci", "--argo-cd-url", "https://a", "--password-stdin"}, "no connection to 127.0.0.1:"},
		{"no cluster to rotate in", nil, closed.URL, []string{"token", "rotate", "--argo-cd-url", "https://a"}, "no connection to 127.0.0.1:"},
		{"no cluster to forward in", nil, closed.URL, []string{"token", "list", "--port-forward", "--password-stdin"}, "no connection to 127.0.0.1:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := map[string]string{"KUBECONFIG": file(t, strings.ReplaceAll(kubeconfig, "https://one.example.com", tt.url)), "HELM_NAMESPACE": "argocd"}
			for name, value := range tt.env {
				env[name] = value
			}
			args := tt.args
			if args == nil {
				args = []string{"check", "-f", "-", "--timeout", "5s"}
			}
			var stdout, stderr bytes.Buffer
			code := Main(args, Env{Stdin: strings.NewReader(goodValues), Stdout: &stdout, Stderr: &stderr, Getenv: given(env)})
			if found := foreign.FindString(stderr.String()); found != "" {
				t.Errorf("%q is Go's:\n%s", found, stderr.String())
			}
			if code == exit.OK || !strings.Contains(stderr.String(), tt.want) || strings.Contains(stderr.String(), "s3cr3t") {
				t.Errorf("exit code %d, want %q\n%s", code, tt.want, stderr.String())
			}
		})
	}
}
