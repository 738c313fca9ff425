//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"testing"
)

// way is one way to have a release wired.
type way struct {
	name   string
	deploy func(h *helm, t testing.TB, verb, generation, file string) call
}

func ways() []way { return []way{{"post-renderer", (*helm).deploy}, {"wrapper", (*helm).wrapped}} }

// TestRelease takes every generation through its life: installed with a password,
// upgraded to a token, rolled back, removed.
func TestRelease(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		token, password := modes()[1], modes()[3]
		h.secret(t, token.secret, map[string]string{token.key: plaintextToken, password.key: canary})
		before := h.versions(t)
		for _, generation := range generations() {
			for _, way := range ways() {
				way.deploy(h, t, "install", generation, password.values(t, generation)).ok(t)
				h.checkWiring(t, generation, password)
				way.deploy(h, t, "upgrade", generation, token.values(t, generation)).ok(t)
				h.checkWiring(t, generation, token)
				h.helm("rollback", "runtime", "1", "--no-hooks").ok(t)
				h.checkWiring(t, generation, password)
				if holdsCredential(h.records(t)) {
					t.Errorf("%s, %s: a credential is in Helm's records, though the values only refer to one", generation, way.name)
				}
				if all := h.objects(t); !slices.Contains(all, "Service/cap-app-proxy") {
					t.Errorf("%s, %s: the search for objects found only %v", generation, way.name, all)
				}
				h.helm("uninstall", "runtime", "--no-hooks").ok(t)
				unchanged(t, before, h.versions(t))
				if h.records(t) != "" {
					t.Errorf("%s, %s: a record is left behind", generation, way.name)
				}
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
		verb := "install"
		for i, next := range walk {
			m := modes()[next]
			ways()[i%2].deploy(h, t, verb, generation, m.values(t, generation)).ok(t)
			h.checkWiring(t, generation, m)
			verb = "upgrade"
		}
		// By Helm's design a plaintext credential is in its records: the search works.
		if !holdsCredential(h.records(t)) {
			t.Error("the plaintext credential is not found in Helm's records, where it is")
		}
	})
}

// TestHooks does not switch the chart's hook off, which holds the values: the
// wrapper minds it as little as Helm 3's post-renderer, and Helm 4's needs nothing else.
func TestHooks(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		for _, generation := range generations() {
			m := modes()[1]
			args := []string{"runtime", h.chart, "--set", "generation=" + generation, "-f", m.values(t, generation)}
			if h.major == "3" {
				h.helm(append([]string{"runtime-auth", "install"}, args...)...).ok(t)
			} else {
				h.helm(append([]string{"install", "--post-renderer", "runtime-auth-post-renderer"}, args...)...).ok(t)
			}
			h.checkWiring(t, generation, m)
			for _, name := range h.objects(t) {
				if name == "ConfigMap/helm-values-config" || name == "ConfigMap/validate-values-config" {
					t.Errorf("%s: %s is no hook any more", generation, name)
				}
			}
			h.helm("uninstall", "runtime").ok(t)
		}
	})
}

// TestReuseValues holds that values which only Helm's record has are known: with and
// without a flag that asks for them.
func TestReuseValues(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		const generation = "g3"
		m := modes()[1]
		h.wrapped(t, "install", generation, m.values(t, generation)).ok(t)
		for _, flags := range [][]string{nil, {"--reuse-values"}, {"--reset-then-reuse-values"}} {
			h.helm(append([]string{"runtime-auth", "upgrade", "runtime", h.chart, "--no-hooks"}, flags...)...).ok(t)
			h.checkWiring(t, generation, m)
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
				h.dryRun(c.ok(t)).ok(t)
			}
		}
	})
}

// TestServerRefuses shows that a dry run looks at what it is given.
func TestServerRefuses(t *testing.T) {
	const stream = `apiVersion: apps/v1
kind: Deployment
metadata: {name: cap-app-proxy}
spec:
  selector: {matchLabels: {app: cap-app-proxy}}
  template:
    metadata: {labels: {app: cap-app-proxy}}
    spec:
      containers:
      - name: cap-app-proxy
        image: example/app-proxy
        env: [{name: ARGO_CD_TOKEN, value: x, valueFrom: {secretKeyRef: {name: a, key: b}}}]
`
	newCluster(t).dryRun(stream).run(t).refused(t, "may not be specified when `value` is not empty")
}

// dryRun asks the API server what it would say to these manifests.
func (c *cluster) dryRun(stream string) call {
	k := c.kubectl("apply", "--dry-run=server", "-f", "-")
	k.stdin = stream
	return k
}
