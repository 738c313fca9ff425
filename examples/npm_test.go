package examples

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// npmProgram returns the path of a program that scripts/npm.sh installs.
func npmProgram(t testing.TB, name string) string {
	t.Helper()
	tool(t, "node")
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	folder := filepath.Join(cache, "runtime-auth", "npm")
	// The script leaves its lock file there: another one means other versions.
	installed, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil || string(installed) != read(t, "../scripts/npm/package-lock.json") {
		oracle.Missing(t, "the programs of scripts/npm are not installed, or in other versions (scripts/npm.sh)")
	}
	return filepath.Join(folder, "node_modules", ".bin", name)
}
