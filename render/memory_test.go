package render_test

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render"
)

// TestMemory holds a run to its promise, as far as the heap goes: 16 MiB and 1.3 times
// the stream. `make bench` measures whole processes.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	const spare = 16 << 20
	services := gen026(appProxy(passwordEnv()), byName("argocd-token", "token"))
	ordinary := configMapDoc("fill", "a: "+strings.Repeat("x", 40_000)+"\n")
	line := "  key: a value of the usual length\n"
	head := "---\nkind: ConfigMap\ndata:\n"
	for name, tt := range map[string]struct {
		in   io.Reader
		size int // at least
	}{
		"a long stream":                  {in: repeated(ordinary, 64<<20), size: 64 << 20},
		"documents as long as a segment": {in: repeated(configMapDoc("fill", "a: "+strings.Repeat("x", 200_000)+"\n"), 64<<20), size: 64 << 20},
		"one large document":             {in: io.MultiReader(strings.NewReader(head), repeated(line, 64<<20), strings.NewReader("---\na: b\n")), size: 64 << 20},
		"the last one large":             {in: io.MultiReader(strings.NewReader(head), repeated(line, 64<<20)), size: 64 << 20},
		"many tiny documents":            {in: repeated("---\na: b\n", 16<<20), size: 16 << 20},
		"many services":                  {in: repeated(workloadDoc("Deployment", "other", "other", byName("a", "b"), strings.Repeat("  an-annotation: x\n", 2000)), 4<<20), size: 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			limit := uint64(spare + tt.size + tt.size/10*3)
			g := &gauge{in: io.MultiReader(strings.NewReader(services), tt.in)}
			g.look()
			before := g.peak // other tests leave something
			_, err := render.Run(context.Background(), tokenSettings(), g, g, render.Options{})
			if err != nil {
				t.Fatal(err)
			}
			g.look()
			if g.peak -= before; g.peak > limit {
				t.Errorf("%d MiB in use for a stream of %d MiB, want at most %d", g.peak>>20, tt.size>>20, limit>>20)
			}
			if g.written < tt.size {
				t.Errorf("only %d bytes came out", g.written)
			}
			t.Logf("%d of %d MiB", g.peak>>20, limit>>20)
		})
	}
}

// repeated returns a reader of a text again and again, size bytes or a little more.
func repeated(text string, size int) io.Reader {
	left := size/len(text) + 1
	var now *strings.Reader
	return readerFunc(func(p []byte) (n int, err error) {
		for n < len(p) {
			if now == nil || now.Len() == 0 {
				if left == 0 {
					return n, io.EOF
				}
				left--
				now = strings.NewReader(text)
			}
			k, _ := now.Read(p[n:])
			n += k
		}
		return n, nil
	})
}

// gauge passes a stream on and looks now and then at how much memory is in use.
type gauge struct {
	in      io.Reader
	passed  int
	written int
	peak    uint64
}

func (g *gauge) Read(p []byte) (int, error) {
	n, err := g.in.Read(p)
	g.pass(n)
	return n, err
}

func (g *gauge) Write(p []byte) (int, error) {
	g.written += len(p)
	g.pass(len(p))
	return len(p), nil
}

func (g *gauge) pass(n int) {
	const step = 4 << 20
	if g.passed/step != (g.passed+n)/step {
		g.look()
	}
	g.passed += n
}

// look collects the garbage first, so that only what is held is counted, whatever
// other tests have left.
func (g *gauge) look() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	g.peak = max(g.peak, m.HeapAlloc)
}
