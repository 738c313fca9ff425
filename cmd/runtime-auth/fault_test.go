//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// The faults of pipes and signals, seen as the process that started the renderer
// sees them. Those of values and manifests are in testdata/script/render.txtar,
// which lends its files to this test.

// renderers returns both programs with the arguments that make them render.
func renderers(args ...string) [][]string {
	return [][]string{append([]string{"runtime-auth", "render"}, args...), append([]string{"runtime-auth-post-renderer"}, args...)}
}

// manifests returns the values file and manifests of more than a pipe holds.
func manifests(t *testing.T) (values, stream string) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "script", "render.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	values = filepath.Join(t.TempDir(), "values.yaml")
	for _, f := range archive.Files {
		switch f.Name {
		case "token.yaml":
			if err := os.WriteFile(values, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		case "manifests.yaml":
			stream = string(f.Data)
		}
	}
	fill := "---\nkind: ConfigMap\ndata: {a: " + strings.Repeat("x", 4000) + "}\n"
	return values, stream + strings.Repeat(fill, 500)
}

// TestSignals ends a renderer while it waits for manifests. It ends as any program
// does, so that a shell reports 128 and the signal's number; nothing was written.
func TestSignals(t *testing.T) {
	values, stream := manifests(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for _, args := range renderers("-f", values) {
			var stdout bytes.Buffer
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Stdout = &stdout
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(stdin, stream); err != nil { // most of it is read when this returns
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if got := endedBy(cmd.Wait()); got != sig || stdout.Len() > 0 {
				t.Errorf("%s, %v: ended by %v with %d bytes on stdout", args[0], sig, got, stdout.Len())
			}
		}
	}
}

// endedBy returns the signal that ended a process, 0 if none did.
func endedBy(err error) syscall.Signal {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return 0
	}
	return status.Signal()
}

// TestNobodyReads closes the pipe behind standard output, as head does. The renderer
// then ends silently, as cat does: shells report 141.
func TestNobodyReads(t *testing.T) {
	values, stream := manifests(t)
	for _, mode := range [][]string{{"-f", values}, {"-f", values, "--helm4"}} {
		for _, args := range renderers(mode...) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stream), w, &stderr
			cmd.WaitDelay = 10 * time.Second // for what is left on stdin
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = w.Close()
			_, _ = io.ReadFull(r, make([]byte, 10))
			_ = r.Close()
			if got := endedBy(cmd.Wait()); got != syscall.SIGPIPE || stderr.Len() > 0 {
				t.Errorf("%v: ended by %v\n%s", args, got, stderr.String())
			}
		}
	}
}

// TestFiles has standard input and output that fail for good.
func TestFiles(t *testing.T) {
	values, stream := manifests(t)
	folder, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for _, args := range renderers("-f", values) {
		var stdout, stderr bytes.Buffer
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = folder, &stdout, &stderr
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 3 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "read the stream: ") {
			t.Errorf("%v, a folder on stdin: %v\n%s%s", args, err, stdout.String(), stderr.String())
		}
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			continue // there is none on this system
		}
		stderr.Reset()
		cmd = exec.Command(args[0], args[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stream), full, &stderr
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 3 || !strings.Contains(stderr.String(), "write the stream: ") {
			t.Errorf("%v, a full disk on stdout: %v\n%s", args, err, stderr.String())
		}
		_ = full.Close()
	}
}

// writers are commands that print something, with what they need on standard input.
func writers(t *testing.T) map[string]string {
	values, stream := manifests(t)
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("global: {external-arg-cd: {auth: {type: token}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{
		"": "", "help": "", "help lint": "", "-h": "", "lint --help": "", "version": "", "completion bash": "", "completion fish": "",
		"schema": "", "schema lint": "", "schema plan": "",
		"plan -f " + values: stream, "plan --diff -f " + values: stream, "plan --format json -f " + values: stream, "plan --format mermaid -f " + values: stream,
		"plan " + values: "", "plan --format json " + values: "", "lint --diff " + broken: "",
		"export kustomize -f " + values: stream, "export flux -f " + values: stream,
		"export argocd --as plugin --image i --chart-version 0.30.0 --chart oci://h/c": "",
	}
	delete(all, "")
	if programs["runtime-auth-cluster"] != nil {
		all["schema check"], all["check --help"], all["token list -h"] = "", "", ""
	}
	for _, format := range []string{"text", "json", "sarif", "github"} {
		all["lint --format "+format+" "+broken] = ""
		all["lint --format "+format+" -f "+broken] = ""
	}
	return all
}

// TestFullDisk has a full disk behind standard output. Whatever is to be printed, the job
// could not be done then.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for line, stdin := range writers(t) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err) // there is none on this system
		}
		var stderr bytes.Buffer
		cmd := exec.Command("runtime-auth", strings.Fields(line)...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), full, &stderr
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 3 || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%s: %v\n%s", line, err, stderr.String())
		}
		_ = full.Close()
	}
}

// TestPipeWithoutReader has nobody read standard output: the signal ends the program.
func TestPipeWithoutReader(t *testing.T) {
	t.Parallel()
	for line, stdin := range writers(t) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		var stderr bytes.Buffer
		cmd := exec.Command("runtime-auth", strings.Fields(line)...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), w, &stderr
		if got := endedBy(cmd.Run()); got != syscall.SIGPIPE {
			t.Errorf("%s: ended by %v\n%s", line, got, stderr.String())
		}
		_ = w.Close()
	}
}

// TestMessagesThatCannotBeWritten has a full disk behind standard error, where the
// findings of the wrapper and the renderers go.
func TestMessagesThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	warned := filepath.Join(dir, "warned.yaml")
	if err := os.WriteFile(warned, []byte("global: {external-argo-cd: {auth: {type: token, token: s3cr3t-token}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stream := manifests(t)
	for _, args := range append(renderers("-f", warned), []string{"runtime-auth", "template", "x", "chart", "-f", warned}) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "HELM_BIN="+helmStub(t), "HELM_PLUGIN_DIR="+dir)
		cmd.Stdin, cmd.Stderr = strings.NewReader(stream), full
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 3 {
			t.Errorf("%v: %v", args, err)
		}
		_ = full.Close()
	}
}
