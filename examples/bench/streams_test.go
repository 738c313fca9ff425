//go:build bench && unix

package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// release is a stream of manifests, which can be made longer than it is.
type release struct {
	name     string
	manifest string
	wired    string   // what the post-renderer makes of it
	changes  []change // what it did to the services
	copies   []document
}

// document is one that nothing is wired in, cut behind its name.
type document struct{ head, tail string }

// releases returns those of the corpus, real charts with everything switched on, or one made up that is as large.
func releases(t *testing.T) []release {
	t.Helper()
	files := oracle.Optional(t, "corpus/*/full.yaml")
	if len(files) == 0 {
		fmt.Println("skipped: no manifests of real charts stand beside the repository; made-up ones of the same size take their place")
		return []release{{name: "made up", manifest: madeUp()}}
	}
	var all []release
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, release{name: filepath.Base(filepath.Dir(file)), manifest: string(text)})
	}
	return all
}

// learn takes note of what the post-renderer made of the release: which documents it
// changed and how, and that it left all others alone.
func (r *release) learn(wired string) error {
	before, after := documents(r.manifest), documents(wired)
	if len(before) != len(after) {
		return fmt.Errorf("%d documents became %d", len(before), len(after))
	}
	r.wired = wired
	for i := range before {
		if before[i] == after[i] {
			r.copies = append(r.copies, cutAtName(before[i]))
			continue
		}
		changes, err := changesOf(before[i], after[i])
		if err != nil {
			return err
		}
		r.changes = append(r.changes, changes...)
	}
	if len(r.changes) < 4 {
		return fmt.Errorf("only %d services were wired", len(r.changes))
	}
	return nil
}

// documents splits what Helm, kustomize and yq write.
func documents(stream string) []string {
	const separator = "\n---\n"
	var all []string
	for {
		i := strings.Index(stream, separator)
		if i < 0 {
			return append(all, stream)
		}
		all, stream = append(all, stream[:i+1]), stream[i+1:]
	}
}

// cutAtName cuts a document behind the name of its object, or at its end.
func cutAtName(text string) document {
	offset, inside := 0, false
	for line := range strings.Lines(text) {
		if name, is := strings.CutPrefix(line, "  name: "); is && inside {
			end := offset + len("  name: ") + len(strings.TrimRight(name, "\"'\r\n "))
			return document{text[:end], text[end:]}
		}
		if !strings.HasPrefix(line, " ") {
			inside = line == "metadata:\n"
		}
		offset += len(line)
	}
	return document{head: text}
}

// write writes the release followed by so many copies of what nothing is wired in,
// less one, so that it is as many times as long.
func (r *release) write(w io.Writer, times int) error { return r.repeat(w, r.manifest, times) }

// want is what must come out for that.
func (r *release) want(times int) (digest, error) {
	sum := newSummer()
	err := r.repeat(sum, r.wired, times)
	return sum.digest(), err
}

func (r *release) repeat(w io.Writer, first string, times int) error {
	if _, err := io.WriteString(w, first); err != nil {
		return err
	}
	var buf bytes.Buffer
	for i := 2; i <= times; i++ {
		for _, d := range r.copies {
			buf.WriteString(d.head)
			if d.tail != "" { // no name is used twice
				fmt.Fprintf(&buf, "-%d", i)
			}
			buf.WriteString(d.tail)
		}
		if _, err := buf.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}

// largest is the size of the largest document.
func (r *release) largest() int64 {
	most := 0
	for _, d := range documents(r.manifest) {
		most = max(most, len(d))
	}
	return int64(most)
}
