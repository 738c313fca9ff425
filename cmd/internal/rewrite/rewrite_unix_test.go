//go:build unix

package rewrite_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
)

func TestModeStays(t *testing.T) {
	for _, mode := range []os.FileMode{0o600, 0o644, 0o664, 0o755, 0o666} {
		name := create(t, "a: 1\n")
		if err := os.Chmod(name, mode); err != nil { // whatever the umask says
			t.Fatal(err)
		}
		if err := rewrite.File(name, []byte("a: 1\n"), []byte("a: 2\n")); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode %v (%v), want %v", info.Mode(), err, mode)
		}
	}
}

func TestOwnerStays(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only the superuser may give files away")
	}
	name := create(t, "a: 1\n")
	const uid, gid = 12345, 23456
	if err := os.Chown(name, uid, gid); err != nil {
		t.Fatal(err)
	}
	if err := rewrite.File(name, []byte("a: 1\n"), []byte("a: 2\n")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if s := info.Sys().(*syscall.Stat_t); s.Uid != uid || s.Gid != gid {
		t.Errorf("owner %d:%d", s.Uid, s.Gid)
	}
	holds(t, name, "a: 2\n")
}

func TestLinkStays(t *testing.T) {
	name := create(t, "a: 1\n")
	link := filepath.Join(t.TempDir(), "link.yaml")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	if err := rewrite.File(link, []byte("a: 1\n"), []byte("a: 2\n")); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != name {
		t.Errorf("the link leads to %q (%v)", to, err)
	}
	holds(t, name, "a: 2\n")
	holds(t, link, "a: 2\n")
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("the superuser may write everywhere")
	}
	name := create(t, "a: 1\n")
	dir := filepath.Dir(name)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if err := rewrite.File(name, []byte("a: 1\n"), []byte("a: 2\n")); err == nil {
		t.Error("no error from a folder that is read-only")
	}
	holds(t, name, "a: 1\n")
}

func TestReadOnlyFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("the superuser may write to every file")
	}
	name := create(t, "a: 1\n")
	if err := os.Chmod(name, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := rewrite.File(name, []byte("a: 1\n"), []byte("a: 2\n")); err == nil {
		t.Error("a write-protected file is replaced")
	}
	holds(t, name, "a: 1\n")
}

// TestNoRoomForANewFile is about a folder that takes no new file from anybody, not
// even from the superuser: the process's own in /proc, where its name can be written.
func TestNoRoomForANewFile(t *testing.T) {
	const name = "/proc/self/comm"
	old, err := os.ReadFile(name)
	if err != nil {
		t.Skip("no /proc here")
	}
	if err := rewrite.File(name, old, []byte("x\n")); err == nil {
		t.Error("no error")
	}
	if now, err := os.ReadFile(name); err != nil || string(now) != string(old) {
		t.Errorf("it holds %q (%v)", now, err)
	}
}
