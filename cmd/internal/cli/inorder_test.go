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
	for _, workers := range []int{1, 2, 8} {
		for _, n := range []int{0, 1, 3, 500} {
			var got []string
			for name, result := range inOrder(numbers(n), workers, func(name string) string {
				if len(name)%2 == 0 {
					runtime.Gosched()
				}
				return "<" + name + ">"
			}) {
				if result != "<"+name+">" {
					t.Fatalf("%s has the result %s", name, result)
				}
				got = append(got, name)
			}
			if !slices.Equal(got, numbers(n)) {
				t.Errorf("%d workers: %v", workers, got)
			}
		}
	}
}

// A reader that is slow, or stops, does not have the rest worked on.
func TestInOrderDoesNotRunAhead(t *testing.T) {
	const workers = 2
	var done atomic.Int32
	before := runtime.NumGoroutine()
	for range inOrder(numbers(10_000), workers, func(string) int { return int(done.Add(1)) }) {
		time.Sleep(10 * time.Millisecond) // time enough to run ahead
		break
	}
	if n := done.Load(); n > 8*workers {
		t.Errorf("%d files were worked on for one that was wanted", n)
	}
	for range 100 { // a goroutine that is done takes a moment to go
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left over", runtime.NumGoroutine()-before)
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, 3)
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
	silent := newProgress(nil, 3)
	silent.next = time.Time{}
	silent.step()
	silent.clear()
}
