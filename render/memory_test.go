package render_test

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render"
)

// TestConstantMemory passes on a stream that is far larger than the memory it may take.
func TestConstantMemory(t *testing.T) {
	const size, limit = 128 << 20, 32 << 20
	services := gen026(appProxy(passwordEnv()), byName("argocd-token", "token"))
	in := &endless{doc: []byte(configMapDoc("fill", "a: "+strings.Repeat("x", 40000)+"\n")), left: size}
	runtime.GC()
	var out counter
	_, err := render.Run(context.Background(), tokenSettings(), io.MultiReader(strings.NewReader(services), in), &out, render.Options{Stream: true})
	if err != nil {
		t.Fatal(err)
	}
	if in.peak > limit {
		t.Errorf("%d MiB in use for a stream of %d", in.peak>>20, size>>20)
	}
	if out < size {
		t.Errorf("only %d bytes came out", out)
	}
}

// endless repeats a document, and looks now and then at how much memory is in use.
type endless struct {
	doc  []byte
	left int
	at   int
	peak uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.at = e.at % len(e.doc); e.at == 0 && e.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p, e.doc[e.at:])
	if e.left/(8<<20) != (e.left-n)/(8<<20) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.peak = max(e.peak, m.HeapAlloc)
	}
	e.at, e.left = e.at+n, e.left-n
	return n, nil
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
