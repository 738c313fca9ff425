package examples

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// kustomize returns the program that scripts/peers.sh builds.
func kustomize(t testing.TB) string {
	t.Helper()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	version := submatch(regexp.MustCompile(`kustomize (v\S+) `), read(t, "../scripts/peers.sh"))
	path := filepath.Join(cache, "runtime-auth", "kustomize-"+version, "kustomize")
	if _, err := os.Stat(path); err != nil {
		oracle.Missing(t, "kustomize %s is not installed (scripts/peers.sh): %v", version, err)
	}
	return path
}

// workshop is a folder in which the programs of this page are on PATH, with the client's
// plugins and its home.
func workshop(t testing.TB, h *helm) (dir string, env []string) {
	t.Helper()
	bin := filepath.Join(h.home, "bin")
	link(t, kustomize(t), filepath.Join(bin, "kustomize"))
	link(t, program("runtime-auth"), filepath.Join(bin, "runtime-auth"))
	return t.TempDir(), h.env
}

// shell types a line.
func shell(dir string, env []string, line string) command {
	return command{path: "/bin/sh", args: []string{"-c", line}, dir: dir, env: env}
}

// TestKustomizeFunction builds each generation in every mode with the real kustomize,
// which runs the function as a transformer.
func TestKustomizeFunction(t *testing.T) {
	t.Parallel()
	builder := kustomize(t)
	eachCase(t, func(t *testing.T, generation, file string, m mode) {
		dir := t.TempDir()
		link(t, program("runtime-auth-fn"), filepath.Join(dir, "runtime-auth-fn"))
		write(t, filepath.Join(dir, "kustomization.yaml"), "namespace: argo\nresources: [manifests.yaml]\ntransformers: [config.yaml]\n")
		write(t, filepath.Join(dir, "manifests.yaml"), read(t, "manifests/"+generation+".yaml"))
		config := read(t, "gitops/kustomize/values-config.yaml")
		config = config[:strings.Index(config, "    global:")] + indented(read(t, file))
		config += "  overrideStreamValues: \"true\"\n" // the manifests hold the values of another mode
		write(t, filepath.Join(dir, "config.yaml"), config)
		out := command{path: builder, args: []string{"build", "--enable-alpha-plugins", "--enable-exec", "."}, dir: dir}.ok(t)
		checkWiring(t, out, generation, m)
		if m.plaintext != "" && !regexp.MustCompile(`name: `+m.secret+`\n  namespace: argo\n`).MatchString(out) {
			t.Error("the new Secret is not in the namespace of the others")
		}
	})
}

// indented puts every line of a text four columns to the right.
func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}

// TestKustomizeFunctionExamples runs both configurations as they are, and one that is broken.
func TestKustomizeFunctionExamples(t *testing.T) {
	t.Parallel()
	builder := kustomize(t)
	for _, name := range []string{"runtime-auth.yaml", "values-config.yaml"} {
		dir := t.TempDir()
		link(t, program("runtime-auth-fn"), filepath.Join(dir, "runtime-auth-fn"))
		write(t, filepath.Join(dir, "kustomization.yaml"), "resources: [manifests.yaml]\ntransformers: [config.yaml]\n")
		write(t, filepath.Join(dir, "manifests.yaml"), read(t, "manifests/g3.yaml"))
		config := read(t, "gitops/kustomize/"+name)
		write(t, filepath.Join(dir, "config.yaml"), config)
		build := command{path: builder, args: []string{"build", "--enable-alpha-plugins", "--enable-exec", "."}, dir: dir}
		checkWiring(t, build.ok(t), "g3", modes()[0])

		write(t, filepath.Join(dir, "config.yaml"), strings.Replace(config, "type: token", "tpye: token", 1))
		r := build.run(t)
		if r.code == 0 || r.stdout != "" {
			t.Errorf("%s, broken: exit code %d\n%s", name, r.code, r.stdout)
		}
		expect(t, r.stderr, []string{`unknown key "tpye"`, `did you mean "type"?`}, nil)
	}
}

