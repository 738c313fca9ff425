//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// helm is one of the real clients, with a home of its own in which the plugins are
// installed, at work in one namespace.
type helm struct {
	*cluster
	major string
	chart string // the example chart, or a test's own
	path  string
	env   []string
}

// eachHelm runs a test with Helm 3 and with Helm 4, as scripts/clients.sh builds them.
func eachHelm(t *testing.T, test func(t *testing.T, h *helm)) {
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	clients := regexp.MustCompile(`helm (v(\d)\.\d+\.\d+) `).FindAllStringSubmatch(read(t, "../scripts/clients.sh"), -1)
	if len(clients) != 2 {
		t.Fatalf("scripts/clients.sh names %d clients, not 2", len(clients))
	}
	for _, c := range clients {
		t.Run("helm"+c[2], func(t *testing.T) {
			t.Parallel()
			test(t, newHelm(t, c[2], filepath.Join(cache, "runtime-auth", "helm-"+c[1], "helm")))
		})
	}
}

func newHelm(t *testing.T, major, path string) *helm {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		oracle.Missing(t, "Helm %s is not there (make clients): %v", major, err)
	}
	home := filepath.Join(t.TempDir(), "home of helm")
	bin := filepath.Join(home, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	must(t, os.Symlink(path, filepath.Join(bin, "helm"))) // for what is typed into a shell
	c := newCluster(t)
	h := &helm{cluster: c, major: major, chart: absolute(t, "../examples/chart"), path: path, env: []string{
		"HOME=" + home, "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HELM_DATA_HOME=" + filepath.Join(home, "data"), "HELM_CONFIG_HOME=" + filepath.Join(home, "config"),
		"HELM_CACHE_HOME=" + filepath.Join(home, "cache"), "KUBECONFIG=" + c.kubeconfig, "NO_COLOR=1",
	}}
	plugins := os.Getenv(pluginsVariable)
	h.helm("plugin", "install", filepath.Join(plugins, "runtime-auth")).ok(t)
	if major == "3" {
		if err := os.Symlink(program("runtime-auth-post-renderer"), filepath.Join(bin, "runtime-auth-post-renderer")); err != nil {
			t.Fatal(err)
		}
	} else {
		h.helm("plugin", "install", filepath.Join(plugins, "runtime-auth-post-renderer")).ok(t)
	}
	return h
}

// helm is one call of the client in the namespace.
func (h *helm) helm(args ...string) call {
	return call{path: h.path, args: slices.Concat(args, []string{"--namespace", h.namespace}), env: h.env}
}

// deploy installs or upgrades the release "runtime" of the example chart with the
// post-renderer, which gets the same values. Nothing would execute hooks.
func (h *helm) deploy(t testing.TB, verb, generation, file string) call {
	t.Helper()
	return h.helm(verb, "runtime", h.chart, "--no-hooks", "--set", "generation="+generation, "-f", file,
		"--post-renderer", "runtime-auth-post-renderer", "--post-renderer-args", "-f", "--post-renderer-args", file)
}

// wrapped is deploy by means of the wrapper, which gives the values to both.
func (h *helm) wrapped(t testing.TB, verb, generation, file string) call {
	t.Helper()
	return h.helm("runtime-auth", verb, "runtime", h.chart, "--no-hooks", "--set", "generation="+generation, "-f", file)
}

// chartWithout is a copy of the example chart that lacks a template.
func chartWithout(t testing.TB, template string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "chart")
	if err := os.CopyFS(dir, os.DirFS("../examples/chart")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "templates", template)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runtimeChart is the example chart under the name and a version of the Runtime's,
// with the one block that this version has.
func runtimeChart(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "chart")
	if err := os.CopyFS(dir, os.DirFS("../examples/chart")); err != nil {
		t.Fatal(err)
	}
	text := read(t, filepath.Join(dir, "values.yaml"))
	before, rest, _ := strings.Cut(text, "  # Where g1 and g2 look")
	_, after, found := strings.Cut(rest, "  # Where g3 looks")
	if !found {
		t.Fatal("the example chart's values are not what they were")
	}
	if err := os.WriteFile(filepath.Join(dir, "values.yaml"), []byte(before+"  #"+after), 0o644); err != nil {
		t.Fatal(err)
	}
	metadata := "apiVersion: v2\nname: gitops-runtime\nversion: 0.29.0\n"
	if err := os.WriteFile(filepath.Join(dir, "Chart.yaml"), []byte(metadata), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
