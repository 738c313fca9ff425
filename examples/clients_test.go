package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// client is one of the Helm clients under test.
type client struct {
	major, version string
	path           string
}

// clients returns those that scripts/clients.sh installs.
func clients(t testing.TB) []client {
	t.Helper()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	var all []client
	for _, m := range regexp.MustCompile(`helm (v(\d)\.\d+\.\d+) `).FindAllStringSubmatch(read(t, "../scripts/clients.sh"), -1) {
		all = append(all, client{version: m[1], major: m[2], path: filepath.Join(cache, "runtime-auth", "helm-"+m[1], "helm")})
	}
	if len(all) != 2 {
		t.Fatalf("scripts/clients.sh names %d clients, not 2", len(all))
	}
	return all
}

// eachClient runs a test once per client.
func eachClient(t *testing.T, test func(t *testing.T, h *helm)) {
	for _, c := range clients(t) {
		t.Run("helm"+c.major, func(t *testing.T) {
			t.Parallel()
			test(t, newHelm(t, c))
		})
	}
}

// helm is a client with a home of its own, in which the plugins are installed.
type helm struct {
	client
	home string
	env  []string
}

// newHelm installs what belongs to this client: for Helm 3 the plugin, and the
// post-renderer on PATH; for Helm 4 both plugins.
func newHelm(t testing.TB, c client) *helm {
	t.Helper()
	h := bareHelm(t, c)
	h.installPlugins(t)
	return h
}

// bareHelm is a client without plugins.
func bareHelm(t testing.TB, c client) *helm {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the tests with real clients need a Unix shell")
	}
	if _, err := os.Stat(c.path); err != nil {
		oracle.Missing(t, "Helm %s is not installed (make clients): %v", c.version, err)
	}
	home := filepath.Join(t.TempDir(), "home of helm") // with blanks, as people have them
	h := &helm{client: c, home: home}
	bin := filepath.Join(home, "bin")
	h.env = []string{
		"HOME=" + home,
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HELM_DATA_HOME=" + filepath.Join(home, "data"),
		"HELM_CONFIG_HOME=" + filepath.Join(home, "config"),
		"HELM_CACHE_HOME=" + filepath.Join(home, "cache"),
		"KUBECONFIG=" + filepath.Join(home, "no-kubeconfig"),
		"NO_COLOR=1",
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	// In a new home go leaves a process behind that counts for its telemetry, while the
	// folder of the test is already being removed.
	write(t, filepath.Join(home, ".config", "go", "telemetry", "mode"), "off\n")
	link(t, c.path, filepath.Join(bin, "helm"))
	return h
}

func (h *helm) installPlugins(t testing.TB) {
	t.Helper()
	h.helm("plugin", "install", filepath.Join(plugins(), "runtime-auth")).ok(t)
	if h.major == "3" {
		link(t, program("runtime-auth-post-renderer"), filepath.Join(h.home, "bin", "runtime-auth-post-renderer"))
		return
	}
	h.helm("plugin", "install", filepath.Join(plugins(), "runtime-auth-post-renderer")).ok(t)
	h.helm("plugin", "install", identity(t)).ok(t)
}

// identity makes the Helm 4 plugin `cat`, a post-renderer that changes nothing:
// Helm 4 formats the manifests anew for every post-renderer, so only what passed
// through one can be compared. For Helm 3 the program of that name will do.
func identity(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cat")
	write(t, filepath.Join(dir, "plugin.yaml"), `apiVersion: v1
type: postrenderer/v1
name: cat
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
  - command: cat
`)
	return dir
}

func link(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Symlink(from, to); err != nil {
		t.Fatal(err)
	}
}

// helm is one call of the client.
func (h *helm) helm(args ...string) command {
	return command{path: h.path, args: args, env: h.env, dir: h.home}
}

// template is a call of `helm template`, or of the wrapper's, for the example chart.
func (h *helm) template(t testing.TB, generation string, words []string, args ...string) command {
	t.Helper()
	args = append([]string{"runtime", absolute(t, "chart"), "--namespace", "runtime", "--set", "generation=" + generation}, args...)
	return h.helm(append(words, args...)...)
}

// Every mode: the post-renderer called by name, with the values in its own arguments; the
// wrapper, which needs the values only once; and under Helm 4, which hands hooks to
// post-renderers, the chart's own hook that carries the values.
func TestModes(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		eachCase(t, func(t *testing.T, generation, file string, m mode) {
			template := func(words ...string) string {
				return h.template(t, generation, words, "-f", file).ok(t)
			}
			before := template("template", "--post-renderer", "cat")
			check := func(after string) {
				t.Helper()
				checkWiring(t, after, generation, m)
				checkRest(t, before, after, m)
			}
			report := filepath.Join(t.TempDir(), "report.json")
			check(template("template", "--post-renderer", "runtime-auth-post-renderer",
				"--post-renderer-args", "-f", "--post-renderer-args", file, "--post-renderer-args", "--report="+report))
			for _, leak := range leaks("the report", read(t, report)) {
				t.Error(leak)
			}
			check(template("runtime-auth", "template"))
			if h.major == "4" {
				check(template("template", "--post-renderer", "runtime-auth-post-renderer"))
			}
		})
	})
}

// Without an auth block the chart is right already, and not one byte may change.
func TestDefaultIsUntouched(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		for _, generation := range generations() {
			t.Run(generation, func(t *testing.T) {
				t.Parallel()
				before := h.template(t, generation, []string{"template"}, "--post-renderer", "cat").ok(t)
				after := h.template(t, generation, []string{"runtime-auth", "template"}).ok(t)
				checkWiring(t, after, generation, defaultMode())
				if before != after {
					checkRest(t, before, after, defaultMode())
					t.Error("the stream was changed, though the chart had wired the default credential")
				}
			})
		}
	})
}

// A chart that makes the Secret of a plaintext credential itself needs no second one.
func TestChartsOwnSecretIsLeftAlone(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		for _, generation := range generations() {
			t.Run(generation, func(t *testing.T) {
				t.Parallel()
				path := "external-argo-cd"
				if generation == "g3" {
					path = "integrations"
				}
				m := modes()[1]
				args := []string{"-f", m.file(t, path), "--set", "createCredentialSecrets=true"}
				after := h.template(t, generation, []string{"runtime-auth", "template"}, args...).ok(t)
				checkWiring(t, after, generation, m)
			})
		}
	})
}

// eachCase runs a test for every mode under each path, with the generations in turn; with
// -short for the first mode alone. What a mode comes to in every generation is proven
// where it takes no other program: in gitops/export and render.
func eachCase(t *testing.T, test func(t *testing.T, generation, file string, m mode)) {
	for p, path := range paths() {
		for i, m := range modes() {
			if i > 0 && testing.Short() {
				break
			}
			generation := generations()[(p+i)%len(generations())]
			t.Run(fmt.Sprintf("%s/%s/%s", generation, path, m.name), func(t *testing.T) {
				t.Parallel()
				test(t, generation, m.file(t, path), m)
			})
		}
	}
}
