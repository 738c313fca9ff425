package fleet_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// canary is in every credential of the tests.
const canary = "s3cr3t"

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestExpand finds values files by their names and all other YAML for its releases.
func TestExpand(t *testing.T) {
	dir := t.TempDir()
	names := []string{"values.yaml", "a/prod.values.yml", "a/release.yaml", "b.yml", "c.json", "d.txt", ".git/values.yaml", "e/.hidden/x.yaml",
		"chart/Chart.yaml", "chart/templates/x.yaml", "chart/values.yaml", "templates/y.yaml"}
	files := map[string]string{}
	for _, name := range names {
		files[name] = ""
	}
	write(t, dir, files)
	found, hasFolder, failed := fleet.Expand([]string{dir, filepath.Join(dir, "b.yml"), filepath.Join(dir, "none"), "-"})
	if !hasFolder || len(failed) != 1 {
		t.Errorf("folder %v, errors %v", hasFolder, failed)
	}
	got := map[string]bool{}
	for _, f := range found {
		name, err := filepath.Rel(dir, f.Name)
		if err != nil {
			name = f.Name
		}
		got[filepath.ToSlash(name)] = f.OnlyReleases
	}
	want := map[string]bool{"-": false, "values.yaml": false, "a/prod.values.yml": false, "a/release.yaml": true, "b.yml": false,
		"chart/Chart.yaml": true, "chart/values.yaml": false, "templates/y.yaml": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("OnlyReleases by name (-want +got)\n%s", diff)
	}
	if !slices.IsSortedFunc(found, func(a, b fleet.File) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
}

// TestCheck tells manifests from values files, and from what is nobody's business.
func TestCheck(t *testing.T) {
	const release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: gitops-runtime}}\n"
	for _, test := range []struct {
		name, text   string
		onlyReleases bool
		values       bool
		releases     int
	}{
		{"values", "global: {}\n", false, true, 0},
		{"values in an odd file", "global: {external-arg-cd: {auth: {type: token}}}\n", true, false, 0},
		{"release", release, true, false, 1},
		{"release called values.yaml", release, false, false, 1},
		{"release of another chart", strings.Replace(release, "gitops-runtime", "podinfo", 1) + "# auth\n", false, false, 0},
		{"values that speak of a release", "kind: HelmRelease\nauth: {}\n", false, true, 0},
		{"broken", release + "  values: [\n", true, true, 0},
		{"template", release + "  values: [{{ x }}: [\n", true, false, 0},
		{"template that is named", release + "  values: [{{ x }}: [\n", false, true, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := fleet.Check(fleet.File{OnlyReleases: test.onlyReleases}, "x.yaml", []byte(test.text), &schema.Linter{}, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if (c.Values != nil) != test.values || len(c.Releases) != test.releases {
				t.Errorf("values %v, %d releases", c.Values != nil, len(c.Releases))
			}
		})
	}
}

// TestInventory says what Runtimes declare, and shows none of it.
func TestInventory(t *testing.T) {
	const application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source:\n    chart: gitops-runtime\n    targetRevision: 0.25.2\n    helm:\n"
	const set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: {template: {spec: {source: {chart: gitops-runtime, helm: {"
	const block = "{global: {external-argo-cd: {auth: {type: token, "
	for _, test := range []struct{ name, text, want string }{
		{"default", application + "      releaseName: x\n",
			`{"state":"undeclared","plaintext":false,"errors":0}`},
		{"reference", application + "      valuesObject: " + block + "tokenSecretKeyRef: {name: argocd-api, key: token}}}}}\n",
			`{"state":"declared","type":"token","secret":"argocd-api","key":"token","plaintext":false,"block":"global.external-argo-cd.auth","errors":0}`},
		{"plaintext", application + "      valuesObject: " + block + "token: s3cr3t}}}}\n",
			`{"state":"invalid","plaintext":false,"block":"global.external-argo-cd.auth","errors":1}`}, // it is no token
		{"default, and values that nobody sees", application + "      valueFiles: [a.yaml]\n",
			`{"state":"partly","plaintext":false,"unseen":["valueFiles"],"errors":0}`},
		{"reference over values that nobody sees", application + "      valueFiles: [a.yaml]\n      valuesObject: " + block + "tokenSecretKeyRef: {name: argocd-api, key: token}}}}}\n",
			`{"state":"declared","type":"token","secret":"argocd-api","key":"token","plaintext":false,"block":"global.external-argo-cd.auth","unseen":["valueFiles"],"errors":0}`},
		{"half of a block", application + "      valueFiles: [a.yaml]\n      valuesObject: " + block + "tokenSecretKeyRef: {name: argocd-api}}}}}\n",
			`{"state":"partly","plaintext":false,"block":"global.external-argo-cd.auth","unseen":["valueFiles"],"errors":0}`},
		{"expressions", set + "valuesObject: " + block + "tokenSecretKeyRef: {name: '{{name}}-api', key: token}}}}}}}}}}\n",
			`{"state":"declared","type":"token","secret":"…-api","key":"token","plaintext":false,"block":"global.external-argo-cd.auth","errors":0}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := fleet.Check(fleet.File{}, "x.yaml", []byte(test.text), &schema.Linter{}, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			v := fleet.NewInventory()
			v.Add("x.yaml", c)
			if len(v.Runtimes) != 1 {
				t.Fatalf("%d Runtimes", len(v.Runtimes))
			}
			r := v.Runtimes[0]
			if r.File != "x.yaml" || r.Line != 2 || r.Object == "" {
				t.Errorf("at %s:%d, %q", r.File, r.Line, r.Object)
			}
			r.File, r.Line, r.Object, r.ChartVersion = "", 0, "", ""
			got, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Replace(test.want, "{", `{"file":"",`, 1), string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if strings.Contains(string(got), canary) {
				t.Error("a credential is shown")
			}
		})
	}
}
