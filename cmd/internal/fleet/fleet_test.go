package fleet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
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

// TestExpand finds all files that may hold values, whatever they are called.
func TestExpand(t *testing.T) {
	dir := t.TempDir()
	names := []string{"values.yaml", "a/prod.yml", "a/release.yaml", "b.yml", "c.json", "d.txt", "e.yaml.gotmpl", "f.gotmpl", "main.tf", ".git/values.yaml", "e/.hidden/x.yaml",
		"chart/Chart.yaml", "chart/templates/x.yaml", "chart/values.yaml", "templates/y.yaml"}
	files := map[string]string{}
	for _, name := range names {
		files[name] = ""
	}
	write(t, dir, files)
	named, sub := filepath.Join(dir, "b.yml"), filepath.Join(dir, "a")
	for _, onlyRuntimes := range []bool{false, true} {
		found, folders, failed := fleet.Expand([]string{dir, named, named, sub, filepath.Join(dir, "none"), "-"}, onlyRuntimes)
		if !slices.Equal(folders, []string{dir, sub}) || len(failed) != 1 || !errors.Is(failed[0], fs.ErrNotExist) || strings.HasPrefix(failed[0].Error(), "stat") {
			t.Errorf("folders %v, errors %v", folders, failed)
		}
		got := map[string]string{}
		for _, f := range found {
			name, err := filepath.Rel(dir, f.Name)
			if err != nil {
				name = f.Name
			}
			got[filepath.ToSlash(name)] = fmt.Sprintf("%v %d", f.Found, len(f.Folders))
		}
		want := map[string]string{"-": "false 0", "values.yaml": "true 1", "a/prod.yml": "true 2", "a/release.yaml": "true 2", "b.yml": fmt.Sprintf("%v 1", onlyRuntimes),
			"c.json": "true 1", "e.yaml.gotmpl": "true 1", "main.tf": "true 1", "chart/Chart.yaml": "true 1", "chart/values.yaml": "true 1", "templates/y.yaml": "true 1"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("found, and in how many folders (-want +got)\n%s", diff)
		}
		if !slices.IsSortedFunc(found, func(a, b fleet.File) int { return strings.Compare(a.Name, b.Name) }) {
			t.Error("not sorted")
		}
	}
}

// TestExpandLinks follows links to files and ends where links go round.
func TestExpandLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/values.yaml": ""})
	for name, to := range map[string]string{"a/round": "..", "a/self": "self", "linked.yaml": "a/values.yaml", "b": "a"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	for _, arg := range []string{dir, filepath.Join(dir, "b")} {
		found, _, failed := fleet.Expand([]string{arg}, false)
		var names []string
		for _, f := range found {
			names = append(names, filepath.Base(f.Name))
		}
		if want := []string{"values.yaml"}; len(failed) > 0 || !slices.Equal(names, want) {
			t.Errorf("%s: %v, %v", arg, names, failed)
		}
		if arg == dir && !slices.Equal(found[0].Others, []string{filepath.Join(dir, "linked.yaml")}) {
			t.Errorf("other names: %v", found[0].Others)
		}
	}
}

// TestExpandOnce keeps files apart that merely look alike, and the name that is no link.
func TestExpandOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.yaml": "x", "b.yaml": "x", "c.yaml": "y"})
	at := func(name string) string { return filepath.Join(dir, name) }
	when := time.Unix(1_700_000_000, 0)
	for _, name := range []string{"a.yaml", "b.yaml"} {
		if err := os.Chtimes(at(name), when, when); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("b.yaml", at("0.yaml")); err != nil {
		t.Skip("no links here:", err)
	}
	found, _, failed := fleet.Expand([]string{at("0.yaml"), dir, dir + "/./a.yaml"}, false)
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%s %v %d %d", filepath.Base(f.Name), f.Found, len(f.Folders), len(f.Others)))
	}
	want := []string{"a.yaml false 1 0", "b.yaml false 1 1", "c.yaml true 1 0"}
	if diff := cmp.Diff(want, got); diff != "" || len(failed) > 0 {
		t.Errorf("%v (-want +got)\n%s", failed, diff)
	}
}

