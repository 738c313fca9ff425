//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReportTakesNoPlace gives a report the place of what a renderer reads or writes. It
// is refused before anything is read, so that nothing is written and every file stays.
func TestReportTakesNoPlace(t *testing.T) {
	t.Parallel()
	values, stream := manifests(t)
	dir := filepath.Dir(values)
	in, link, hard, env, set := filepath.Join(dir, "in.yaml"), filepath.Join(dir, "link"), filepath.Join(dir, "hard"), filepath.Join(dir, "env.yaml"), filepath.Join(dir, "set.txt")
	for name, text := range map[string]string{in: stream, env: "a: b\n", set: "x"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(values, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(in, hard); err != nil {
		t.Fatal(err)
	}
	given, err := os.ReadFile(values)
	if err != nil {
		t.Fatal(err)
	}
	chart := filepath.Join(dir, "chart")
	if err := os.Mkdir(chart, 0o700); err != nil {
		t.Fatal(err)
	}
	defaults := filepath.Join(chart, "values.yaml")
	if err := os.WriteFile(defaults, []byte("a: b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{"-f", values, "--set-file", "a.b=" + set, "--chart", chart}
	programs := append(renderers(flags...), append([]string{"runtime-auth", "plan"}, flags...))
	for _, target := range []string{"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/stdin", "/dev/null", "-", values, link, in, hard, env, set, dir, defaults} {
		if _, err := os.Stat(target); err != nil && target != "-" {
			continue // not on this system
		}
		for _, program := range programs {
			for _, toFile := range []bool{false, true} {
				if toFile && !strings.HasSuffix(target, "stdout") {
					continue
				}
				stdin, err := os.Open(in)
				if err != nil {
					t.Fatal(err)
				}
				var stdout, stderr bytes.Buffer
				cmd := exec.Command(program[0], append(program[1:], "--report", target)...)
				cmd.Env = append(os.Environ(), "RUNTIME_AUTH_VALUES="+env)
				cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
				if toFile {
					out, err := os.Create(filepath.Join(dir, "out"))
					if err != nil {
						t.Fatal(err)
					}
					cmd.Stdout = out
					defer out.Close()
				}
				err = cmd.Run()
				_ = stdin.Close()
				if info, _ := os.Stat(filepath.Join(dir, "out")); cmd.ProcessState.ExitCode() != 2 || stdout.Len() > 0 || toFile && info.Size() > 0 ||
					!strings.Contains(stderr.String(), "cannot be the report: it ") {
					t.Errorf("%v --report %s: %v\n%s", program, target, err, stderr.String())
				}
			}
		}
	}
	for name, want := range map[string]string{values: string(given), in: stream, env: "a: b\n", set: "x", defaults: "a: b\n"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s was changed: %v", filepath.Base(name), err)
		}
	}
}
