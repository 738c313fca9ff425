//go:build install

package examples

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// machine is the environment of make on a user's machine: the client's home, and
// the modules and the build cache of this one. Its GOPATH has a blank in it.
func machine(t testing.TB, h *helm, more ...string) []string {
	t.Helper()
	return slices.Concat(h.env, []string{
		"GOPATH=" + filepath.Join(h.home, "go path"),
		"GOMODCACHE=" + goEnv(t, "GOMODCACHE"), "GOCACHE=" + goEnv(t, "GOCACHE"), "GOPROXY=" + goEnv(t, "GOPROXY"),
		"GIT_CONFIG_GLOBAL=/dev/null",
	}, more)
}

// useEverything checks that an installed plugin does its work under each of its names.
func useEverything(t testing.TB, h *helm) {
	t.Helper()
	m := modes()[0]
	file := m.file(t, "integrations")
	if out := h.helm("runtime-auth", "lint", file).ok(t); out != "" {
		t.Errorf("lint: %s", out)
	}
	checkWiring(t, h.template(t, "g3", []string{"runtime-auth", "template"}, "-f", file).ok(t), "g3", m)
	checkWiring(t, h.template(t, "g2", []string{"template"}, "-f", file, "--post-renderer", "runtime-auth-post-renderer",
		"--post-renderer-args", "-f", "--post-renderer-args", file).ok(t), "g2", m)
}

// make install puts everything in its place, also over what was there before.
func TestInstallWithMake(t *testing.T) {
	for _, c := range clients(t) {
		t.Run("helm"+c.major, func(t *testing.T) {
			t.Parallel()
			h := bareHelm(t, c)
			tree := copyTree(t, filepath.Join(t.TempDir(), "a clone with blanks"))
			gobin := filepath.Join(h.home, "go path", "bin")
			install := command{path: tool(t, "make"), args: []string{"install"}, dir: tree, env: machine(t, h)}

			first := install.run(t)
			if first.code != 0 {
				t.Fatalf("exit code %d\n%s%s", first.code, first.stdout, first.stderr)
			}
			warned := strings.Contains(first.stderr, "is not on PATH")
			if warned != (h.major == "3") {
				t.Errorf("warned of PATH: %v\n%s", warned, first.stderr)
			}
			h.env = append(h.env, "PATH="+gobin+string(os.PathListSeparator)+os.Getenv("PATH"))
			useEverything(t, h)

			// Again, and over a plugin whose folder has another name.
			install.env = append(install.env, "PATH="+strings.Join([]string{
				filepath.Join(h.home, "bin"), gobin, os.Getenv("PATH")}, string(os.PathListSeparator)))
			plugin := filepath.Join(h.home, "data", "plugins", "runtime-auth")
			if err := os.Rename(plugin, plugin+"-from-elsewhere"); err != nil {
				t.Fatal(err)
			}
			if second := install.run(t); second.code != 0 || strings.Contains(second.stderr, "is not on PATH") {
				t.Fatalf("exit code %d\n%s%s", second.code, second.stdout, second.stderr)
			}
			useEverything(t, h)
		})
	}
}

// Helm 3 loads no plugin beside one for Helm 4; whoever installs is told.
func TestInstallWarnsOfASharedFolder(t *testing.T) {
	t.Parallel()
	h := bareHelm(t, clients(t)[0])
	write(t, filepath.Join(h.home, "data", "plugins", "other", "plugin.yaml"), "apiVersion: v1\nname: other\n")
	tree := copyTree(t, filepath.Join(t.TempDir(), "tree"))
	for _, built := range []string{"bin", filepath.Join("render", "postrenderer", "bin")} {
		if err := os.CopyFS(filepath.Join(tree, built), os.DirFS(filepath.Join(plugins(), "runtime-auth", built))); err != nil {
			t.Fatal(err)
		}
	}
	r := command{path: tool(t, "sh"), args: []string{"scripts/install.sh"}, dir: tree, env: machine(t, h)}.run(t)
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	expect(t, r.stderr, []string{"warning: ", filepath.Join("other", "plugin.yaml"), "hint: "}, nil)
}
