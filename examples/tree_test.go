//go:build install

package examples

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// copyTree copies the working tree, without what is built in it, into a new
// repository with one commit, and returns its folder.
func copyTree(t testing.TB, dir string) string {
	t.Helper()
	built := []string{".git", "bin", "dist", filepath.Join("render", "postrenderer", "bin")}
	root := absolute(t, "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case slices.Contains(built, rel) && d.IsDir():
			return fs.SkipDir
		case rel == ".git": // of a worktree it is a file, and leads back to the repository
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		case !d.Type().IsRegular():
			return nil // a socket
		}
		return copyFile(path, filepath.Join(dir, rel))
	})
	if err != nil {
		t.Fatal(err)
	}
	commit(t, dir)
	return dir
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}

// commit makes a repository of a folder, or adds a commit to it, with all its files.
func commit(t testing.TB, dir string) {
	t.Helper()
	git(t, dir, "init", "-q")
	git(t, dir, "add", "-A")
	git(t, dir, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "files")
}

// git runs git in dir, without the settings of whoever runs the tests.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	env := append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	return command{path: tool(t, "git"), args: args, dir: dir, env: env}.ok(t)
}

// goEnv asks go for one of its settings.
func goEnv(t testing.TB, name string) string {
	t.Helper()
	return strings.TrimSpace(command{path: tool(t, "go"), args: []string{"env", name}, env: os.Environ()}.ok(t))
}

func replaceOne(t testing.TB, text, pattern, replacement string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	if n := len(re.FindAllString(text, -1)); n != 1 {
		t.Fatalf("%s matches %d times", pattern, n)
	}
	return re.ReplaceAllLiteralString(text, replacement)
}