// TestFunctionByTheMainProgram goes through `runtime-auth fn`.
func TestFunctionByTheMainProgram(t *testing.T) {
	t.Parallel()
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n" +
		strings.ReplaceAll("  "+strings.TrimSpace(read(t, "gitops/kustomize/runtime-auth.yaml")), "\n", "\n  ") + "\n"
	r := command{path: program("runtime-auth"), args: []string{"fn"}, stdin: list}.run(t)
	if r.code != 3 {
		t.Errorf("exit code %d", r.code)
	}
	expect(t, r.stdout, []string{"kind: ResourceList\nitems: []\n", "severity: error"}, nil)
	expect(t, r.stderr, []string{"runtime-auth: error: the stream holds no manifest", "hint: "}, nil)
	help := command{path: program("runtime-auth"), args: []string{"fn", "--help"}}.run(t)
	expect(t, help.stderr, []string{"runtime-auth fn", "functionConfig"}, nil)
	if help.code != 0 || help.stdout != "" {
		t.Errorf("help: exit code %d, on stdout: %s", help.code, help.stdout)
	}
}

// TestFluxExample holds the HelmRelease to the types' fields, and its stanza to what is
// exported.
func TestFluxExample(t *testing.T) {
	t.Parallel()
	text := read(t, "gitops/flux/helmrelease.yaml")
	release := split(text)[1]
	at := strings.Index(release, "  postRenderers:")
	if at < 0 {
		t.Fatal("there are no postRenderers")
	}
	stanza := regexp.MustCompile(`(?m)^  `).ReplaceAllString(release[at:], "")
	out := command{path: program("runtime-auth"), args: []string{"export", "flux", "-f", absolute(t, "values", "integrations", "token-secret-ref.yaml")},
		stdin: read(t, "manifests/g3.yaml"), env: []string{}}.ok(t)
	_, exported, _ := strings.Cut(out, "HelmRelease that installs the Runtime.\n")
	if diff := cmp.Diff(exported, stanza); diff != "" {
		t.Errorf("the stanza is not what is exported (-export +example)\n%s", diff)
	}
	// helm.toolkit.fluxcd.io/v2, as far as the example goes.
	var typed struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Metadata   map[string]string `json:"metadata"`
		Spec       struct {
			Interval      string            `json:"interval"`
			ChartRef      map[string]string `json:"chartRef"`
			Values        map[string]any    `json:"values"`
			PostRenderers []struct {
				Kustomize struct {
					Patches []struct {
						Patch  string            `json:"patch"`
						Target map[string]string `json:"target"`
					} `json:"patches"`
				} `json:"kustomize"`
			} `json:"postRenderers"`
		} `json:"spec"`
	}
	if err := k8syaml.UnmarshalStrict([]byte(release), &typed); err != nil {
		t.Error(err)
	}
	if n := len(typed.Spec.PostRenderers[0].Kustomize.Patches); n != 5 {
		t.Errorf("%d patches", n)
	}
}

// chartRepository serves the example chart as a repository on loopback, and returns the
// address of the chart in it.
func chartRepository(t testing.TB, h *helm) string {
	t.Helper()
	dir := t.TempDir()
	h.helm("package", absolute(t, "chart"), "-d", dir).ok(t)
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(server.Close)
	h.helm("repo", "index", dir, "--url", server.URL).ok(t)
	return server.URL + "/gitops-runtime-example"
}

