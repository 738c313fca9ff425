//go:build e2e

package e2e

import (
	"context"
	"encoding/pem"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// keyring is an Argo CD in a namespace, with whoever asks it for API keys as admin.
type keyring struct {
	*argoCD
	url string // of the stand-in: argoCD's own, or one with a Store of its own
}

// newKeyring has, beside account "runtime", one that may have no API keys and one
// that is disabled.
func (c *cluster) newKeyring(t testing.TB) *keyring {
	t.Helper()
	a := c.newArgoCD(t)
	patch := `{"data":{"accounts.nokeys":"login","accounts.off":"apiKey","accounts.off.enabled":"false"}}`
	_, err := c.client.CoreV1().ConfigMaps(c.namespace).Patch(t.Context(), "argocd-cm", types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	must(t, err)
	return &keyring{a, a.URL}
}

// token is a call of `token`, tokenOf as somebody else's access to the cluster has it.
func (k *keyring) token(args ...string) call { return k.tokenOf(k.c, args...) }

func (k *keyring) tokenOf(c *cluster, args ...string) call {
	return k.signedIn(c.runtimeAuth(append([]string{"token"}, args...)...))
}

func (k *keyring) signedIn(c call) call {
	c.args = append(c.args, "--argo-cd-url", k.url, "--password-stdin")
	c.stdin = runtimePassword + "\n"
	return c
}

// keys are the API keys of account runtime as argocd-secret lists them.
func (k *keyring) keys(t testing.TB) string {
	t.Helper()
	_, secret, err := k.Config(t.Context())
	must(t, err)
	return string(secret["accounts.runtime.tokens"])
}

// accepts asks Argo CD whether a token is one of account runtime.
func (k *keyring) accepts(t testing.TB, token string) bool {
	t.Helper()
	api, err := argocd.New(argocd.Options{URL: k.URL})
	must(t, err)
	who, err := api.Userinfo(t.Context(), auth.NewSecret(token))
	must(t, err)
	return who.LoggedIn && who.Username == "runtime"
}

// cannot runs a call that ends with exit code 3 and one message.
func (c call) cannot(t testing.TB, message string) {
	t.Helper()
	if r := c.run(t); r.code != 3 || !strings.Contains(r.stderr, message) || r.stdout != "" || strings.Count(r.stderr, "error: ") != 1 {
		t.Errorf("%s: exit code %d without %q\n%s%s", c, r.code, message, r.stdout, r.stderr)
	}
}

// apiKey returns what is in a Secret, "" where there is none.
func (c *cluster) apiKey(t testing.TB, name string) string {
	t.Helper()
	s, err := c.client.CoreV1().Secrets(c.namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		return ""
	}
	return string(s.Data["token"])
}

// state is the version of every Secret and ConfigMap in the namespace.
func (c *cluster) state(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	secrets, err := c.client.CoreV1().Secrets(c.namespace).List(t.Context(), metav1.ListOptions{})
	must(t, err)
	for _, s := range secrets.Items {
		all["Secret/"+s.Name] = s.ResourceVersion
	}
	configs, err := c.client.CoreV1().ConfigMaps(c.namespace).List(t.Context(), metav1.ListOptions{})
	must(t, err)
	for _, cm := range configs.Items {
		all["ConfigMap/"+cm.Name] = cm.ResourceVersion
	}
	return all
}

// TestToken makes an API key with both Helms, uses the values that it prints, renews
// it and revokes it.
func TestToken(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		a := h.newKeyring(t)
		token := func(args ...string) call {
			return a.signedIn(h.helm(append([]string{"runtime-auth", "token"}, args...)...))
		}
		block := token("create", "--account", "runtime", "--id", "first").ok(t)
		first := h.apiKey(t, "runtime-argo-cd-token")
		if !a.accepts(t, first) || !strings.Contains(a.keys(t), `"id":"first"`) {
			t.Fatalf("the Secret holds no API key of account runtime, which has %s", a.keys(t))
		}
		lint := h.helm("runtime-auth", "lint", "-")
		lint.stdin = block
		if out := lint.ok(t); out != "" {
			t.Errorf("the values that were printed:\n%s", out)
		}
		h.deploy(t, "install", "g3", write(t, "values.yaml", block)).ok(t)
		h.checkWiring(t, "g3", mode{name: "what token create prints", token: true, secret: "runtime-argo-cd-token", key: "token"})

		before := h.state(t)
		token("create", "--account", "runtime").cannot(t, `Secret "runtime-argo-cd-token" exists in namespace "`+h.namespace+`" already`)
		if diff := cmp.Diff(before, h.state(t)); diff != "" {
			t.Errorf("a refused command changed something (-before +after):\n%s", diff)
		}
		token("create", "--account", "runtime", "--id", "second", "--force").ok(t)
		second := h.apiKey(t, "runtime-argo-cd-token")
		if second == first || !a.accepts(t, second) || !a.accepts(t, first) {
			t.Error("after --force the Secret must hold a new API key, and the old one must go on working")
		}
		if out := token("list", "--account", "runtime").ok(t); !strings.Contains(out, "first ") || !strings.Contains(out, "second ") {
			t.Errorf("the list:\n%s", out)
		}
		token("revoke", "--account", "runtime", "--id", "first").ok(t)
		token("revoke", "--account", "runtime", "--id", "first").cannot(t, `no API key "first"`)
		if a.accepts(t, first) || !a.accepts(t, second) {
			t.Error("not the first API key was revoked")
		}
		token("revoke", "--secret-name", "runtime-argo-cd-token").ok(t)
		if a.accepts(t, second) {
			t.Error("the API key in the Secret was not revoked")
		}
	})
}

