package input_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
)

// endless is a device: it has the same byte for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestReader(t *testing.T) {
	for _, size := range []int{0, 1, 4095, 4096, 4097, 100_000, input.MaxSize - 1, input.MaxSize} {
		for name, r := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "data with EOF": iotest.DataErrReader} {
			data, err := input.Reader("x", r(io.LimitReader(endless{}, int64(size))))
			if err != nil || len(data) != size {
				t.Errorf("%s: %d bytes read as %d, %v", name, size, len(data), err)
			}
		}
	}
	for name, r := range map[string]io.Reader{"one byte more": io.LimitReader(endless{}, input.MaxSize+1), "without an end": endless{}} {
		data, err := input.Reader("x", r)
		if !errors.Is(err, input.ErrTooLarge) || len(data) != input.MaxSize || !strings.HasPrefix(err.Error(), "x: larger than 16 MiB") {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
	broken := errors.New("broken")
	data, err := input.Reader("x", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || string(data) != "abc" || err.Error() != "x: broken" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", "a: b\n", strings.Repeat("x", 10_000)} {
		name := filepath.Join(dir, "v.yaml")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if data, err := input.File(name); err != nil || !bytes.Equal(data, []byte(text)) {
			t.Errorf("%d bytes read as %d, %v", len(text), len(data), err)
		}
	}
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, input.MaxSize+1); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(dir, "none.yaml")
	for name, want := range map[string]error{none: fs.ErrNotExist, large: input.ErrTooLarge} {
		_, err := input.File(name)
		var e *input.Error
		if !errors.Is(err, want) || !errors.As(err, &e) || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := input.File(dir); err == nil || !strings.HasPrefix(err.Error(), dir+": ") {
		t.Errorf("a folder: %v", err)
	}
}