// plugin returns the script of an exported config management plugin.
func plugin(t testing.TB, h *helm, chart string) string {
	t.Helper()
	out := h.helm("runtime-auth", "export", "argocd", "--as", "plugin", "--image", "example/image", "--chart", chart, "--chart-version", "0.1.0").ok(t)
	var p struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct{ Name string }
		Spec       struct {
			Generate struct{ Command, Args []string }
		}
	}
	d := yaml.NewDecoder(bytes.NewReader([]byte(split(out)[1])))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if p.Kind != "ConfigManagementPlugin" || p.APIVersion != "argoproj.io/v1alpha1" || p.Metadata.Name != "runtime-auth" ||
		strings.Join(p.Spec.Generate.Command, " ") != "sh -c" || len(p.Spec.Generate.Args) != 1 {
		t.Fatalf("the plugin is %+v", p)
	}
	return p.Spec.Generate.Args[0]
}

// argoCD is the environment that Argo CD gives to a plugin, with that of the Application.
func argoCD(env []string, more ...string) []string {
	return append(append(env, "ARGOCD_APP_NAME=runtime", "ARGOCD_APP_NAMESPACE=argocd", "KUBE_VERSION=1.34.0"), more...)
}

// TestArgoCDPlugin runs the exported script with both clients over a real repository.
func TestArgoCDPlugin(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		dir, env := workshop(t, h)
		script := plugin(t, h, chartRepository(t, h))
		m := modes()[0]
		write(t, filepath.Join(dir, "values.yaml"), read(t, m.file(t, "integrations")))
		checkWiring(t, shell(dir, argoCD(env), script).ok(t), "g3", m)

		write(t, filepath.Join(dir, "more values.yaml"), "broken: [")
		for name, extra := range map[string]string{
			"no such version":     "ARGOCD_ENV_CHART_VERSION=9.9.9",
			"no such values file": "ARGOCD_ENV_VALUES=other.yaml",
		} {
			if r := shell(dir, argoCD(env, extra), script).run(t); r.code == 0 || r.stdout != "" {
				t.Errorf("%s: exit code %d, and on stdout\n%s", name, r.code, r.stdout)
			}
		}
	})
}

// TestFleet renders every Runtime of the ApplicationSet as Argo CD would.
func TestFleet(t *testing.T) {
	t.Parallel()
	set := readApplicationSet(t)
	h := newHelm(t, clients(t)[0])
	_, env := workshop(t, h)
	script := plugin(t, h, chartRepository(t, h))
	source := set.Spec.Template.Spec.Source
	if source.Plugin.Name != "runtime-auth" || source.Plugin.Env[0].Name != "VALUES" {
		t.Fatalf("the plugin is %+v", source.Plugin)
	}
	runtimes, err := filepath.Glob(filepath.Join("gitops", filepath.FromSlash(set.Spec.Generators[0].Git.Files[0].Path)))
	if err != nil || len(runtimes) != 3 {
		t.Fatal(runtimes, err)
	}
	steps := map[string]int{}
	for i, step := range set.Spec.Strategy.RollingSync.Steps {
		for _, wave := range step.MatchExpressions[0].Values {
			steps[wave] = i + 1
		}
	}
	for _, runtime := range runtimes {
		var parameters struct{ Wave, Server string }
		if err := yaml.Unmarshal([]byte(read(t, runtime)), &parameters); err != nil {
			t.Fatal(err)
		}
		if steps[parameters.Wave] == 0 || !strings.HasPrefix(parameters.Server, "https://") {
			t.Errorf("%s: %+v", runtime, parameters)
		}
		out := shell(absolute(t, filepath.Dir(runtime)), argoCD(env, "ARGOCD_ENV_VALUES="+source.Plugin.Env[0].Value), script).ok(t)
		checkWiring(t, out, "g3", modes()[0])
		if !strings.Contains(out, "runtimeName: "+filepath.Base(filepath.Dir(runtime))) {
			t.Errorf("%s: its own values have no effect", runtime)
		}
	}
	if steps["canary"] != 1 || steps["fleet"] != 2 {
		t.Errorf("waves by step: %v", steps)
	}
	if r := h.helm("runtime-auth", "lint", absolute(t, "gitops", "fleet")).run(t); r.code != 0 || r.stdout != "" {
		t.Errorf("lint of the fleet: %d\n%s", r.code, r.stdout)
	}
}
