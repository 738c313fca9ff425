//go:build unix

package postrender_test

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/postrender"
)

// What is no regular file is written to, not replaced.
func TestReportToAPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	// Open for both, so that neither side waits for the other.
	pipe, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if got := execute(t, postrender.PlanCommand, manifests(t), "--report", name); got.code != 0 {
		t.Fatal(got.message)
	}
	if info, err := os.Lstat(name); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatal("it is no pipe any more")
	}
	data := make([]byte, 64<<10)
	if n, err := pipe.Read(data); err != nil || !bytes.Contains(data[:n], []byte(`"ok": true`)) {
		t.Errorf("%v: %s", err, data[:n])
	}
}
