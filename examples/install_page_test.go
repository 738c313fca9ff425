//go:build install

package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// installPage types what docs/install.md says into a shell: the blocks for Helm 3 and
// for Helm 4, and the one that removes the plugins again.
func installPage(t *testing.T, key signingKey, r release) {
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(read(t, "../docs/install.md"), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks in docs/install.md", len(blocks))
	}
	for i, c := range clients(t) {
		t.Run("helm"+c.major, func(t *testing.T) {
			h := bareHelm(t, c)
			bin := filepath.Join(h.home, ".local", "bin")
			must(t, os.MkdirAll(bin, 0o755))
			h.env = append(h.env, "PATH="+bin+string(os.PathListSeparator)+filepath.Join(h.home, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
			dir := filepath.Join(t.TempDir(), "downloads")
			must(t, os.CopyFS(dir, os.DirFS(r.folder)))
			must(t, copyFile(key.public, filepath.Join(dir, "runtime-auth.gpg")))
			typeIn(t, h, dir, r, blocks[i][1])
			isVersion(t, h, r)
			useEverything(t, h)
			remove := blocks[2][1]
			if c.major == "3" {
				remove, _, _ = strings.Cut(remove, "helm plugin uninstall runtime-auth-post-renderer")
			}
			typeIn(t, h, dir, r, remove)
			isGone(t, h)
		})
	}
}

// typeIn runs lines in a shell, for this version and platform.
func typeIn(t *testing.T, h *helm, dir string, r release, lines string) {
	t.Helper()
	lines = strings.NewReplacer("VERSION", r.version, "OS-ARCH", runtime.GOOS+"-"+runtime.GOARCH).Replace(lines)
	command{path: "/bin/sh", args: []string{"-ec", lines}, dir: dir, env: h.env}.ok(t)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
