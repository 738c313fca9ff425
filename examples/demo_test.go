//go:build install

package examples

import (
	"os"
	"strings"
	"testing"
)

// TestInstallDemo holds that make demo fits on a screen, says what it shows and what comes next.
func TestInstallDemo(t *testing.T) {
	t.Parallel()
	const most = 40
	r := command{path: tool(t, "sh"), args: []string{"../scripts/demo.sh", t.TempDir()}, env: os.Environ()}.run(t)
	if n := strings.Count(r.stdout+r.stderr, "\n"); r.code != 0 || n > most {
		t.Errorf("exit code %d, %d lines, want at most %d:\n%s%s", r.code, n, most, r.stdout, r.stderr)
	}
	expect(t, r.stdout, []string{"building ", "[misspelled-key]", "stand-in", "1 to be wired", "4 already right\n", "make install"}, nil)
}
