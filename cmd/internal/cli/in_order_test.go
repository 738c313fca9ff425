package cli

import (
	"bytes"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

func numbers(n int) []string {
	var names []string
	for i := range n {
		names = append(names, strconv.Itoa(i))
	}
	return names
}

// The results come in the order of the names, however long each takes.
func TestInOrder(t *testing.T) {
	for _, n := range []int{0, 1, 3, 500} {
		var got []string
		work := func(name string) string {
			if len(name)%2 == 0 {
				runtime.Gosched()
			}
			return "<" + name + ">"
		}
		inOrder(numbers(n), work, func(name, result string) {
			if result != "<"+name+">" {
				t.Fatalf("%s has the result %s", name, result)
			}
			got = append(got, name)
		})
		if !slices.Equal(got, numbers(n)) {
			t.Errorf("%v of %d", got, n)
		}
	}
}

// While a reader is slow, the rest is not worked on.
func TestInOrderDoesNotRunAhead(t *testing.T) {
	var begun, read int32
	inOrder(numbers(200), func(string) int32 { return atomic.AddInt32(&begun, 1) }, func(string, int32) {
		time.Sleep(time.Millisecond) // time enough to run ahead
		read++
		if ahead := atomic.LoadInt32(&begun) - read; int(ahead) > 8*runtime.GOMAXPROCS(0) {
			t.Fatalf("%d files were worked on that were not wanted yet", ahead)
		}
	})
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, total: 3, next: time.Now().Add(patience)}
	p.step()
	p.clear()
	if out.Len() > 0 {
		t.Errorf("a short run says %q", &out)
	}
	p.next = time.Time{} // the run has taken long by now
	p.step()
	p.clear()
	p.clear()
	if want := "\r\x1b[K2 of 3 files\r\x1b[K"; out.String() != want {
		t.Errorf("a long run says %q, want %q", &out, want)
	}
	out.Reset()
	silent := newProgress(Env{Stderr: &out, Getenv: func(string) string { return "" }}, 3)
	silent.next = time.Time{}
	silent.step()
	silent.clear()
	if out.Len() > 0 {
		t.Errorf("%q on what is no terminal", &out)
	}
}
