//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// cluster is a namespace of one's own in the API server.
type cluster struct {
	namespace  string
	kubeconfig string
	config     *rest.Config
	client     kubernetes.Interface
}

// newCluster makes a namespace. Nobody would empty it: no controller runs.
func newCluster(t testing.TB) *cluster {
	t.Helper()
	c := connect(t, os.Getenv(kubeconfigVariable))
	ns, err := c.client.CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "e2e-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c.namespace = ns.Name
	return c
}

func connect(t testing.TB, kubeconfig string) *cluster {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1 // the tests prepare in a hurry; the programs have their own limits
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{kubeconfig: kubeconfig, config: config, client: client}
}

// as returns the cluster as a service account sees it that has these rights in the
// namespace, and no others.
func (c *cluster) as(t testing.TB, rules ...rbacv1.PolicyRule) *cluster {
	t.Helper()
	account, err := c.client.CoreV1().ServiceAccounts(c.namespace).Create(t.Context(),
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{GenerateName: "reader-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	meta := metav1.ObjectMeta{Name: account.Name}
	if _, err := c.client.RbacV1().Roles(c.namespace).Create(t.Context(), &rbacv1.Role{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: meta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: account.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: account.Name, Namespace: c.namespace}},
	}
	if _, err := c.client.RbacV1().RoleBindings(c.namespace).Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	token, err := c.client.CoreV1().ServiceAccounts(c.namespace).CreateToken(t.Context(), account.Name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := writeKubeconfig(path, c.config.Host, c.config.CAFile, token.Status.Token); err != nil {
		t.Fatal(err)
	}
	other := connect(t, path)
	other.namespace = c.namespace
	return other
}

// secret writes a Secret, over one that is there.
func (c *cluster) secret(t testing.TB, name string, data map[string]string) *corev1.Secret {
	t.Helper()
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: c.namespace}, StringData: data}
	api := c.client.CoreV1().Secrets(c.namespace)
	_ = api.Delete(t.Context(), name, metav1.DeleteOptions{}) // it may not be there
	s, err := api.Create(t.Context(), s, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// result is what a program did.
type result struct {
	title          string // of the call, for messages
	stdout, stderr string
	code           int
}

// call is one call of a program.
type call struct {
	path  string
	args  []string
	env   []string
	stdin string
	// shows is set where the output may hold credentials, because it is their very
	// purpose.
	shows bool
}

// String is the call as a person would type it, without credentials.
func (c call) String() string {
	return strings.ReplaceAll(strings.Join(append([]string{filepath.Base(c.path)}, c.args...), " "), canary, "CANARY")
}

// run runs the program. However it ends, it must not print a credential.
func (c call) run(t testing.TB) result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.path, c.args...)
	cmd.WaitDelay = time.Second // a child of it that outlives it must not keep us waiting
	cmd.Env, cmd.Stdin, cmd.Dir = c.env, strings.NewReader(c.stdin), t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatalf("%s: %v", c, err)
	}
	r := result{title: c.String() + ": ", stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
	if !c.shows {
		for name, text := range map[string]string{"stdout": r.stdout, "stderr": r.stderr} {
			if holdsCredential(text) {
				t.Errorf("%s: a credential is on %s", c, name)
			}
		}
	}
	return r
}

// ok is run for a call that must succeed; it returns the standard output.
func (c call) ok(t testing.TB) string {
	t.Helper()
	r := c.run(t)
	if r.code != 0 {
		t.Fatalf("%s: exit code %d\n%s%s", c, r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

func (c *cluster) kubectl(args ...string) call {
	return call{path: os.Getenv(kubectlVariable), args: append([]string{"--namespace", c.namespace}, args...), env: []string{"KUBECONFIG=" + c.kubeconfig, "HOME=" + filepath.Dir(c.kubeconfig)}}
}

// runtimeAuth is the plugin's program, called as helm would call it.
func (c *cluster) runtimeAuth(args ...string) call {
	return call{path: program("runtime-auth"), args: args, env: []string{
		"KUBECONFIG=" + c.kubeconfig, "HELM_NAMESPACE=" + c.namespace, "HOME=" + filepath.Dir(c.kubeconfig), "NO_COLOR=1",
	}}
}

func program(name string) string {
	return filepath.Join(os.Getenv(pluginsVariable), "runtime-auth", "bin", name)
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func absolute(t testing.TB, elem ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}
