//go:build unix

package helm

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"helm.sh/helm/v3/pkg/strvals"
)

func newOnce(t *testing.T, stdin io.Reader) *Once {
	t.Helper()
	t.Setenv("TMPDIR", filepath.Join(t.TempDir()))
	o := &Once{Private: &Private{}, Stdin: stdin}
	t.Cleanup(func() {
		if err := o.Private.Remove(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func line(t *testing.T, args ...string) *Line {
	t.Helper()
	l, err := Parse(Upgrade, args, pflag.NewFlagSet("", pflag.ContinueOnError), false)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Files stay what they are; standard input becomes a file that only its owner can read,
// however often it is given.
func TestOnceStdin(t *testing.T) {
	o := newOnce(t, strings.NewReader("a: 1\n"))
	l := line(t, "rel", "chart", "-f", "b.yaml", "-f", "-", "-f", " - ", "--set-file", "x=-,y=z.txt")
	given, err := o.Replace(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(given.Files, "|") != "b.yaml|-| - " || !o.UsesStdin() {
		t.Errorf("given: %q", given.Files)
	}
	stand := o.Path("-")
	info, err := os.Stat(stand)
	if err != nil || info.Mode() != 0o600 || content(t, stand) != "a: 1\n" {
		t.Errorf("%v, %v", info, err)
	}
	folder, err := os.Stat(filepath.Dir(filepath.Dir(stand)))
	if err != nil || folder.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", folder, err)
	}
	if got := strings.Join(l.Values().Files, "|"); got != "b.yaml|"+stand+"|"+stand {
		t.Errorf("helm reads %q", got)
	}
	if got := l.Last("set-file"); got != "x="+stand+",y=z.txt" {
		t.Error(got)
	}
	if err := o.Private.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Private.Write("late", nil); err == nil {
		t.Error("a file is written after the folder was removed")
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

// What is there but not a file of values is left to its reader.
func TestOnceLeaves(t *testing.T) {
	o := newOnce(t, strings.NewReader(""))
	dir := t.TempDir()
	for _, name := range []string{dir, filepath.Join(dir, "missing.yaml"), "https://example.com/values.yaml"} {
		l := line(t, "-f", name)
		if _, err := o.Replace(t.Context(), l); err != nil || l.Last("values") != name {
			t.Errorf("%s: %v, %v", name, l.Flags, err)
		}
	}
	if o.UsesStdin() {
		t.Error("standard input was not given")
	}
}

func TestOnceBounds(t *testing.T) {
	o := newOnce(t, endless{})
	_, err := o.Replace(t.Context(), line(t, "-f", "-"))
	if err == nil || !strings.Contains(err.Error(), `cannot read "-": larger than 16 MiB`) {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// silent never has anything to read.
type silent struct{}

func (silent) Read([]byte) (int, error) { select {} }

func TestOnceEndsWithContext(t *testing.T) {
	o := newOnce(t, silent{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := o.Replace(ctx, line(t, "-f", "-")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// FuzzMapPaths holds the paths that are found in a --set-file to those that Helm's
// parser reads, before and after they are replaced.
func FuzzMapPaths(f *testing.F) {
	for _, text := range []string{
		"a=b", "a=b,c=d", "a.b[0].c=x", "a={b,c}", "a={b},c=d", `a=b\,c`, `a\=b=c`, "a={x\\}y,z},b=c", "a=", "a={}", "a=b=c", `a=b\\`,
		"a[0]=b,a[1]=c", "a={b,c},d={e}", "a", "", "a=,b=c", "a={b", `a=b\`, "a,b=c", "a=/dev/fd/63",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const marked = `C:\x,y}`
		read := func(text string) (paths []string, err error) {
			err = strvals.ParseIntoFile(text, map[string]any{}, func(rs []rune) (any, error) {
				paths = append(paths, string(rs))
				return "", nil
			})
			return paths, err
		}
		same, err := mapPaths(text, func(path string) (string, error) { return path, nil })
		if err != nil || same != text {
			t.Errorf("%q becomes %q, %v", text, same, err)
		}
		want, wantErr := read(text)
		if wantErr != nil {
			return // helm refuses it
		}
		next, _ := mapPaths(text, func(path string) (string, error) { return marked + path, nil })
		got, err := read(next)
		for i := range want {
			want[i] = marked + want[i]
		}
		if err != nil || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q becomes %q: helm reads %q, not %q, %v", text, next, got, want, err)
		}
	})
}

func TestMapPathsFails(t *testing.T) {
	failure := errors.New("no")
	if _, err := mapPaths("a=b", func(string) (string, error) { return "", failure }); !errors.Is(err, failure) {
		t.Error(err)
	}
}