// TestLinkBesideChart looks at the chart beside each name of a file.
func TestLinkBesideChart(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"shared/values.yaml": "rt: {global: {external-argo-cd: {auth: {type: token, tokenSecretKeyRef: {name: a, key: b}}}}}\n",
		"chart/Chart.yaml":   "name: x\ndependencies:\n- {name: gitops-runtime, alias: other}\n",
	})
	if err := os.Symlink("../shared/values.yaml", filepath.Join(dir, "chart", "values.yaml")); err != nil {
		t.Skip("no links here:", err)
	}
	linter := &schema.Linter{}
	for arg, want := range map[string]string{"shared": "", "": "misplaced-block"} {
		found, _, _ := fleet.Expand([]string{filepath.Join(dir, arg)}, false)
		var rules string
		for _, f := range found {
			c, err := fleet.Check(f, input.File, linter.LintFile, linter, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range c.Releases {
				for _, d := range r.Diagnostics {
					rules += d.Rule
				}
			}
		}
		if rules != want {
			t.Errorf("%q: %q, want %q", arg, rules, want)
		}
	}
}

func reader(data []byte, err error) func(string) ([]byte, error) {
	return func(string) ([]byte, error) { return data, err }
}

func isValuesFile(c fleet.Checked) bool { return len(c.Releases) == 1 && c.Releases[0].IsValuesFile() }

func check(t *testing.T, f fleet.File, name, text string) fleet.Checked {
	t.Helper()
	f.Name = name
	linter := &schema.Linter{}
	c, err := fleet.Check(f, reader([]byte(text), nil), linter.LintFile, linter, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCheck tells manifests from values files, and from what is nobody's business.
func TestCheck(t *testing.T) {
	const release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: gitops-runtime}}\n"
	const block = "global:\n  external-argo-cd:\n    auth: {type: token, tokenSecretKeyRef: {name: a, key: b}}\n"
	for _, test := range []struct {
		name, text string
		found      bool
		values     bool
		releases   int
	}{
		{"values", "global: {}\n", false, true, 0},
		{"values that are found, without a block", "global: {}\n", true, false, 0},
		{"block", block, true, true, 0},
		{"block of the new place", "global: {integrations: {argo-cd: {server: {auth: {type: token}}}}}\n", true, true, 0},
		{"slip", "global: {external-arg-cd: {auth: {type: token}}}\n", true, true, 0},
		{"slips", "globl:\n  externalArgoCd:\n    auth:\n      type: token\n", true, true, 0},
		{"misplaced", "auth: {type: token, tokenSecretKeyRef: {name: a, key: b}}\n", true, true, 0},
		{"another chart's auth", "auth: {type: password, passwordSecretKeyRef: {name: a, key: b}}\n", true, false, 0},
		{"in a later document", "a: b\n---\n" + block, true, true, 0},
		{"values that do not parse", block + "x: [\n", true, true, 0},
		{"JSON", `{"global": {"external-argo-cd": {"auth": {"type": "tokn"}}}}`, true, true, 0},
		{"something else that does not parse", "auth: [\n", true, false, 0},
		{"something else that does not parse, named", "auth: [\n", false, true, 0},
		{"templated values", "{{ if x }}\n" + block + "{{ end }}\n", true, true, 0},
		{"no text", "auth:\x00\x01", true, false, 0},
		{"release", release, true, false, 1},
		{"release, named", release, false, false, 1},
		{"release of another chart", strings.Replace(release, "gitops-runtime", "podinfo", 1) + "# auth\n", false, false, 0},
		{"values that speak of a release", "kind: HelmRelease\nauth: {}\n", false, true, 0},
		{"broken release", release + "  values: [\n", true, true, 0},
		{"broken release of another chart", strings.Replace(release, "gitops-runtime", "podinfo", 1) + "  values: {auth: [\n", true, false, 0},
		{"templated release", release + "  values: [{{ x }}: [\n", true, false, 0},
		{"templated release, named", release + "  values: [{{ x }}: [\n", false, true, 0},
		{"values with a key of a helmfile", block + "releases: [{name: a, chart: b}]\n", false, true, 0},
		{"helmfile", "releases: [{name: a, chart: x/gitops-runtime}]\n", true, false, 1},
		{"helmfile of other charts", "releases: [{name: a, chart: x/podinfo, values: [{auth: {enabled: true}}]}]\n", true, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := check(t, fleet.File{Found: test.found}, "x.yaml", test.text)
			releases := len(c.Releases)
			if isValuesFile(c) {
				releases--
			}
			if isValuesFile(c) != test.values || releases != test.releases {
				t.Errorf("values %v, %d releases, not read: %q", isValuesFile(c), releases, c.NotRead)
			}
		})
	}
}