// TestTokenForce changes nothing but the one key of a Secret.
func TestTokenForce(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	api := c.client.CoreV1().Secrets(c.namespace)
	old := c.secret(t, "mine", map[string]string{"other": canary})
	old.Labels = map[string]string{"team": "a"}
	_, err := api.Update(t.Context(), old, metav1.UpdateOptions{})
	must(t, err)
	a.token("create", "--account", "runtime", "--secret-name", "mine", "--force").ok(t)
	s, err := api.Get(t.Context(), "mine", metav1.GetOptions{})
	must(t, err)
	if string(s.Data["other"]) != canary || s.Labels["team"] != "a" || len(s.Labels) != 1 || !a.accepts(t, string(s.Data["token"])) {
		t.Errorf("labels %v, annotations %v", s.Labels, s.Annotations)
	}
	yes := true
	s.Immutable = &yes
	_, err = api.Update(t.Context(), s, metav1.UpdateOptions{})
	must(t, err)
	before := a.keys(t)
	a.token("create", "--account", "runtime", "--secret-name", "mine", "--force").cannot(t, `Secret "mine" is immutable`)
	a.token("create", "--account", "runtime", "--secret-name", "argocd-secret", "--force").cannot(t, "Argo CD keeps its own settings")
	if after := a.keys(t); after != before {
		t.Errorf("API keys %s, before %s", after, before)
	}
}

func TestTokenDryRun(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	before := c.state(t)
	out := a.token("create", "--account", "runtime", "--dry-run").ok(t)
	if !strings.Contains(out, "kind: Secret") {
		t.Errorf("no manifest:\n%s", out)
	}
	a.token("create", "--account", "nokeys", "--dry-run").cannot(t, `lacks the capability "apiKey"`)
	a.token("create", "--account", "off", "--dry-run").cannot(t, `account "off" is disabled`)
	a.token("create", "--account", "nobody", "--dry-run").cannot(t, `account "nobody" does not exist`)
	if diff := cmp.Diff(before, c.state(t)); diff != "" {
		t.Errorf("a dry run changed something (-before +after):\n%s", diff)
	}
}

