// Package oracle finds what tests compare with and the repository cannot hold: the
// manifests that the real chart rendered, in the folder shared beside the repository. It
// also decides, for these and for every tool, whether a test without them is skipped or
// fails. It is for tests alone.
package oracle

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Required reports whether nothing may be skipped: RUNTIME_AUTH_REQUIRE is set, as it is in CI.
func Required() bool { return os.Getenv("RUNTIME_AUTH_REQUIRE") != "" }

// Missing skips a test for want of what the message says, or fails it where nothing may
// be skipped.
func Missing(tb testing.TB, format string, args ...any) {
	tb.Helper()
	if Required() {
		tb.Fatalf(format, args...)
	}
	tb.Skipf(format, args...)
}

// Files returns the files below shared that match one of the patterns, such as
// corpus/*/full.yaml. Where there are none the test is skipped, or fails.
func Files(tb testing.TB, patterns ...string) []string {
	tb.Helper()
	found := Optional(tb, patterns...)
	if len(found) == 0 {
		tb.Skipf("no %q in the folder shared beside the repository", patterns)
	}
	return found
}

// Open returns what is in a file below shared, such as argocd/recording-3.5.1.jsonl. Where it
// is not there the test is skipped, or fails.
func Open(tb testing.TB, name string) *bytes.Reader {
	tb.Helper()
	text, err := os.ReadFile(Files(tb, name)[0])
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.NewReader(text)
}

// Optional is Files for a test that has other input too: it goes on without them, unless
// nothing may be skipped.
func Optional(tb testing.TB, patterns ...string) []string {
	tb.Helper()
	var found []string
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(root(tb), "..", "shared", filepath.FromSlash(pattern)))
		if err != nil {
			tb.Fatal(err)
		}
		if len(names) == 0 && Required() {
			tb.Fatalf("no %q in the folder shared beside the repository", pattern)
		}
		found = append(found, names...)
	}
	return found
}

// root returns the folder of the module that the test is in.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	tb.Fatalf("no go.mod in any folder above the test: %v", err)
	return ""
}
