package fleet_test

import (
	"errors"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
)

func numbers(n int) []fleet.File {
	var files []fleet.File
	for i := range n {
		files = append(files, fleet.File{Name: strconv.Itoa(i)})
	}
	return files
}

// The results come in the order of the names, however long each takes, and what fails hides
// none of the others.
func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 3, 500} {
		var got []fleet.File
		work := func(f fleet.File) (string, error) {
			if len(f.Name)%2 == 0 {
				runtime.Gosched()
			}
			if f.Name == "1" {
				return "", errors.New("work " + f.Name)
			}
			return "<" + f.Name + ">", nil
		}
		failed := fleet.Each(numbers(n), work, func(f fleet.File, result string) error {
			if result != "<"+f.Name+">" {
				t.Fatalf("%s has the result %s", f.Name, result)
			}
			got = append(got, f)
			if f.Name == "2" {
				return errors.New("done " + f.Name)
			}
			return nil
		})
		want := slices.DeleteFunc(numbers(n), func(f fleet.File) bool { return f.Name == "1" })
		if !slices.EqualFunc(got, want, func(a, b fleet.File) bool { return a.Name == b.Name }) {
			t.Errorf("%v of %d", got, n)
		}
		if n > 2 && (len(failed) != 2 || failed[0].Error() != "work 1" || failed[1].Error() != "done 2") {
			t.Errorf("of %d these failed: %v", n, failed)
		}
	}
}

// While a reader is slow, the rest is not worked on.
func TestEachDoesNotRunAhead(t *testing.T) {
	var begun, read int32
	work := func(fleet.File) (int32, error) { return atomic.AddInt32(&begun, 1), nil }
	fleet.Each(numbers(200), work, func(fleet.File, int32) error {
		time.Sleep(time.Millisecond) // time enough to run ahead
		read++
		if ahead := atomic.LoadInt32(&begun) - read; int(ahead) > 8*runtime.GOMAXPROCS(0) {
			t.Fatalf("%d files were worked on that were not wanted yet", ahead)
		}
		return nil
	})
}
