// Package examples proves that the examples are true: with the built programs,
// and with the Helm clients and the pre-commit that people really use.
package examples

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected files from what the programs really print")

// Where TestMain tells the tests that the plugins are.
const pluginsVariable = "RUNTIME_AUTH_TEST_PLUGINS"

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "runtime-auth-examples-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// The blank proves that nothing minds one in the path of a plugin.
	plugins := filepath.Join(dir, "built plugins")
	if err := buildPlugins(plugins); err != nil {
		fmt.Fprintln(os.Stderr, "cannot build the plugins:", err)
		return 1
	}
	os.Setenv(pluginsVariable, plugins)
	return m.Run()
}

// buildPlugins builds the working tree into two plugin folders below dir.
func buildPlugins(dir string) error {
	build := exec.Command("sh", filepath.Join("..", "scripts", "plugins.sh"), dir)
	build.Stderr = os.Stderr
	return build.Run()
}

// plugins returns the folder that holds both built plugins.
func plugins() string { return os.Getenv(pluginsVariable) }

// program returns the path of one of the two built programs.
func program(name string) string { return filepath.Join(plugins(), "runtime-auth", "bin", name) }

// long skips what takes more than a few seconds, with -short.
func long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long")
	}
}

// absolute returns the absolute path of a file in examples/.
func absolute(t testing.TB, elem ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
