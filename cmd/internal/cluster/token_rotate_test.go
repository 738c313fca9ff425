//go:build cluster

package cluster

import (
	"bytes"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// rotating is a bench with an API key in a Secret that nothing reads.
func rotating(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.store.Secret["accounts.ci.tokens"] = []byte(`[{"id":"first","iat":1700000000},{"id":"theirs","iat":1700000000}]`)
	b.secrets["mine"] = &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "argocd", Name: "mine"},
		Data:       map[string][]byte{"token": []byte(b.argoCD.Token("ci:apiKey", "first", nil))},
	}
	return b
}

// rotate runs the command line without anything on standard input.
func (b *bench) rotate(t *testing.T, args ...string) outcome {
	t.Helper()
	text := strings.ReplaceAll(kubeconfig, "https://one.example.com", b.cluster)
	args = append([]string{"token", "rotate", "--argo-cd-url", b.argoCD.URL, "--secret-name", "mine", "--grace", "0s"}, args...)
	var stdout, stderr bytes.Buffer
	env := map[string]string{"KUBECONFIG": file(t, text), "HELM_NAMESPACE": "argocd"}
	code := Main(args, Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: given(env)})
	return outcome{code, stdout.String(), stderr.String()}.quiet(t)
}

// TestTokenRotate signs in with the key in the Secret, or as flags say.
func TestTokenRotate(t *testing.T) {
	for name, flags := range map[string][]string{"by itself": nil, "as admin": {"--password-file", ""}} {
		t.Run(name, func(t *testing.T) {
			b := rotating(t)
			if flags != nil {
				flags[1] = file(t, adminPassword)
			}
			b.rotate(t, flags...).ended(t, exit.OK, `nothing in namespace "argocd" reads key "token"`, `API key "first" was revoked`, `API key "theirs" of account "ci" is not affected`)
			if strings.Contains(b.listed(t), `"first"`) || !b.accepts(t, b.held("mine")) || len(b.secrets["mine"].Data) != 1 {
				t.Errorf("API keys %s", b.listed(t))
			}
			if sessions := strings.Contains(strings.Join(b.argoCD.Requests(), "\n"), "POST /api/v1/session"); sessions != (flags != nil) {
				t.Errorf("a session was opened: %v", sessions)
			}
		})
	}
}

// TestTokenRotateAgain prints the command that goes on.
func TestTokenRotateAgain(t *testing.T) {
	b := rotating(t)
	b.refuse = []string{"deployments"}
	b.secrets["mine"].Annotations = map[string]string{"runtime-auth/rotate-step": "restart", "runtime-auth/rotate-secret-key": "token", "runtime-auth/rotate-old-key-id": "old", "runtime-auth/rotate-new-key-id": "first"}
	b.rotate(t, "--expires-in", "1h").ended(t, exit.Failed, `no permission to list deployments in namespace "argocd"; API keys "old" and "first" both work`,
		"then continue with: helm runtime-auth token rotate -n argocd --argo-cd-url "+b.argoCD.URL+" --expires-in 1h0m0s --grace 0s --secret-name mine, or put the old key back with --undo")
}

// TestTokenRotateUsage refuses command lines without calling anybody.
func TestTokenRotateUsage(t *testing.T) {
	b := rotating(t)
	for want, flags := range map[string][]string{
		"--expires-in 1ms: it must be a second at least": {"--expires-in", "1ms"},
		"--grace must not be negative":                   {"--grace", "-1s"},
		"--wait-timeout must be greater than 0":          {"--wait-timeout", "0s"},
		`no password for "admin"`:                        {"--username", "admin"},
		"either --undo or --dry-run":                     {"--undo", "--dry-run"},
	} {
		b.rotate(t, flags...).ended(t, exit.Usage, want)
	}
	if len(b.argoCD.Requests()) > 0 {
		t.Error("Argo CD was called")
	}
}
