//go:build cluster

package fleet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/fleet"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// seen returns the releases, each as NAMESPACE/NAME VERSION and the credential that
// it declares or the error that came with it.
func seen(t *testing.T, c corev1client.CoreV1Interface, namespace, driver string) []string {
	t.Helper()
	var found []string
	var linter schema.Linter
	for r, err := range fleet.Releases(t.Context(), c, namespace, driver) {
		at := r.Namespace + "/" + r.Name
		if err != nil {
			found = append(found, strings.TrimPrefix(at+" "+err.Error(), "/ "))
			continue
		}
		result, err := linter.Lint(r.Values, r.Lint)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range result.Diagnostics {
			t.Errorf("%s: %s", at, d.Message)
		}
		var version auth.ChartVersion // zero where it is not known
		if r.Lint.ChartVersion != nil {
			version = *r.Lint.ChartVersion
		}
		found = append(found, fmt.Sprintf("%s %s %s", at, version, result.Settings.Auth.Credential().Name))
	}
	return found
}

// umbrella is a chart that depends on the Runtime's, as Helm has it once it has read
// the dependencies: with an alias in the place of the name, and what is switched off
// left out.
func umbrella(given string, deps ...*chart.Dependency) *chart.Chart {
	return &chart.Chart{
		Metadata: &chart.Metadata{Name: "platform", Version: "1.2.3", Dependencies: deps},
		Lock:     &chart.Lock{Dependencies: []*chart.Dependency{{Name: "gitops-runtime", Version: "0.29.1", Repository: "https://charts.example.com"}}},
		Values:   parse(given),
	}
}

func TestReleases(t *testing.T) {
	plain := &chart.Dependency{Name: "gitops-runtime", Version: ">=0.29", Repository: "https://charts.example.com", Enabled: true}
	aliased := &chart.Dependency{Name: "cf", Alias: "cf", Version: ">=0.29", Repository: "https://charts.example.com", Enabled: true}
	other := &chart.Dependency{Name: "argo-cd", Version: "8.0.0", Repository: "https://charts.example.com"}
	under := func(name string) map[string]any { return map[string]any{name: byRef("under")} }
	noLock := umbrella("{}", plain)
	noLock.Lock = nil
	bundled := umbrella("{argo-cd: {enabled: true}}", other, plain)
	for _, test := range []struct {
		name   string
		chart  *chart.Chart
		values map[string]any
		want   []string
	}{
		{"the chart", runtimeChart("0.29.0"), byRef("own"), []string{"a/gitops 0.29.0 own"}},
		{"nothing given", runtimeChart("0.29.0"), nil, []string{"a/gitops 0.29.0 argocd-initial-admin-secret"}},
		{"a version that is none", runtimeChart("main"), byRef("own"), []string{"a/gitops 0.0.0 own"}},
		{"another chart", &chart.Chart{Metadata: &chart.Metadata{Name: "nginx", Version: "1.0.0"}}, byRef("own"), nil},
		{"another umbrella chart", umbrella("{}", other), byRef("own"), nil},
		{"an umbrella chart, shared values", umbrella("{}", plain), byRef("shared"), []string{"a/gitops 0.29.1 shared"}},
		{"an umbrella chart, values below the name", umbrella("{}", plain), under("gitops-runtime"), []string{"a/gitops 0.29.1 under"}},
		{"an umbrella chart, values below the alias", umbrella("{}", other, aliased), under("cf"), []string{"a/gitops 0.29.1 under"}},
		{"an umbrella chart with the block in its own values", umbrella(`{global: {integrations: {argo-cd: {server: {auth: {type: token, tokenSecretKeyRef: {name: chart, key: token}}}}}}}`, plain), nil,
			[]string{"a/gitops 0.29.1 chart"}},
		{"an umbrella chart that brings Argo CD beside the Runtime", bundled, byRef("shared"), []string{"a/gitops 0.29.1 shared"}},
		{"an umbrella chart without a lock", noLock, byRef("shared"), []string{"a/gitops 0.0.0 shared"}},
		{"characters that YAML has not", runtimeChart("0.29.0"), map[string]any{"note": "a\x7f\u0085\ufeff\"b", "global": byRef("own")["global"]}, []string{"a/gitops 0.29.0 own"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := newServer(t)
			s.record(t, "a", "gitops", 1, test.chart, test.values)
			if diff := cmp.Diff(test.want, seen(t, c, "", "")); diff != "" {
				t.Errorf("unexpected releases:\n%s", diff)
			}
		})
	}
}

// TestWhichReleases holds that of every release the one that is deployed counts, in
// the namespaces that were asked for.
func TestWhichReleases(t *testing.T) {
	s, c := newServer(t)
	for revision := 8; revision <= 12; revision++ { // v10 comes before v8
		s.record(t, "a", "twice", revision, runtimeChart("0.29.0"), byRef(fmt.Sprintf("revision-%d", revision)))
	}
	s.record(t, "a", "old", 1, runtimeChart("0.29.0"), byRef("old")).Labels["status"] = "superseded"
	s.record(t, "b", "gitops", 1, runtimeChart("0.29.0"), byRef("b"))
	m := s.record(t, "c", "in-a-configmap", 1, runtimeChart("0.29.0"), byRef("c"))
	s.remove("secrets", "c/"+m.Name)
	s.put(&corev1.ConfigMap{ObjectMeta: m.ObjectMeta, Data: map[string]string{"release": string(m.Data["release"])}})
	for _, test := range []struct {
		namespace, driver string
		want              []string
	}{
		{"", "", []string{"a/twice 0.29.0 revision-12", "b/gitops 0.29.0 b"}},
		{"b", "secrets", []string{"b/gitops 0.29.0 b"}},
		{"nowhere", "secret", nil},
		{"", "configmap", []string{"c/in-a-configmap 0.29.0 c"}},
		{"", "sql", []string{`releases of Helm's storage driver "sql" cannot be read, only those of secret and configmap`}},
	} {
		if diff := cmp.Diff(test.want, seen(t, c, test.namespace, test.driver)); diff != "" {
			t.Errorf("namespace %q, driver %q: unexpected releases:\n%s", test.namespace, test.driver, diff)
		}
	}
}