// TestTokenManifest prints the Secret without any cluster, and gives it to kubectl.
func TestTokenManifest(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	for format, verb := range map[string]string{"yaml": "create", "json": "apply"} {
		print := a.token("create", "--account", "runtime", "--secret-name", format+"-token", "-o", format)
		print.env = []string{"KUBECONFIG=" + os.DevNull, "HELM_NAMESPACE=" + c.namespace, "HOME=" + os.DevNull}
		print.shows = true // that is what it is for
		r := print.run(t)
		if r.code != 0 || holdsCredential(r.stderr) || !strings.Contains(r.stderr, "tokenSecretKeyRef:") {
			t.Fatalf("exit code %d\n%s", r.code, r.stderr)
		}
		apply := c.kubectl(verb, "-f", "-")
		apply.stdin = r.stdout
		apply.ok(t)
		if !a.accepts(t, c.apiKey(t, format+"-token")) {
			t.Errorf("%s: kubectl %s makes no Secret with the API key", format, verb)
		}
	}
}

// TestTokenRights holds what RBAC has to allow, and that what it forbids is noticed
// before a key is made.
func TestTokenRights(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	rule := func(verbs ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: verbs}
	}
	nobody, creator, reader := c.as(t), c.as(t, rule("create")), c.as(t, documentedRules(t, "token.md", "# token create\n")...)
	before := len(a.Requests())
	a.tokenOf(nobody, "create", "--account", "runtime").cannot(t, "cannot create resource")
	if after := len(a.Requests()); after != before || a.keys(t) != "" {
		t.Error("Argo CD was called though the Secret may not be written")
	}
	a.tokenOf(creator, "create", "--account", "runtime").ok(t)
	if !a.accepts(t, c.apiKey(t, "runtime-argo-cd-token")) {
		t.Error("the Secret holds no API key")
	}
	keys := a.keys(t)
	a.tokenOf(creator, "create", "--account", "runtime").cannot(t, "exists in namespace")
	a.tokenOf(reader, "create", "--account", "runtime", "--force").cannot(t, "cannot update resource")
	if after := a.keys(t); after != keys {
		t.Errorf("API keys %s, before %s", after, keys)
	}
	a.tokenOf(reader, "create", "--account", "runtime", "--secret-name", "other").ok(t)
	a.tokenOf(c.as(t, documentedRules(t, "token.md", "# token create --force")...), "create", "--account", "runtime", "--force").ok(t)
}

// meanwhile is a Store that does something the moment an API key is made.
type meanwhile struct {
	argocdtest.Store
	do func(context.Context)
}

func (m meanwhile) SaveSecret(ctx context.Context, key string, value []byte) error {
	if strings.Contains(string(value), `"id"`) {
		m.do(ctx)
	}
	return m.Store.SaveSecret(ctx, key, value)
}

// TestTokenRace has somebody else who writes the Secret between the look at it and
// the writing: nothing of theirs is lost, and no key is left behind.
func TestTokenRace(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		force   bool
		message string
	}{
		"it appears": {message: "already; the API key was revoked again"},
		"it changes": {force: true, message: "was changed by somebody else in the meantime; the API key was revoked again"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			api := c.client.CoreV1().Secrets(c.namespace)
			theirs := map[string]string{"token": canary + "-of-somebody-else"}
			a := c.newKeyring(t)
			server := argocdtest.NewServer(argocdtest.Options{Store: meanwhile{a.argoCD, func(ctx context.Context) {
				s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "mine"}, StringData: theirs}
				var err error
				if test.force {
					_, err = api.Update(ctx, s, metav1.UpdateOptions{})
				} else {
					_, err = api.Create(ctx, s, metav1.CreateOptions{})
				}
				if err != nil {
					t.Error(err)
				}
			}}})
			defer server.Close()
			a.url = server.URL
			args := []string{"create", "--account", "runtime", "--secret-name", "mine"}
			if test.force {
				c.secret(t, "mine", nil)
				args = append(args, "--force")
			}
			before := c.state(t)
			a.token(args...).cannot(t, test.message)
			if c.apiKey(t, "mine") != theirs["token"] || strings.Contains(a.keys(t), `"id"`) {
				t.Errorf("the Secret was written over, or a key left behind: %s", a.keys(t))
			}
			after := c.state(t)
			for _, own := range []string{"Secret/mine", "Secret/argocd-secret"} {
				delete(before, own)
				delete(after, own)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("more was changed (-before +after):\n%s", diff)
			}
		})
	}
}

