//go:build unix

package main_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestSilentPipe gives a pipe to which nobody writes where a file is expected: Ctrl-C ends
// the program, by the signal.
func TestSilentPipe(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "runtime-auth") // TestMain runs the program of that name
	if err := os.Symlink(program, link); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"a file": {"lint"}, "merged values": {"lint", "-f"}, "Argo CD's configuration": {"lint", "none.yaml", "--argo-cd"},
		"the post-renderer's values": {"render", "-f"}, "an inventory": {"plan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			var output bytes.Buffer
			cmd := exec.Command(link, append(args, pipe)...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader([]byte("kind: Deployment\n")), &output, &output
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill()
			writer := openWriter(t, pipe) // so it reads, or is about to
			defer writer.Close()
			time.Sleep(50 * time.Millisecond)
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			var failed *exec.ExitError
			if !errors.As(err, &failed) || failed.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
				t.Errorf("%v: %v\n%s", args, err, output.Bytes())
			}
		})
	}
}

// openWriter waits until somebody reads the pipe.
func openWriter(t *testing.T, pipe string) *os.File {
	t.Helper()
	for range 500 {
		f, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			return f
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("nobody reads the pipe")
	return nil
}