// TestUnreadable holds that a record that cannot be read neither ends the run nor
// shows anything of what is in it.
func TestUnreadable(t *testing.T) {
	chartOf := `{"chart":{"metadata":{"name":"gitops-runtime","version":"0.29.0"}},"config":`
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":          {nil, "it is not the JSON of a release"},
		"no base64":        {[]byte("s3cr3t{!"), "it is not the JSON of a release"},
		"cut off":          {pack(t, []byte(chartOf+`{"token":"s3cr3t"}}`))[:80], "it is not the JSON of a release"},
		"no compression":   {[]byte("H4sIczNjcjN0"), "it is not compressed as Helm does it"},
		"no JSON":          {pack(t, []byte("s3cr3t")), "it is not the JSON of a release"},
		"no object":        {pack(t, []byte(`["s3cr3t"]`)), "it is not the JSON of a release"},
		"no chart":         {pack(t, []byte(`{"chart":"s3cr3t"}`)), "it is not the JSON of a release"},
		"a key of 2 KiB":   {pack(t, []byte(chartOf+`{"s3cr3t`+strings.Repeat("x", 2048)+`":1}}`)), "its values cannot be read"},
		"values of no map": {pack(t, []byte(chartOf+`"s3cr3t"}`)), ""},
		"a bomb":           {pack(t, []byte(`{"x":"`+strings.Repeat("s3cr3t", 12<<20)+`"}`)), "it has more than 64 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := newServer(t)
			s.runtimes(t, 1, func(int) string { return "ci-token" })
			s.put(&corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "x", Labels: map[string]string{"owner": "helm", "status": "deployed", "name": "gitops", "version": "1"}},
				Data:       map[string][]byte{"release": test.data},
			})
			for r, err := range fleet.Releases(t.Context(), c, "", "") {
				var unreadable *fleet.UnreadableError
				if err != nil && (!errors.As(err, &unreadable) || r.Namespace != "a" || r.Name != "gitops" || strings.Contains(err.Error(), "s3cr3t")) {
					t.Errorf("%s/%s: error %v", r.Namespace, r.Name, err)
				}
			}
			reports := checkAll(t, c)
			bad := reports["a/gitops"]
			if len(reports) != 2 || len(bad.Results) == 0 {
				t.Fatalf("reports %v, want one for each release", reports)
			}
			if got := bad.Results[0]; test.want != "" && (got.ID != preflight.CheckValues || got.Status != preflight.Skipped || !strings.Contains(got.Seen, test.want)) {
				t.Errorf("%+v, want that it says %q", got, test.want)
			}
			if text := fmt.Sprint(reports); strings.Contains(text, "s3cr3t") {
				t.Errorf("a report quotes the record: %s", text)
			}
		})
	}
}

// TestUntrusted holds that a credential in recorded values shows nowhere.
func TestUntrusted(t *testing.T) {
	s, c := newServer(t)
	s.argoCD("a", "ci-token")
	for i, block := range []string{
		`{type: token, token: s3cr3t-token}`,
		`{type: s3cr3t-token, token: s3cr3t-token}`,
		`{type: password, password: s3cr3t-password, tokenSecretKeyRef: {name: s3cr3t-password}}`,
		`{type: token, tokn: s3cr3t-token}`,
	} {
		s.record(t, "a", fmt.Sprintf("r%d", i), 1, runtimeChart("0.29.0"), parse("{global: {integrations: {argo-cd: {server: {auth: "+block+"}}}}}"))
	}
	reports := checkAll(t, c)
	if text := fmt.Sprint(reports); len(reports) != 4 || strings.Contains(text, "s3cr3t") {
		t.Errorf("%d reports, one of which may quote a credential: %s", len(reports), text)
	}
}

// TestPages holds pages to a size in bytes, not in objects: releases can be large.
func TestPages(t *testing.T) {
	s, c := newServer(t)
	large := runtimeChart("0.29.0")
	noise := make([]byte, 900<<10)
	for i, x := 0, uint32(1); i < len(noise); i++ { // nothing that could be compressed
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		noise[i] = byte(x)
	}
	large.Files = []*chart.File{{Name: "x", Data: noise}}
	const n = 60
	record := s.record(t, "team-0", "gitops", 1, large, byRef("ci-token"))
	for i := 1; i < n; i++ {
		c := record.DeepCopy()
		c.Namespace = fmt.Sprintf("team-%d", i)
		s.put(c)
	}
	found := 0
	for _, err := range fleet.Releases(t.Context(), c, "", "") {
		if err != nil {
			t.Fatal(err)
		}
		found++
	}
	if found != n {
		t.Errorf("%d releases, want %d", found, n)
	}
	for i, size := range s.sizes[1:] {
		if size > 8 {
			t.Errorf("page %d has %d releases of more than 1 MB, want 8 at most", i+2, size)
		}
	}
}