// TestTokenSessions holds that every session ends, also where the command fails.
func TestTokenSessions(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	server := argocdtest.NewServer(argocdtest.Options{Store: a.argoCD, TLS: true})
	defer server.Close()
	a.url = server.URL
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	run := func(args ...string) call {
		k := a.token(args...)
		k.args = append(k.args, "--ca-file", write(t, "ca.pem", certificate))
		return k
	}
	run("create", "--account", "runtime").ok(t)
	run("list", "--account", "runtime").ok(t)
	run("create", "--account", "nokeys", "--secret-name", "x").cannot(t, "lacks the capability")
	run("revoke", "--account", "runtime", "--id", "x").cannot(t, `no API key "x"`)
	count := map[string]int{}
	for _, request := range server.Requests() {
		count[request]++
	}
	want := map[string]int{"POST /api/v1/session": 4, "GET /auth/logout": 4}
	got := map[string]int{}
	for request := range maps.Keys(want) {
		got[request] = count[request]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
	wrong := run("list", "--account", "runtime")
	wrong.stdin = canary + "-wrong"
	wrong.cannot(t, "Invalid username or password")
	untrusted := a.token("list", "--account", "runtime")
	untrusted.cannot(t, "unknown authority")
}

// TestTokenJSON holds the form of the list.
func TestTokenJSON(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	a.issue(t, "runtime", "theirs")
	var list struct {
		Account string
		Keys    []struct{ ID, IssuedAt string }
	}
	must(t, yaml.Unmarshal([]byte(a.token("list", "--account", "runtime", "--format", "json").ok(t)), &list))
	if list.Account != "runtime" || len(list.Keys) != 1 || list.Keys[0].ID != "theirs" || list.Keys[0].IssuedAt == "" {
		t.Errorf("%+v", list)
	}
}

// TestTokenHolders finds what holds a key with exactly the Role of docs/token.md, and
// refuses to revoke a key that a pod uses.
func TestTokenHolders(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	a.token("create", "--account", "runtime", "--id", "held").ok(t)
	c.pod(t, "cap-app-proxy-7-x", "runtime-argo-cd-token", time.Now().Add(time.Hour))
	rules := documentedRules(t, "token.md", "# token list, token revoke\n")
	whole := c.as(t, rules...)
	held := c.namespace + "/runtime-argo-cd-token   " + c.namespace + "   1\n"
	if r := a.tokenOf(whole, "list", "--account", "runtime").run(t); r.code != 0 || r.stderr != "" || !strings.Contains(r.stdout, held) {
		t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	least := a.tokenOf(c.as(t, rules[0]), "list", "--account", "runtime").run(t)
	if least.code != 0 || !strings.Contains(least.stderr, "no permission to list deployments") || !strings.Contains(least.stdout, held) {
		t.Errorf("exit code %d\n%s%s", least.code, least.stdout, least.stderr)
	}
	none := a.tokenOf(c.as(t), "list", "--account", "runtime").run(t)
	if none.code != 0 || !strings.Contains(none.stderr, "no permission to list secrets") || !strings.Contains(none.stdout, "held ") {
		t.Errorf("exit code %d\n%s%s", none.code, none.stdout, none.stderr)
	}
	a.tokenOf(whole, "revoke", "--account", "runtime", "--id", "held").cannot(t, "is in use, by 1 pod")
	if !a.accepts(t, c.apiKey(t, "runtime-argo-cd-token")) {
		t.Error("a key in use was revoked")
	}
	a.tokenOf(whole, "revoke", "--account", "runtime", "--id", "held", "--force").ok(t)

	a.token("create", "--account", "runtime", "--id", "other", "--secret-name", "other").ok(t)
	a.tokenOf(whole, "revoke", "--secret-name", "other").cannot(t, `cannot get resource "secrets"`)
	get := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"other"}, Verbs: []string{"get"}}
	a.tokenOf(c.as(t, append(rules, get)...), "revoke", "--secret-name", "other").ok(t)
}
