package rewrite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
)

func create(t *testing.T, content string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(name, []byte(content), 0o640); err != nil {
		t.Fatal(err)
	}
	return name
}

// holds fails unless the file has the content, and its folder nothing but the files named.
func holds(t *testing.T, name, content string, others ...string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil || string(data) != content {
		t.Errorf("%s holds %q (%v), want %q", name, data, err, content)
	}
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(entries) != 1+len(others) {
		t.Errorf("the folder holds %v (%v)", entries, err)
	}
}

func TestFile(t *testing.T) {
	for _, test := range []struct{ name, old, new string }{
		{"longer", "a: 1\n", "a: 1\nb: 2\n"},
		{"shorter", "a: 1\nb: 2\n", "a: 1\n"},
		{"emptied", "a: 1\n", ""},
		{"filled", "", "a: 1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := create(t, test.old)
			if err := rewrite.File(name, []byte(test.old), []byte(test.new)); err != nil {
				t.Fatal(err)
			}
			holds(t, name, test.new)
		})
	}
}

func TestAFileThatChangedStays(t *testing.T) {
	for _, now := range []string{"a: 2\n", "a: 1\nb: 2\n", "a:", ""} {
		name := create(t, now)
		err := rewrite.File(name, []byte("a: 1\n"), []byte("a: 3\n"))
		if !errors.Is(err, rewrite.ErrChanged) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: error %v", now, err)
		}
		holds(t, name, now)
	}
}

func TestErrors(t *testing.T) {
	if err := rewrite.File(filepath.Join(t.TempDir(), "none.yaml"), nil, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := rewrite.File(t.TempDir(), nil, nil); err == nil {
		t.Error("a folder is written")
	}
}