// TestNotRead names what holds a Runtime's values in a form that is not read, and nothing
// else.
func TestNotRead(t *testing.T) {
	const block = "global:\n  external-argo-cd:\n    auth:\n      type: token\n      token: " + canary + "\n"
	object := func(kind, data string) string {
		return "apiVersion: v1\nkind: " + kind + "\nmetadata: {name: x}\ndata:\n  v: |\n" + strings.ReplaceAll("    "+strings.ReplaceAll(block, "\n", "\n    "), "    \n", "\n") + data
	}
	for _, test := range []struct{ name, file, text, want string }{
		{"helmfile template", "helmfile.yaml", "releases:\n- chart: x/gitops-runtime\n  values:\n{{ range x }}\n  - {{ . }}\n{{ end }}\n", "a template"},
		{"values template", "values.yaml.gotmpl", block + "x: {{ y }}\n", "a Go template"},
		{"template of something else", "x.yaml.gotmpl", "auth: {{ y }}\n", ""},
		{"ConfigMap", "cm.yaml", object("ConfigMap", ""), "values inside of a ConfigMap"},
		{"Secret among other objects", "all.yaml", "apiVersion: v1\nkind: Service\nauth: x\n---\n" + object("Secret", ""), "values inside of a Secret"},
		{"what the chart makes of the values", "cm.yaml", strings.Replace(object("ConfigMap", ""), "{name: x}", "{name: helm-values-config}", 1), ""},
		{"definition", "crd.yaml", object("CustomResourceDefinition", ""), ""},
		{"Terraform", "main.tf", "resource \"helm_release\" \"runtime\" {\n  chart = \"gitops-runtime\"\n}\n", "values in Terraform"},
		{"Terraform of another chart", "main.tf", "resource \"helm_release\" \"x\" {\n  chart = \"podinfo\"\n}\n", ""},
		{"Terraform without charts", "main.tf", "# gitops-runtime\n", ""},
		{"some other tool's file", "tool.yaml", "steps:\n- run: |\n    cat >v.yaml <<E\n    global:\n      external-argo-cd:\n        auth: {type: token}\n    E\n", "an auth block where lint does not look"},
		{"external Argo CD without credentials", "v.yaml", "global:\n  external-argo-cd:\n    server: {svc: x}\nauth:\n  x: y\n", ""},
		{"JSON schema", "s.json", `{"$schema": "x", "properties": {"external-argo-cd": {"properties": {"auth": {"type": "object"}}}}}`, ""},
		{"prose", "x.yaml", "text: set external-argo-cd, then auth\n", ""},
		{"another Argo CD", "x.yaml", "argo-cd:\n  server: {auth: x}\nintegrations: {}\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := check(t, fleet.File{Found: true}, test.file, test.text)
			if c.NotRead != test.want || len(c.Releases) > 0 {
				t.Errorf("%q, %d releases", c.NotRead, len(c.Releases))
			}
			if strings.Contains(c.NotRead, canary) {
				t.Error("a credential is shown")
			}
		})
	}
}

// TestCheckEncodings reads what is found in UTF-16 as well.
func TestCheckEncodings(t *testing.T) {
	wide := func(text string) string {
		out := "\xff\xfe"
		for _, b := range []byte(text) {
			out += string([]byte{b, 0})
		}
		return out
	}
	c := check(t, fleet.File{Found: true}, "x.yaml", wide("global: {external-arg-cd: {auth: {type: token}}}\n"))
	if !isValuesFile(c) || len(c.Releases[0].Diagnostics) != 2 {
		t.Errorf("%+v", c)
	}
	if c := check(t, fleet.File{Found: true}, "x.yaml", wide("auth: x\n")); len(c.Releases) > 0 || c.NotRead != "" {
		t.Errorf("somebody else's: %+v", c)
	}
}

