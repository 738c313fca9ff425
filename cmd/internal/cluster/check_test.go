//go:build cluster

package cluster

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

const goodValues = "global: {external-argo-cd: {auth: {type: token, tokenSecretKeyRef: {name: ci, key: token}}}}\n"

// server is an API server that answers every call in one way.
func server(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL
}

// status answers with an error of the API machinery.
func status(code int, reason string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d,"message":"so it is"}`, reason, code)
	}
}

// run runs a command line against a server, with values on standard input.
func run(t *testing.T, url, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	text := strings.ReplaceAll(kubeconfig, "https://one.example.com", url)
	env := map[string]string{"KUBECONFIG": file(t, text), "HELM_NAMESPACE": "argocd"}
	var out, err bytes.Buffer
	code = Main(args, Env{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &err, Getenv: given(env)})
	if strings.Contains(out.String()+err.String(), "s3cr3t") {
		t.Error("a credential is printed")
	}
	pasteable(t, out.String()+err.String())
	return code, out.String(), err.String()
}

// TestClusterUnavailable ends with one clear error, in time.
func TestClusterUnavailable(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	encrypted := httptest.NewUnstartedServer(status(http.StatusOK, ""))
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake is what is wanted
	encrypted.StartTLS()
	defer encrypted.Close()
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	tests := map[string]struct{ url, seen, hint string }{
		"nobody listens": {closed.URL, "connection refused", "--kube-context"},
		"no answer":      {server(t, hang), "in time", "--timeout"},
		"not known":      {server(t, status(http.StatusUnauthorized, "Unauthorized")), "cannot get namespaces", "log in to the cluster again"},
		"broken":         {server(t, status(http.StatusInternalServerError, "InternalError")), "cannot get namespaces", "check the API server"},
		"not trusted":    {encrypted.URL, "certificate", "--kubeconfig"},
		"somebody else": {server(t, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<html>")
		}), "cannot get namespaces", "hint: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			start, timeout := time.Now(), "15s"
			if name == "no answer" {
				timeout = "300ms"
			}
			code, stdout, stderr := run(t, tt.url, goodValues, "check", "-f", "-", "--timeout", timeout, "--wait", "1m")
			if code != exit.Failed || stdout != "" || !strings.Contains(stderr, tt.seen) || !strings.Contains(stderr, tt.hint) || strings.Count(stderr, "error: ") != 1 {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
			if time.Since(start) > 20*time.Second {
				t.Errorf("it took %s", time.Since(start))
			}
		})
	}
}

// TestForbiddenIsNoFailure is what somebody sees who may read nothing.
func TestForbiddenIsNoFailure(t *testing.T) {
	url := server(t, status(http.StatusForbidden, "Forbidden"))
	code, stdout, stderr := run(t, url, goodValues, "check", "-f", "-")
	if code != exit.OK || stderr != "" || !strings.Contains(stdout, `skipped  secret            no permission to get secrets "ci" in namespace "argocd"`) {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	code, _, stderr = run(t, url, goodValues, "check", "-f", "-", "--strict")
	if code != exit.Findings || !strings.Contains(stderr, "nothing was judged") || strings.Count(stderr, "error: ") != 1 {
		t.Errorf("nothing was judged: exit code %d\n%s", code, stderr)
	}
	code, stdout, stderr = run(t, url, goodValues, "check", "-f", "-", "--require-live")
	if code != exit.Findings || stderr != "" || !strings.Contains(stdout, "failed   live-server       no address of Argo CD is known") {
		t.Errorf("Argo CD was not asked: exit code %d\n%s%s", code, stdout, stderr)
	}
	// Without the right to read Helm's records there is nothing to check.
	for _, args := range [][]string{{"check"}, {"check", "--all-namespaces"}} {
		code, stdout, stderr = run(t, url, "", args...)
		if code != exit.Failed || stdout != "" || !strings.Contains(stderr, "list secrets") {
			t.Errorf("%v: exit code %d\n%s%s", args, code, stdout, stderr)
		}
	}
}

// TestValuesAlone needs no answer of the cluster to end the waiting: values do not
// mend themselves.
func TestValuesAlone(t *testing.T) {
	url := server(t, status(http.StatusForbidden, "Forbidden"))
	code, stdout, stderr := run(t, url, "global: {external-arg-cd: {auth: {type: token, token: s3cr3t}}}", "check", "-f", "-", "--wait", "1h")
	if code != exit.Findings || !strings.Contains(stdout, `unknown key "external-arg-cd"`) || strings.Contains(stderr, "waiting") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = run(t, url, "global: {token: s3cr3t", "check", "-f", "-", "--format", "json")
	if code != exit.Findings || stdout != "" || !strings.Contains(stderr, "[yaml-syntax]") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestUsage(t *testing.T) {
	for line, want := range map[string]string{
		"":                                               "no command given",
		"check --format yaml":                            `unknown format "yaml"`,
		"check --all-namespaces --set a=b":               "--all-namespaces takes the values",
		"check --all-namespaces --wait 1s":               "does not wait",
		"check --release a --set a=b":                    "--release takes the values from Helm's records",
		"check --no-live --argo-cd-url https://x":        "--no-live contradicts",
		"check --no-live --port-forward":                 "--no-live contradicts",
		"check --all-namespaces --port-forward":          "neither does --port-forward",
		"check --argo-cd-url http://u:s3cr3t@h":          "must not contain a user name or password",
		"check --argo-cd-url argocd.example.com":         "must begin with https://",
		"check --timeout 0s":                             "--timeout must be greater than 0",
		"check --wait -1s":                               "--wait must not be negative",
		"check values.yaml":                              "takes no arguments",
		"check --chart-version x --set a=b":              "--chart-version",
		"check --password s3cr3t":                        "unknown flag: --password",
		"check --require-live --no-live":                 "--require-live is about calling Argo CD",
		"check --require-live --all-namespaces":          "--require-live is about calling Argo CD",
		"check --all-namespaces --argo-cd-url https://x": "address of one Argo CD",
	} {
		code, stdout, stderr := run(t, "http://127.0.0.1:1", "", strings.Fields(line)...)
		if code != exit.Usage || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d\n%s%s", line, code, stdout, stderr)
		}
	}
}

// TestCAFile refuses what is no certificate before anything is called.
func TestCAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte("s3cr3t"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{path: "no certificate in", path + ".none": "no such file"} {
		code, _, stderr := run(t, "http://127.0.0.1:1", goodValues, "check", "-f", "-", "--ca-file", name)
		if code != exit.Failed || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d\n%s", code, stderr)
		}
	}
}
