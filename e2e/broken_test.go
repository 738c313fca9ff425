//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// breakage is a release that must not come about.
type breakage struct {
	name   string
	values string
	// without is a template that the chart lacks.
	without string
	message string
}

func breakages() []breakage {
	block := func(auth string) string {
		return "global: {integrations: {argo-cd: {server: {auth: " + auth + "}}}}"
	}
	const ref = "tokenSecretKeyRef: {name: argo-cd-account, key: api-token}"
	return []breakage{
		{
			name:    "misspelt key",
			values:  "global: {external-arg-cd: {auth: {type: token, token: " + canary + "}}}",
			message: `unknown key "external-arg-cd"`,
		},
		{
			name:    "misspelt field",
			values:  block("{type: token, tokenSecretRef: {name: argo-cd-account, key: api-token}}"),
			message: `unknown key "tokenSecretRef"`,
		},
		{
			name:    "two credentials",
			values:  block("{type: token, token: " + canary + ", " + ref + "}"),
			message: "two-credentials",
		},
		{
			name:    "no credential",
			values:  block("{type: token}"),
			message: "no-credential",
		},
		{
			name:    "implied type",
			values:  block("{" + ref + "}"),
			message: "implied-type",
		},
		{
			name:    "missing service",
			values:  block("{type: token, " + ref + "}"),
			without: "argo-gateway.yaml",
			message: "expected services not found: argo-gateway",
		},
	}
}

// TestBrokenRelease holds that what is not fit to install leaves a release, or the
// want of one, as it was.
func TestBrokenRelease(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		const generation = "g3"
		good := modes()[1]
		for _, way := range ways() {
			for _, b := range breakages() {
				b.attempt(t, h, way, "install").refused(t, b.message)
				if left := h.objects(t); len(left) > 0 || h.records(t) != "" {
					t.Errorf("%s, %s: a refused installation left %v", way.name, b.name, left)
				}
			}
			way.deploy(h, t, "install", generation, good.values(t, generation)).ok(t)
			before, history := h.versions(t), h.history(t)
			for _, b := range breakages() {
				b.attempt(t, h, way, "upgrade").refused(t, b.message)
				unchanged(t, before, h.versions(t))
				if diff := cmp.Diff(history, h.history(t)); diff != "" {
					t.Errorf("%s, %s: a refused upgrade is in the history (-before +after):\n%s", way.name, b.name, diff)
				}
			}
			h.checkWiring(t, generation, good)
			h.helm("uninstall", "runtime", "--no-hooks").ok(t)
		}
	})
}

// attempt installs or upgrades what must be refused.
func (b breakage) attempt(t testing.TB, h *helm, w way, verb string) result {
	t.Helper()
	other := *h
	if b.without != "" {
		other.chart = chartWithout(t, b.without)
	}
	r := w.deploy(&other, t, verb, "g3", write(t, "broken.yaml", b.values)).run(t)
	r.title = fmt.Sprintf("%s, %s, %s: ", b.name, w.name, verb)
	return r
}

func (h *helm) history(t testing.TB) string {
	t.Helper()
	return h.helm("history", "runtime", "-o", "json").ok(t)
}

// refused holds that a program failed and said why.
func (r result) refused(t testing.TB, message string) {
	t.Helper()
	if r.code == 0 || !strings.Contains(r.stdout+r.stderr, message) {
		t.Errorf("%sexit code %d without %q\n%s", r.title, r.code, message, r.stderr)
	}
}

func unchanged(t testing.TB, before, after map[string]string) {
	t.Helper()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("objects have changed (-before +after):\n%s", diff)
	}
}
