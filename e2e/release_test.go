//go:build e2e

package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestRelease takes every generation through its life: installed with a password,
// upgraded to a token, rolled back, removed.
func TestRelease(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		all := modes()
		token, password := all[1], all[3]
		for _, generation := range generations() {
			h.deploy(t, "install", generation, password.values(t, generation)).ok(t)
			h.checkWiring(t, generation, password)
			h.deploy(t, "upgrade", generation, token.values(t, generation)).ok(t)
			h.checkWiring(t, generation, token)
			h.helm("rollback", "runtime", "1", "--no-hooks").ok(t)
			h.checkWiring(t, generation, password)
			if text := h.releases(t); holdsCredential(text) {
				t.Errorf("%s: a credential is in Helm's records, though the values only refer to one", generation)
			}
			h.helm("uninstall", "runtime", "--no-hooks").ok(t)
			if left := h.objects(t); len(left) > 0 {
				t.Errorf("%s: left behind: %v", generation, left)
			}
		}
	})
}

// TestTransitions upgrades from every mode to every other, by the post-renderer and
// by the wrapper in turns.
func TestTransitions(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		const generation = "g3"
		// A walk on which every ordered pair of the four modes stands side by side.
		walk := []int{0, 1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3, 0}
		for i, next := range walk {
			m := modes()[next]
			verb, deploy := "upgrade", h.deploy
			if i == 0 {
				verb = "install"
			}
			if i%2 == 1 {
				deploy = h.wrapped
			}
			deploy(t, verb, generation, m.values(t, generation)).ok(t)
			h.checkWiring(t, generation, m)
		}
		// By Helm's design a plaintext credential is in its records: the search works.
		if !holdsCredential(h.releases(t)) {
			t.Error("the plaintext credential is not found in Helm's records, where it is")
		}
	})
}

// TestBrokenBlock holds that a block which is not fit to install changes nothing.
func TestBrokenBlock(t *testing.T) {
	broken := map[string]string{
		`unknown key "external-arg-cd"`: "global: {external-arg-cd: {auth: {type: token, token: " + canary + "}}}",
		"two-credentials":               "global: {integrations: {argo-cd: {server: {auth: {type: token, token: " + canary + ", tokenSecretKeyRef: {name: a, key: b}}}}}}",
		"missing from the stream":       "global: {integrations: {argo-cd: {server: {auth: {type: token, tokenSecretKeyRef: {name: a, key: b}}}}}}\nbroken: argo-gateway",
	}
	eachHelm(t, func(t *testing.T, h *helm) {
		good := modes()[1]
		for _, message := range slices.Sorted(maps.Keys(broken)) {
			file := write(t, "broken.yaml", broken[message])
			for name, deploy := range map[string]func(testing.TB, string, string, string) call{"post-renderer": h.deploy, "wrapper": h.wrapped} {
				refuse := func(verb string) {
					c := deploy(t, verb, "g3", file)
					if strings.HasPrefix(message, "missing") {
						c.args[slices.Index(c.args, absolute(t, "../examples/chart"))] = chartWithout(t, "argo-gateway.yaml")
					}
					r := c.run(t)
					if r.code == 0 || !strings.Contains(r.stdout+r.stderr, message) {
						t.Errorf("%s %s: exit code %d without %q\n%s", name, verb, r.code, message, r.stderr)
					}
				}
				refuse("install")
				if left := h.objects(t); len(left) > 0 {
					t.Errorf("%s: a refused installation left %v", name, left)
				}
				// Helm 3 records a failed attempt of its own only behind the renderer.
				if text := h.releases(t); text != "" {
					t.Errorf("%s: a refused installation left a release", name)
				}
				h.deploy(t, "install", "g3", good.values(t, "g3")).ok(t)
				before, history := h.versions(t), h.helm("history", "runtime", "-o", "json").ok(t)
				refuse("upgrade")
				if diff := cmp.Diff(before, h.versions(t)); diff != "" {
					t.Errorf("%s: a refused upgrade changed objects (-before +after):\n%s", name, diff)
				}
				if diff := cmp.Diff(history, h.helm("history", "runtime", "-o", "json").ok(t)); diff != "" {
					t.Errorf("%s: a refused upgrade is in the history:\n%s", name, diff)
				}
				h.checkWiring(t, "g3", good)
				h.helm("uninstall", "runtime", "--no-hooks").ok(t)
			}
		}
	})
}

// TestServerAcceptsExamples gives every good example to the API server, as it comes
// out of the post-renderer.
func TestServerAcceptsExamples(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		files, err := filepath.Glob("../examples/values/*/*.yaml")
		if err != nil || len(files) < 10 {
			t.Fatalf("examples %v, %v", files, err)
		}
		for _, generation := range generations() {
			for _, file := range files {
				c := h.deploy(t, "template", generation, absolute(t, file))
				c.shows = true // plaintext credentials belong into the chart's Secret
				h.kubectlStdin(c.ok(t), "apply", "--dry-run=server", "-f", "-").ok(t)
			}
		}
	})
}

func (c *cluster) kubectlStdin(stdin string, args ...string) call {
	k := c.kubectl(args...)
	k.stdin = stdin
	return k
}

// releases returns Helm's records in the namespace, decoded.
func (h *helm) releases(t testing.TB) string {
	t.Helper()
	list, err := h.client.CoreV1().Secrets(h.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, s := range list.Items {
		packed, err := base64.StdEncoding.DecodeString(string(s.Data["release"]))
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// objects lists what is in the namespace but for Helm's records, as "kind/name".
func (h *helm) objects(t testing.TB) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(h.versions(t)))
}

// versions returns the version of every object in the namespace.
func (h *helm) versions(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	note := func(kind string, o metav1.Object) {
		if o.GetLabels()["owner"] != "helm" && o.GetName() != "kube-root-ca.crt" {
			all[kind+"/"+o.GetName()] = fmt.Sprintf("%s at %s", o.GetUID(), o.GetResourceVersion())
		}
	}
	ctx, opts := t.Context(), metav1.ListOptions{}
	core, apps := h.client.CoreV1(), h.client.AppsV1()
	deployments, err := apps.Deployments(h.namespace).List(ctx, opts)
	must(t, err)
	for i := range deployments.Items {
		note("Deployment", &deployments.Items[i])
	}
	sets, err := apps.StatefulSets(h.namespace).List(ctx, opts)
	must(t, err)
	for i := range sets.Items {
		note("StatefulSet", &sets.Items[i])
	}
	secrets, err := core.Secrets(h.namespace).List(ctx, opts)
	must(t, err)
	for i := range secrets.Items {
		note("Secret", &secrets.Items[i])
	}
	maps, err := core.ConfigMaps(h.namespace).List(ctx, opts)
	must(t, err)
	for i := range maps.Items {
		note("ConfigMap", &maps.Items[i])
	}
	accounts, err := core.ServiceAccounts(h.namespace).List(ctx, opts)
	must(t, err)
	for i := range accounts.Items {
		note("ServiceAccount", &accounts.Items[i])
	}
	return all
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
