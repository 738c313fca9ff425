package chart_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// writer writes charts into folders.
type writer struct {
	t   *testing.T
	rnd *rand.Rand
}

func (w writer) file(dir, name string, content any) {
	w.t.Helper()
	data, err := yaml.Marshal(content)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

type object = map[string]any

// tree returns invented values. What is a mapping is one everywhere: where charts and users
// do not agree on that, Helm warns and goes on as its layers happen to meet.
func (w writer) tree(depth int) object {
	found := object{}
	for _, name := range []string{"external-argo-cd", "auth", "ref"} {
		if depth > 0 && w.rnd.IntN(3) > 0 {
			found[name] = w.tree(depth - 1)
		}
	}
	for _, name := range []string{"type", "enabled", "svc"} {
		switch w.rnd.IntN(9) {
		case 0, 1, 2:
			found[name] = fmt.Sprintf("v%d", w.rnd.IntN(1000))
		case 3:
			found[name] = nil
		}
	}
	return found
}

// values are those of a chart or of its user, for its dependencies too.
func (w writer) values(names []string) object {
	v := w.tree(1)
	if w.rnd.IntN(3) > 0 {
		v["global"] = w.tree(3)
	}
	if w.rnd.IntN(3) == 0 {
		v["enabled"] = w.rnd.IntN(2) == 0
	}
	if w.rnd.IntN(4) == 0 {
		v["flag"] = w.rnd.IntN(2) == 0
	}
	if w.rnd.IntN(3) == 0 {
		v["tags"] = object{"blue": w.rnd.IntN(2) == 0, "green": w.rnd.IntN(2) == 0}
	}
	for _, name := range names {
		if w.rnd.IntN(4) > 0 {
			v[name] = w.values(nil)
		}
	}
	return v
}

// umbrella writes a chart with a Runtime one or two charts below, perhaps two of them. It
// returns where they are.
func (w writer) umbrella(dir string) [][]string {
	runtime := func(dir string) {
		w.file(dir, "Chart.yaml", object{"apiVersion": "v2", "name": auth.ChartName, "version": "0.30.0"})
		w.file(dir, "values.yaml", w.values(nil))
		w.file(filepath.Join(dir, "templates"), "values.yaml", "{{ toJson .Values }}")
	}
	var deps []object
	var names []string
	var scopes [][]string
	aliases := [][]string{{""}, {"cfr"}, {"one", "two"}}[w.rnd.IntN(3)]
	for _, alias := range aliases {
		d := object{"name": auth.ChartName, "version": "0.30.0", "repository": "https://x"}
		name := auth.ChartName
		if alias != "" {
			d["alias"], name = alias, alias
		}
		d["condition"] = []string{"", name + ".enabled", "flag", "flag," + name + ".enabled", name + ".none"}[w.rnd.IntN(5)]
		d["tags"] = [][]string{nil, {"blue"}, {"blue", "green"}}[w.rnd.IntN(3)]
		deps, names, scopes = append(deps, d), append(names, name), append(scopes, []string{name})
	}
	if w.rnd.IntN(2) == 0 {
		runtime(filepath.Join(dir, "charts", auth.ChartName))
		w.file(dir, "Chart.yaml", object{"apiVersion": "v2", "name": "platform", "version": "1.0.0", "dependencies": deps})
		w.file(dir, "values.yaml", w.values(names))
		return scopes
	}
	middle := filepath.Join(dir, "charts", "middle")
	runtime(filepath.Join(middle, "charts", auth.ChartName))
	w.file(middle, "Chart.yaml", object{"apiVersion": "v2", "name": "middle", "version": "1.0.0", "dependencies": deps})
	w.file(middle, "values.yaml", w.values(names))
	outer := object{"apiVersion": "v2", "name": "platform", "version": "1.0.0"}
	name := "middle"
	if w.rnd.IntN(3) == 0 {
		// Nobody has listed it, so what it calls its dependencies does not count.
		scopes, names = [][]string{{auth.ChartName}}, []string{auth.ChartName}
	} else {
		name = "mid"
		outer["dependencies"] = []object{{"name": "middle", "alias": "mid", "version": "1.0.0", "repository": "https://x"}}
	}
	w.file(dir, "Chart.yaml", outer)
	v := w.values(nil)
	v[name] = w.values(names)
	w.file(dir, "values.yaml", v)
	for i := range scopes {
		scopes[i] = append([]string{name}, scopes[i]...)
	}
	return scopes
}

// TestScopesAsHelm compares what a Runtime in an umbrella chart gets with Helm's own library,
// over invented charts and values.
func TestScopesAsHelm(t *testing.T) {
	for seed := range uint64(200) {
		w := writer{t: t, rnd: rand.New(rand.NewPCG(seed, 1))}
		dir := t.TempDir()
		scopes := w.umbrella(dir)
		var names []string
		for _, s := range scopes {
			names = append(names, s[len(s)-1])
		}
		given := w.values(names)
		if len(scopes[0]) == 2 {
			given = w.values(nil)
			given[scopes[0][0]] = w.values(names)
		}
		c, err := chart.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(scopes, c.Scopes); diff != "" || c.Version == nil {
			t.Fatalf("seed %d: version %v, scopes (-want +got)\n%s", seed, c.Version, diff)
		}
		text, err := yaml.Marshal(given)
		if err != nil {
			t.Fatal(err)
		}
		f, err := values.Parse("given.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		got := values.FromFile(f).Over(c.Defaults)
		for _, scope := range scopes {
			want := helm(t, dir, given, scope)
			if off := want == nil; off || got.IsOff(scope...) {
				if !off || !got.IsOff(scope...) {
					t.Fatalf("seed %d, %v: helm switches it off: %v", seed, scope, off)
				}
				continue
			}
			ours, _ := got.Scope(scope...).Root.Data().(object)
			if ours["global"] == nil {
				ours["global"] = object{} // which Helm makes
			}
			if diff := cmp.Diff(want, ours); diff != "" {
				t.Fatalf("seed %d, %v (-helm +ours)\n%s", seed, scope, diff)
			}
		}
	}
}

// TestScopesWithoutDefaultsAsHelm is the same where the charts have no values of their own,
// which is what is known of a file that is linted by itself.
func TestScopesWithoutDefaultsAsHelm(t *testing.T) {
	dir := t.TempDir()
	sub := writer{t: t}.aliased(dir, object{}, object{})
	writer{t: t}.file(filepath.Join(sub, "templates"), "values.yaml", "{{ toJson .Values }}")
	for seed := range uint64(100) {
		w := writer{t: t, rnd: rand.New(rand.NewPCG(seed, 2))}
		given := w.values(nil)
		given["cfr"] = w.values(nil)
		text, err := yaml.Marshal(given)
		if err != nil {
			t.Fatal(err)
		}
		f, err := values.Parse("given.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		ours, _ := values.FromFile(f).Scope("cfr").Root.Data().(object)
		if ours["global"] == nil {
			ours["global"] = object{} // which Helm makes
		}
		if diff := cmp.Diff(helm(t, dir, given, []string{"cfr"}), ours); diff != "" {
			t.Fatalf("seed %d (-helm +ours)\n%s", seed, diff)
		}
	}
}

// helm returns the values that the templates of a Runtime see, nil where it is switched off.
func helm(t *testing.T, dir string, given object, scope []string) object {
	t.Helper()
	c, err := loader.Load(dir)
	if err == nil {
		err = chartutil.ProcessDependenciesWithMerge(c, given)
	}
	if err != nil {
		t.Fatal(err)
	}
	v, err := chartutil.ToRenderValues(c, given, chartutil.ReleaseOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := engine.Render(c, v)
	if err != nil {
		t.Fatal(err)
	}
	text := rendered["platform/charts/"+strings.Join(scope, "/charts/")+"/templates/values.yaml"]
	if text == "" {
		return nil
	}
	var found object
	if err := yaml.Unmarshal([]byte(strings.Trim(text, "'\n")), &found); err != nil {
		t.Fatalf("%v: %v in %v", scope, err, rendered)
	}
	return found
}

// TestRead finds Runtimes in what charts say of their dependencies.
func TestRead(t *testing.T) {
	w := writer{t: t}
	chartOf := func(name, version string, deps ...object) object {
		return object{"apiVersion": "v2", "name": name, "version": version, "dependencies": deps}
	}
	dep := func(version, alias string) object {
		return object{"name": auth.ChartName, "version": version, "repository": "https://x", "alias": alias}
	}
	for name, tt := range map[string]struct {
		chart   object
		scopes  [][]string
		version string
	}{
		"a Runtime":            {chartOf(auth.ChartName, "0.25.2"), [][]string{nil}, "0.25.2"},
		"an umbrella":          {chartOf("platform", "1.0.0", dep("0.30.0", "")), [][]string{{auth.ChartName}}, "0.30.0"},
		"an alias":             {chartOf("platform", "1.0.0", dep("0.30.0", "cfr")), [][]string{{"cfr"}}, "0.30.0"},
		"a range":              {chartOf("platform", "1.0.0", dep("~0.30.0", "cfr")), [][]string{{"cfr"}}, ""},
		"two versions":         {chartOf("platform", "1.0.0", dep("0.30.0", "a"), dep("0.29.0", "b")), [][]string{{"a"}, {"b"}}, ""},
		"something else":       {chartOf("podinfo", "1.0.0"), nil, ""},
		"a Runtime's checkout": {chartOf(auth.ChartName, "0.0.0"), [][]string{nil}, "0.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			w.file(dir, "Chart.yaml", tt.chart)
			c, err := chart.Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			version := ""
			if c.Version != nil {
				version = c.Version.String()
			}
			if diff := cmp.Diff(tt.scopes, c.Scopes); diff != "" || version != tt.version {
				t.Errorf("version %q, scopes (-want +got)\n%s", version, diff)
			}
			if diff := cmp.Diff(tt.scopes, chart.Beside(filepath.Join(dir, "prod.yaml"))); diff != "" {
				t.Errorf("beside the file (-want +got)\n%s", diff)
			}
		})
	}
	if _, err := chart.Read("/dev/null"); err == nil {
		t.Error("a device is read as a chart")
	}
	if !(chart.Beside("nosuch/values.yaml") == nil) {
		t.Error("a folder that is not there has a chart")
	}
}

// aliased writes an umbrella chart over a Runtime that it calls cfr, each with values of its
// own, and returns the folder of the Runtime.
func (w writer) aliased(dir string, runtime, outer object) string {
	w.t.Helper()
	sub := filepath.Join(dir, "charts", auth.ChartName)
	w.file(sub, "Chart.yaml", object{"apiVersion": "v2", "name": auth.ChartName, "version": "0.30.0"})
	w.file(sub, "values.yaml", runtime)
	w.file(dir, "Chart.yaml", object{"apiVersion": "v2", "name": "platform", "version": "1.0.0", "dependencies": []object{
		{"name": auth.ChartName, "version": "0.30.0", "repository": "https://x", "alias": "cfr"},
	}})
	w.file(dir, "values.yaml", outer)
	return sub
}

// TestNullsAsHelm: a null below `global` does not take away what the charts have there,
// wherever in an umbrella chart they and the user say it.
func TestNullsAsHelm(t *testing.T) {
	w := writer{t: t}
	auth := func(v any) object {
		return object{"global": object{"integrations": object{"argo-cd": object{"server": object{"auth": v}}}}}
	}
	token := object{"type": "token", "tokenSecretKeyRef": object{"name": "chart-token", "key": "ck"}}
	null := object{"type": nil, "username": "x"}
	for name, tt := range map[string]struct{ runtime, outer, given object }{
		"below the alias, over the Runtime's":  {auth(token), object{}, object{"cfr": auth(null)}},
		"shared, over the Runtime's":           {auth(token), object{}, auth(null)},
		"shared, over the umbrella's":          {auth(object{}), auth(token), auth(null)},
		"below the alias, over the umbrella's": {auth(object{}), object{"cfr": auth(token)}, object{"cfr": auth(null)}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			sub := w.aliased(dir, tt.runtime, tt.outer)
			w.file(filepath.Join(sub, "templates"), "values.yaml", "{{ toJson .Values.global }}")
			w.file(filepath.Join(sub, "charts", "argo-cd"), "Chart.yaml", object{"apiVersion": "v2", "name": "argo-cd", "version": "1.0.0"})
			c, err := chart.Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			text, err := yaml.Marshal(tt.given)
			if err != nil {
				t.Fatal(err)
			}
			f, err := values.Parse("given.yaml", text)
			if err != nil {
				t.Fatal(err)
			}
			ours, _ := values.FromFile(f).Over(c.Defaults).Scope("cfr").Root.Field("global").Data().(object)
			if diff := cmp.Diff(helm(t, dir, tt.given, []string{"cfr"}), ours); diff != "" {
				t.Errorf("(-helm +ours)\n%s", diff)
			}
		})
	}
}

// TestReadForks: a Runtime's chart under another name is one by what it holds, and values
// that come from elsewhere are not guessed.
func TestReadForks(t *testing.T) {
	w := writer{t: t}
	block := object{"global": object{"external-argo-cd": object{"auth": object{"type": "token"}}}}
	dir := t.TempDir()
	sub := filepath.Join(dir, "charts", "my-fork")
	w.file(sub, "Chart.yaml", object{"apiVersion": "v2", "name": "my-fork", "version": "1.0.0"})
	w.file(sub, "values.yaml", block)
	outer := object{"apiVersion": "v2", "name": "platform", "version": "1.0.0", "dependencies": []object{{"name": "my-fork", "version": "1.0.0", "repository": "https://x", "alias": "rt"}}}
	w.file(dir, "Chart.yaml", outer)
	c, err := chart.Read(dir)
	if err != nil || len(c.Scopes) != 1 || len(c.Scopes[0]) != 1 || c.Scopes[0][0] != "rt" || c.Version != nil || c.Defaults == nil {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = chart.Read(sub); err != nil || len(c.Scopes) != 1 || len(c.Scopes[0]) != 0 || c.Version != nil {
		t.Errorf("%+v, %v", c, err)
	}
	outer["dependencies"] = append(outer["dependencies"].([]object), object{"name": "conf", "version": "1.0.0", "repository": "https://x", "import-values": []string{"data"}})
	w.file(dir, "Chart.yaml", outer)
	if _, err := chart.Read(dir); err == nil || !strings.Contains(err.Error(), "import-values") {
		t.Error(err)
	}
}

// TestSharedByTheUmbrella: where an umbrella chart has a part of the Runtime's `global`, Helm
// lays the Runtime's defaults for the rest of it over what is given below the alias.
func TestSharedByTheUmbrella(t *testing.T) {
	w := writer{t: t}
	server := func(fields object) object {
		return object{"global": object{"integrations": object{"argo-cd": object{"server": fields}}}}
	}
	token := object{"cfr": server(object{"auth": object{"type": "token", "tokenSecretKeyRef": object{"name": "n", "key": "k"}}})}
	for name, tt := range map[string]struct {
		outer object
		rule  string
	}{
		"a part of it":     {server(object{"svc": "argo-cd"}), "implied-type"},
		"nothing of it":    {object{}, ""},
		"another part":     {object{"global": object{"other": object{"x": object{}}}}, ""},
		"all for an alias": {object{"cfr": server(object{"svc": "argo-cd"})}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			w.aliased(dir, server(object{"auth": object{"type": "password"}}), tt.outer)
			c, err := chart.Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			text, err := yaml.Marshal(token)
			if err != nil {
				t.Fatal(err)
			}
			result, err := new(schema.Linter).LintFile("given.yaml", text, schema.Options{Defaults: c.Defaults, Scopes: c.Scopes})
			if err != nil {
				t.Fatal(err)
			}
			rule := ""
			for _, d := range result.Diagnostics {
				if rule = d.Rule; d.File != "given.yaml" || !strings.Contains(d.Message, "umbrella") {
					t.Errorf("%+v", d)
				}
			}
			if rule != tt.rule || rule == "" && result.Settings.Auth.Ref.Name != "n" {
				t.Errorf("%q, settings %+v", rule, result.Settings)
			}
		})
	}
}

// TestBesideStdin: standard input is in no folder, wherever the program runs.
func TestBesideStdin(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("Chart.yaml", []byte("apiVersion: v2\nname: gitops-runtime\nversion: 0.26.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if beside := chart.Beside("values.yaml"); beside == nil {
		t.Error("no chart beside a file")
	}
	for _, name := range []string{"-", " - "} {
		if beside := chart.Beside(name); beside != nil {
			t.Errorf("%q: %v", name, beside)
		}
	}
}
