//go:build cluster

package cluster

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

const adminPassword = "s3cr3t-password"

// bench is an Argo CD with an account "ci", and an API server that knows nothing but
// the Secrets and pods of one namespace.
type bench struct {
	store   *argocdtest.Memory
	argoCD  *argocdtest.Server
	api     *argocd.Client
	cluster string // its address

	mu      sync.Mutex
	secrets map[string]*corev1.Secret
	pods    []*corev1.Pod
	// refuse holds resources that RBAC does not allow to list, and names of Secrets that it does not allow to get.
	refuse []string
	lists  []string // the paths that were listed
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{store: argocdtest.NewMemory(), secrets: map[string]*corev1.Secret{}}
	b.store.SetAccount("ci", "apiKey, login")
	b.store.Settled.RBAC = map[string]string{"policy.csv": "g, ci, role:admin"}
	b.store.SetPassword("admin", adminPassword, time.Now().Add(-time.Hour))
	b.argoCD = argocdtest.NewServer(argocdtest.Options{Store: b.store})
	t.Cleanup(b.argoCD.Close)
	api, err := argocd.New(argocd.Options{URL: b.argoCD.URL})
	if err != nil {
		t.Fatal(err)
	}
	b.api, b.cluster = api, server(t, b.serve)
	return b
}

// serve is the API server.
func (b *bench) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if resource := path.Base(r.URL.Path); r.Method == http.MethodGet && slices.Contains([]string{"secrets", "pods", "deployments", "statefulsets", "daemonsets"}, resource) {
		b.list(w, r, resource)
		return
	}
	name, _ := strings.CutPrefix(r.URL.Path, "/api/v1/namespaces/argocd/secrets")
	name = strings.TrimPrefix(name, "/")
	s := &corev1.Secret{}
	if r.Method != http.MethodGet {
		body, err := io.ReadAll(r.Body)
		if err == nil { // it is JSON or Protobuf
			_, _, err = scheme.Codecs.UniversalDeserializer().Decode(body, nil, s)
		}
		if err != nil {
			status(http.StatusBadRequest, "BadRequest")(w, r)
			return
		}
		name = s.Name
	}
	old := b.secrets[name]
	switch {
	case r.Method == http.MethodGet && slices.Contains(b.refuse, name):
		status(http.StatusForbidden, "Forbidden")(w, r)
		return
	case r.Method == http.MethodGet && old == nil:
		status(http.StatusNotFound, "NotFound")(w, r)
		return
	case r.Method == http.MethodGet:
		s = old
	case r.Method == http.MethodPost && old != nil:
		status(http.StatusConflict, "AlreadyExists")(w, r)
		return
	case r.URL.Query().Get("dryRun") == "":
		b.secrets[name] = s
	}
	s.APIVersion, s.Kind = "v1", "Secret"
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s)
}

// list answers with all there are of a resource, in every namespace.
func (b *bench) list(w http.ResponseWriter, r *http.Request, resource string) {
	b.lists = append(b.lists, r.URL.Path)
	if slices.Contains(b.refuse, resource) {
		status(http.StatusForbidden, "Forbidden")(w, r)
		return
	}
	items := []any{}
	for name, s := range b.secrets {
		if resource == "secrets" {
			s.Namespace, s.Name = cmp.Or(s.Namespace, "argocd"), name
			items = append(items, s)
		}
	}
	for _, p := range b.pods {
		if resource == "pods" {
			items = append(items, p)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
}

// runs adds a pod of a Deployment that has a Secret in its environment, since a time.
func (b *bench) runs(deployment, secret string, since time.Time) {
	yes := true
	b.pods = append(b.pods, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "argocd", Name: deployment + "-7-x", Labels: map[string]string{"pod-template-hash": "7", "app.kubernetes.io/instance": "gitops"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: deployment + "-7", Controller: &yes}},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", EnvFrom: []corev1.EnvFromSource{{
			SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: secret}},
		}}}}},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
			Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}},
		}}},
	})
}

// outcome is how a command line ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// token runs a command line of token with the bench's Argo CD, the password on
// standard input unless others are given.
func (b *bench) token(t *testing.T, args ...string) outcome {
	t.Helper()
	text := strings.ReplaceAll(kubeconfig, "https://one.example.com", b.cluster)
	env := map[string]string{"KUBECONFIG": file(t, text), "HELM_NAMESPACE": "argocd"}
	return b.tokenIn(t, env, strings.NewReader(adminPassword+"\n"), args...)
}

func (b *bench) tokenIn(t *testing.T, env map[string]string, stdin io.Reader, args ...string) outcome {
	t.Helper()
	args = append([]string{"token"}, args...)
	args = append(args, "--argo-cd-url", b.argoCD.URL)
	if !strings.Contains(strings.Join(args, " "), "-file") {
		args = append(args, "--password-stdin")
	}
	var stdout, stderr bytes.Buffer
	code := Main(args, Env{Stdin: stdin, Stdout: &stdout, Stderr: &stderr, Getenv: given(env)})
	return outcome{code, stdout.String(), stderr.String()}
}

// quiet holds that no credential is printed.
func (o outcome) quiet(t *testing.T) outcome {
	t.Helper()
	if all := o.stdout + o.stderr; strings.Contains(all, "s3cr3t") || strings.Contains(all, "eyJ") {
		t.Error("a credential is printed")
	}
	return o
}

// ended holds how the command ended, and what it said on standard error.
func (o outcome) ended(t *testing.T, code int, stderr ...string) outcome {
	t.Helper()
	pasteable(t, o.stderr)
	if o.code != code {
		t.Errorf("exit code %d, not %d", o.code, code)
	}
	for _, text := range stderr {
		if !strings.Contains(o.stderr, text) {
			t.Errorf("standard error has no %q:\n%s", text, o.stderr)
		}
	}
	if code != exit.OK && (o.stdout != "" || strings.Count(o.stderr, "error: ") != 1) {
		t.Errorf("a failure is one message on standard error:\n%s%s", o.stdout, o.stderr)
	}
	return o
}

// accepts asks Argo CD about a token.
func (b *bench) accepts(t *testing.T, token string) bool {
	t.Helper()
	who, err := b.api.Userinfo(t.Context(), auth.NewSecret(token))
	if err != nil {
		t.Fatal(err)
	}
	return who.LoggedIn && who.Username == "ci"
}

// listed is what Argo CD keeps of the API keys of account ci.
func (b *bench) listed(t *testing.T) string {
	t.Helper()
	_, secret, err := b.store.Config(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(secret["accounts.ci.tokens"])
}

func (b *bench) held(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.secrets[name] == nil {
		return ""
	}
	return string(b.secrets[name].Data["token"])
}
