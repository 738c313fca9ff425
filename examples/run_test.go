package examples

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// command is one call of a program.
type command struct {
	path  string
	args  []string
	dir   string
	env   []string // the whole environment
	stdin string
}

// String returns the command as a person would type it, without the canary.
func (c command) String() string {
	words := append([]string{filepath.Base(c.path)}, c.args...)
	return strings.ReplaceAll(strings.Join(words, " "), canary(), "CANARY")
}

// result is what a command did.
type result struct {
	stdout, stderr string
	code           int
}

// run runs the command. Whatever it is and however it ends, it must not print the canary.
func (c command) run(t testing.TB) result {
	t.Helper()
	cmd := exec.Command(c.path, c.args...)
	cmd.Dir, cmd.Env, cmd.Stdin = c.dir, c.env, strings.NewReader(c.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatalf("%s: %v", c.path, err)
	}
	r := result{stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
	for _, leak := range slices.Concat(leaksInManifests(r.stdout), leaks("stderr", r.stderr)) {
		t.Errorf("%s: %s", c, leak)
	}
	return r
}

// ok runs a command that must succeed and returns its stdout.
func (c command) ok(t testing.TB) string {
	t.Helper()
	r := c.run(t)
	if r.code != 0 {
		t.Fatalf("%s: exit code %d\n%s", c, r.code, r.stderr)
	}
	return r.stdout
}

// tool returns the path of a program on PATH that these tests need.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		oracle.Missing(t, "%s is not installed: %v", name, err)
	}
	return path
}

// expect checks that a text has each of some pieces and none of others.
func expect(t testing.TB, text string, present, absent []string) {
	t.Helper()
	for _, piece := range present {
		if !strings.Contains(text, piece) {
			t.Errorf("%q is missing from:\n%s", piece, text)
		}
	}
	for _, piece := range absent {
		if strings.Contains(text, piece) {
			t.Errorf("%q is in:\n%s", piece, text)
		}
	}
}
