package examples

import (
	"os"
	"path/filepath"
	"testing"
)

// Values that can be read only once, as people who use sops give them: lint, helm and the
// post-renderer all get them, and nothing is left behind.
func TestWrapperPipes(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		m := modes()[0]
		file := m.file(t, "integrations")
		for name, script := range map[string]string{
			"standard input":               `cat "$1" | "$HELM" runtime-auth template runtime "$2" -f - --set generation=g3`,
			"its device":                   `cat "$1" | "$HELM" runtime-auth template runtime "$2" -f /dev/stdin --set generation=g3`,
			"process substitution":         `cat "$1" | { "$HELM" runtime-auth template runtime "$2" -f /dev/fd/3 --set generation=g3 </dev/null; } 3<&0`,
			"a named pipe":                 `mkfifo pipe; cat "$1" >pipe & "$HELM" runtime-auth template runtime "$2" -f pipe --set generation=g3`,
			"a file from a pipe":           `printf g3 | "$HELM" runtime-auth template runtime "$2" -f "$1" --set-file generation=/dev/stdin`,
			"between other values":         `cat "$1" | "$HELM" runtime-auth template runtime "$2" -f "$3",- --set generation=g3`,
			"through another of its names": `cat "$1" | "$HELM" runtime-auth template runtime "$2" -f - -f /dev/stdin --set generation=g3`,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				write(t, filepath.Join(dir, "tmp", ".keep"), "")
				write(t, filepath.Join(dir, "other.yaml"), "other: true\n")
				out := command{path: tool(t, "sh"), args: []string{"-c", script, "sh", file, absolute(t, "chart"), "other.yaml"}, dir: dir,
					env: append([]string{"HELM=" + h.path, "TMPDIR=" + filepath.Join(dir, "tmp")}, h.env...)}.ok(t)
				checkWiring(t, out, "g3", m)
				if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) != 1 {
					t.Errorf("left behind: %v, %v", left, err)
				}
			})
		}
	})
}
