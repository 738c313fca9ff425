package values_test

import (
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/outline"
)

func skipAll([]string, []byte) outline.Keep { return outline.Skip }

// TestComplete asks for the whole file from several goroutines: it is parsed once.
func TestComplete(t *testing.T) {
	part, err := values.ParsePart("v.yaml", []byte("a: 1\nb: 2\n"), skipAll)
	if err != nil || !part.Partial() {
		t.Fatal("read as a whole", err)
	}
	found := make(chan *values.File)
	for range 4 {
		go func() {
			f, _ := part.Complete()
			found <- f
		}()
	}
	first := <-found
	for range 3 {
		if f := <-found; f != first {
			t.Error("parsed more than once")
		}
	}
	if first.Source != part.Source || len(first.Root.Fields) != 2 {
		t.Errorf("the whole file is %v", first.Root.Data())
	}
	if again, err := first.Complete(); again != first || err != nil {
		t.Error("a whole file is not its own completion", err)
	}
}
