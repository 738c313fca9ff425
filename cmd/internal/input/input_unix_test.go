//go:build unix

package input_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
)

// TestDevice reads what has no end.
func TestDevice(t *testing.T) {
	if data, err := input.File("/dev/zero"); !errors.Is(err, input.ErrTooLarge) || len(data) != input.MaxSize {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// TestPipe reads what somebody else writes, piece by piece.
func TestPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return // the reader then fails
		}
		defer f.Close()
		for range 3 {
			f.WriteString("a: b\n")
		}
	}()
	if data, err := input.File(name); err != nil || string(data) != "a: b\na: b\na: b\n" {
		t.Errorf("%q, %v", data, err)
	}
}
