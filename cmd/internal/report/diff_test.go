package report_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	source "github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// version is a text of which a lint has hidden what the schema says is a credential.
func version(t *testing.T, name, text string) report.Version {
	t.Helper()
	result, err := new(schema.Linter).LintFile(name, []byte(text), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report.Version{Data: []byte(text), Lines: result.Masks.Whole()}
}

func diffOf(t *testing.T, name, before, after string, color bool) string {
	t.Helper()
	var out bytes.Buffer
	err := report.Diff(&out, color, name, version(t, name, before), version(t, name, after))
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestDiff(t *testing.T) {
	for _, test := range []struct {
		name, file, before, after, want string
	}{
		{"a key", "values.yaml",
			"a: 1\nglobal:\n  external-arg-cd: {}\n", "a: 1\nglobal:\n  external-argo-cd: {}\n",
			"--- a/values.yaml\n+++ b/values.yaml\n@@ -1,3 +1,3 @@\n a: …\n global:\n-  external-arg-cd: {}\n+  external-argo-cd: {}\n"},
		{"nothing", "values.yaml", "a: 1\n", "a: 1\n", ""},
		{"credentials on both sides", "v.yaml",
			"auth:\n  password: s3cr3t-4711 # s3cr3t-4711\n  type: Token\n",
			"auth:\n    password: s3cr3t-4711 # s3cr3t-4711\n    type: token\n",
			"--- a/v.yaml\n+++ b/v.yaml\n@@ -1,3 +1,3 @@\n auth:\n-  password: … # …\n-  type: Token\n+    password: … # …\n+    type: token\n"},
		{"CRLF", "v.yaml", "a: b\r\nc: true\r\n", "a: b\r\nc: false\r\n",
			"--- a/v.yaml\n+++ b/v.yaml\n@@ -1,2 +1,2 @@\n a: …\r\n-c: true\r\n+c: false\r\n"},
		{"no last line break", "v.yaml", "a: true", "a: false",
			"--- a/v.yaml\n+++ b/v.yaml\n@@ -1,1 +1,1 @@\n-a: true\n\\ No newline at end of file\n+a: false\n\\ No newline at end of file\n"},
		{"control characters", "v.yaml", "a: b # \x1b[2J\x07\tc\u202e\n", "a: true\n",
			"--- a/v.yaml\n+++ b/v.yaml\n@@ -1,1 +1,1 @@\n-a: …\n+a: true\n"},
		{"byte order mark", "v.yaml", "\ufeffa: true\n", "\ufeffa: false\n",
			"--- a/v.yaml\n+++ b/v.yaml\n@@ -1,1 +1,1 @@\n-\ufeffa: true\n+\ufeffa: false\n"},
		{"space and backslash in the name", `my dir\v.yaml`, "a: true\n", "a: false\n",
			"--- a/my dir/v.yaml\t\n+++ b/my dir/v.yaml\t\n@@ -1,1 +1,1 @@\n-a: true\n+a: false\n"},
		{"line break in the name", "/a\nb.yaml", "a: true\n", "a: false\n",
			"--- a/a\ufffdb.yaml\n+++ b/a\ufffdb.yaml\n@@ -1,1 +1,1 @@\n-a: true\n+a: false\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, diffOf(t, test.file, test.before, test.after, false)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestDiffIsHarmless prints what a terminal would obey, from a source that parses to nobody.
func TestDiffIsHarmless(t *testing.T) {
	const before, after = "a: \x1b[31m\tb\u00a0\u202e\xff\r\r\nb: 1\n", "a: 2\nb: 1\n"
	var out bytes.Buffer
	v := func(text string) report.Version {
		return report.Version{Data: []byte(text), Lines: lines{text: source.New([]byte(text))}}
	}
	if err := report.Diff(&out, false, "v.yaml", v(before), v(after)); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(out.String(), "@@ -1,2 +1,2 @@\n")
	want := "-a: \ufffd[31m\tb\u00a0\ufffd\ufffd\r\n+a: 2\n b: 1\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// unknown is a source of which nobody knows anything.
type unknown struct{}

func (unknown) Line(string, int) ([]mask.Piece, bool) { return nil, false }

func TestDiffHidesWhatNobodyCanJudge(t *testing.T) {
	var out bytes.Buffer
	before := report.Version{Data: []byte("a: s3cr3t\n\nb: 1\n"), Lines: unknown{}}
	if err := report.Diff(&out, false, "v.yaml", before, report.Version{Lines: unknown{}}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Contains(got, "s3cr3t") || !strings.Contains(got, "-…\n-\n-…\n") {
		t.Error(got)
	}
}

func TestDiffColor(t *testing.T) {
	got := diffOf(t, "v.yaml", "a: true\r\nc: 1\r\n", "a: false\r\nc: 1\r\n", true)
	want := "\x1b[1m--- a/v.yaml\x1b[0m\n\x1b[1m+++ b/v.yaml\x1b[0m\n\x1b[36m@@ -1,2 +1,2 @@\x1b[0m\n" +
		"\x1b[31m-a: true\x1b[0m\r\n\x1b[32m+a: false\x1b[0m\r\n c: …\r\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDiffReportsAWriteError(t *testing.T) {
	v := report.Version{Data: []byte("a\n"), Lines: unknown{}}
	if err := report.Diff(broken{}, false, "v.yaml", v, report.Version{Lines: unknown{}}); err == nil {
		t.Error("no error from a closed pipe")
	}
}

// TestDiffApplies gives diffs to git.
func TestDiffApplies(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git here")
	}
	for _, test := range []struct{ file, before, after string }{
		{"values.yaml", "a: 1\nb: 2\n", "a: 1\nb: 3\n"},
		{"my values.yaml", "a: 1\r\n\tb\r\nc: ü\u00a0\r\n", "a: 2\r\n\tb\r\nc: ü\u00a0\r\n"},
		{"values.yaml", "\ufeffa: 1", "\ufeffa: 2\nb: 1"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, test.file), []byte(test.before), 0o600); err != nil {
			t.Fatal(err)
		}
		v := func(text string) report.Version {
			return report.Version{Data: []byte(text), Lines: lines{text: source.New([]byte(text))}}
		}
		var patch bytes.Buffer
		if err := report.Diff(&patch, false, test.file, v(test.before), v(test.after)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(git, "apply", "-")
		cmd.Dir, cmd.Stdin = dir, &patch
		cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, test.file)); string(got) != test.after {
			t.Errorf("becomes %q", got)
		}
	}
}
