//go:build cluster

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/kube"
)

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- {name: one, cluster: {server: "https://one.example.com"}}
- {name: two, cluster: {server: "https://two.example.com"}}
users:
- {name: me, user: {token: s3cr3t-mine}}
contexts:
- {name: first, context: {cluster: one, user: me}}
- {name: second, context: {cluster: two, user: me, namespace: from-context}}
current-context: first
`

// given makes a getenv of pairs.
func given(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestConnect goes by the variables that Helm exports to plugins.
func TestConnect(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".kube"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".kube", "config"), []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(home, "ca.pem") // is read only when something is called
	if err := os.WriteFile(ca, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	type want struct {
		Host, Namespace, Token, User string
		Groups                       []string
		Insecure                     bool
		CAFile, ServerName           string
	}
	tests := map[string]struct {
		env  map[string]string
		want want
	}{
		"home":       {map[string]string{"HOME": home}, want{Host: "https://one.example.com", Namespace: "default", Token: "s3cr3t-mine"}},
		"kubeconfig": {map[string]string{"HOME": "/nowhere", "KUBECONFIG": file(t, kubeconfig)}, want{Host: "https://one.example.com", Namespace: "default", Token: "s3cr3t-mine"}},
		"several files": {map[string]string{"KUBECONFIG": filepath.Join(home, "missing") + string(os.PathListSeparator) + file(t, kubeconfig)},
			want{Host: "https://one.example.com", Namespace: "default", Token: "s3cr3t-mine"}},
		"context":   {map[string]string{"HOME": home, "HELM_KUBECONTEXT": "second"}, want{Host: "https://two.example.com", Namespace: "from-context", Token: "s3cr3t-mine"}},
		"namespace": {map[string]string{"HOME": home, "HELM_KUBECONTEXT": "second", "HELM_NAMESPACE": "argocd"}, want{Host: "https://two.example.com", Namespace: "argocd", Token: "s3cr3t-mine"}},
		"flags of helm": {map[string]string{"HOME": home, "HELM_KUBEAPISERVER": "https://three.example.com", "HELM_KUBETOKEN": "s3cr3t-other",
			"HELM_KUBEASUSER": "ci", "HELM_KUBEASGROUPS": "a,b", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY": "true"},
			want{Host: "https://three.example.com", Namespace: "default", Token: "s3cr3t-other", User: "ci", Groups: []string{"a", "b"}, Insecure: true}},
		"certificates": {map[string]string{"HOME": home, "HELM_KUBECAFILE": ca, "HELM_KUBETLS_SERVER_NAME": "inside.example.com", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY": "false"},
			want{Host: "https://one.example.com", Namespace: "default", Token: "s3cr3t-mine", CAFile: ca, ServerName: "inside.example.com"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, namespace, err := kube.Config(given(tt.env), 3*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			got := want{c.Host, namespace, c.BearerToken, c.Impersonate.UserName, c.Impersonate.Groups, c.Insecure, c.CAFile, c.ServerName}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if c.Timeout != 3*time.Second || c.QPS != 0 {
				t.Errorf("timeout %s, limit %v: neither is what was asked for", c.Timeout, c.QPS)
			}
		})
	}
}

// TestConnectErrors quotes nothing out of a kubeconfig.
func TestConnectErrors(t *testing.T) {
	tests := map[string]struct{ env, want string }{
		"no file":       {filepath.Join(t.TempDir(), "none"), "cannot connect to a cluster: no kubeconfig found"},
		"a folder":      {t.TempDir(), "kubeconfig"},
		"no YAML":       {file(t, "users: [s3cr3t: {"), "cannot parse the kubeconfig"},
		"another type":  {file(t, strings.Replace(kubeconfig, "users:\n- {name: me, user: {token: s3cr3t-mine}}", "users: s3cr3t", 1)), "cannot parse the kubeconfig"},
		"no context":    {file(t, strings.Replace(kubeconfig, "current-context: first", "current-context: third", 1)), `context was not found for specified context: third`},
		"no such token": {file(t, strings.Replace(kubeconfig, "token: s3cr3t-mine", "tokenFile: /no/such/file", 1)), "no/such/file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := connect(given(map[string]string{"KUBECONFIG": tt.env}), time.Second)
			if err == nil {
				t.Fatal("no error")
			}
			e := exit.As(err)
			if e.Code != exit.Failed || e.Hint == "" || !strings.Contains(err.Error(), tt.want) || strings.Contains(fmt.Sprintf("%+v", e), "s3cr3t") {
				t.Errorf("code %d, hint %q: %v", e.Code, e.Hint, err)
			}
		})
	}
}
