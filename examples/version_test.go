package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pluginVersion reads the version out of the plugin.yaml in a folder.
func pluginVersion(t testing.TB, folder string) string {
	t.Helper()
	return submatch(regexp.MustCompile(`(?m)^version: (\S+)$`), read(t, filepath.Join(folder, "plugin.yaml")))
}

// What says which version this is has to say the same everywhere.
func TestVersionsAgree(t *testing.T) {
	version := pluginVersion(t, "..")
	if version == "" {
		t.Fatal("plugin.yaml has no version")
	}
	if post := pluginVersion(t, "../render/postrenderer"); post != version {
		t.Errorf("the plugins are %s and %s", version, post)
	}
	expect(t, read(t, "pre-commit/.pre-commit-config.yaml"), []string{"rev: v" + version + " "}, nil)
}

// A release is made on the tag of its version, and on no other.
func TestReleaseTag(t *testing.T) {
	tag := func(name string) command {
		return command{path: tool(t, "sh"), args: []string{"../scripts/release-tag.sh", name}, env: os.Environ()}
	}
	tag("v" + pluginVersion(t, "..")).ok(t)
	for _, wrong := range []string{pluginVersion(t, ".."), "v99.0.0", ""} {
		if r := tag(wrong).run(t); r.code != 1 || !strings.Contains(r.stderr, "it must be v") {
			t.Errorf("%q: exit code %d\n%s", wrong, r.code, r.stderr)
		}
	}
}
