//go:build bench && unix

package bench

import (
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
)

// startRatio is how many times as long the post-renderer may take from its start to
// its exit as a program that says hello.
const startRatio = 4

const hello = `package main

import "fmt"

func main() { fmt.Println("hello, world") }
`

func TestBenchStart(t *testing.T) {
	b := newBench(t)
	values := filepath.Join(t.TempDir(), "values.yaml")
	write(t, values, credential)
	programs := []program{{name: "hello", args: []string{buildHello(t)}, check: succeeds}}
	for _, args := range [][]string{{"runtime-auth-post-renderer"}, {"runtime-auth", "render"}} {
		programs = append(programs, starts(filepath.Join(b.bin, args[0]), values, args[1:]...)...)
	}
	costs := b.run("start to exit", 61, 1, programs...)
	for i, c := range costs {
		// The third run of each is for the table alone: it has manifests to wire, so that
		// it is more than a start.
		if what := programs[i].name; i == 1 || i == 2 { // of the post-renderer
			b.atMost("time of "+what+" / hello", float64(c.wall)/float64(costs[0].wall), startRatio)
		}
	}
	b.print("runs")
}

// starts are the shortest runs of a program.
func starts(binary, values string, args ...string) []program {
	name := filepath.Base(binary)
	call := func(more ...string) []string { return append(append([]string{binary}, args...), more...) }
	return []program{
		{name: name + ", no input", args: call("-f", values), check: exits(3)},
		{name: name + " --help", args: call("--help"), check: exits(0, 2)},
		{name: name + ", only the services", args: call("-f", values), check: succeeds, stdin: func(w io.Writer) error {
			_, err := io.WriteString(w, onlyServices())
			return err
		}},
	}
}

func exits(codes ...int) func(outcome) error {
	return func(o outcome) error {
		for _, code := range codes {
			if o.code == code {
				return nil
			}
		}
		return fmt.Errorf("the exit code is none of %d", codes)
	}
}

// buildHello builds the least that a Go program can be, in the way that ours are built.
func buildHello(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "go.mod"), "module hello\n\ngo 1.26\n")
	write(t, filepath.Join(folder, "main.go"), hello)
	build := exec.Command("go", "build", "-trimpath", "-o", "hello", ".")
	build.Dir, build.Env = folder, append(build.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(folder, "hello")
}
