package helm_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// clients returns the paths of the real clients that scripts/clients.sh installs, by
// their major version. Where they are not, the test is skipped, or fails if nothing may
// be left out.
func clients(t *testing.T) map[int]string {
	t.Helper()
	script, err := os.ReadFile("../../../scripts/clients.sh")
	if err != nil {
		t.Fatal(err)
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	all := map[int]string{}
	for _, m := range regexp.MustCompile(`helm (v(\d)\.\d+\.\d+) `).FindAllStringSubmatch(string(script), -1) {
		path := filepath.Join(cache, "runtime-auth", "helm-"+m[1], "helm")
		if _, err := os.Stat(path); err != nil {
			oracle.Missing(t, "Helm %s is not installed (make clients): %v", m[1], err)
		}
		all[int(m[2][0]-'0')] = path
	}
	if len(all) != 2 {
		t.Fatalf("scripts/clients.sh names %d clients, not 2", len(all))
	}
	return all
}