// TestElsewhere says which values of a release nobody has searched.
func TestElsewhere(t *testing.T) {
	const head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  sources:\n  - {ref: values, repoURL: x}\n  - chart: gitops-runtime\n    helm:\n"
	const parameter = "      fileParameters: [{name: a, path: b}]\n"
	searched := []string{filepath.FromSlash("repo/envs/prod/values.yaml"), filepath.FromSlash("repo/base.yaml")}
	for files, want := range map[string][]string{
		"[$values/envs/prod/values.yaml]":           nil,
		"[../../base.yaml, /envs/prod/values.yaml]": nil,
		"[envs/prod/values.yaml, base.yaml]":        nil,
		"[$values/envs/test/values.yaml]":           {"valueFiles"},
		"[base.yaml, other.yaml]":                   {"valueFiles"},
		"[xbase.yaml]":                              {"valueFiles"},
		"['$values/envs/{{name}}/values.yaml']":     nil,
		"['$values/{{name}}/base.yaml']":            nil,
		"['https://example.com/base.yaml?x']":       {"valueFiles"},
	} {
		c := check(t, fleet.File{Found: true}, "app.yaml", head+"      valueFiles: "+files+"\n")
		if got := c.Releases[0].Elsewhere(searched); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", files, got, want)
		}
		c = check(t, fleet.File{Found: true}, "app.yaml", head+"      valueFiles: "+files+"\n"+parameter)
		if got := c.Releases[0].Elsewhere(searched); !slices.Equal(got, append(slices.Clone(want), "fileParameters")) {
			t.Errorf("%s and parameters: %v", files, got)
		}
	}
	// What one release takes says nothing of another in the same manifest.
	second := "---\n" + head + "      valueFiles: [other.yaml]\n"
	c := check(t, fleet.File{Found: true}, "app.yaml", head+"      valueFiles: [base.yaml]\n"+second)
	if first := c.Releases[0].Elsewhere(searched); len(first) > 0 {
		t.Errorf("beside another: %v", first)
	}
	if second := c.Releases[1].Elsewhere(searched); !slices.Equal(second, []string{"valueFiles"}) {
		t.Errorf("behind another: %v", second)
	}
}

// TestLarge looks at how a file begins that is too large.
func TestLarge(t *testing.T) {
	linter := &schema.Linter{}
	check := func(isFound bool, begin string) (fleet.Checked, error) {
		return fleet.Check(fleet.File{Name: "x.yaml", Found: isFound}, reader([]byte(begin), input.ErrTooLarge), linter.LintFile, linter, schema.Options{})
	}
	if c, err := check(true, "kind: X\n"); err != nil || !reflect.DeepEqual(c, fleet.Checked{}) {
		t.Errorf("somebody else's: %+v, %v", c, err)
	}
	if c, err := check(true, "kind: X\nchart: gitops-runtime"); err != nil || c.NotRead == "" {
		t.Errorf("left alone: %+v, %v", c, err)
	}
	if _, err := check(false, "kind: X\n"); !errors.Is(err, input.ErrTooLarge) {
		t.Errorf("one that is named: %v", err)
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
			`{"state":"partly","candidates":["argocd-api/?"],"plaintext":false,"block":"global.external-argo-cd.auth","unseen":["valueFiles"],"errors":0}`},
		{"a type that is filled in", set + "valuesObject: {global: {external-argo-cd: {auth: {type: '{{ .type }}', tokenSecretKeyRef: {name: argocd-api, key: '{{ .key }}'}, passwordSecretKeyRef: {name: b, key: c}}}}}}}}}}\n",
			`{"state":"partly","candidates":["argocd-api/…","b/c"],"plaintext":false,"block":"global.external-argo-cd.auth","errors":0}`},
		{"a parameter that is filled in by its name", set + "parameters: [{name: '{{ .field }}', value: s3cr3t}], valuesObject: " + block + "tokenSecretKeyRef: {name: argocd-api, key: token}}}}}}}}}}\n",
			`{"state":"partly","candidates":["argocd-api/token"],"plaintext":false,"block":"global.external-argo-cd.auth","unseen":["parameters"],"errors":0}`},
		{"a key that is filled in", set + "valuesObject: {'{{ .key }}': {auth: s3cr3t}}}}}}}\n",
			`{"state":"partly","plaintext":false,"errors":0}`},
		{"expressions", set + "valuesObject: " + block + "tokenSecretKeyRef: {name: '{{name}}-api', key: token}}}}}}}}}}\n",
			`{"state":"declared","type":"token","secret":"…-api","key":"token","plaintext":false,"block":"global.external-argo-cd.auth","errors":0}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := check(t, fleet.File{}, "x.yaml", test.text)
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
