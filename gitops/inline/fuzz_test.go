package inline_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// FuzzRelease lints and mends any manifest. Nothing may panic, every place must be in
// the file, and what is mended must be a manifest with the same releases.
func FuzzRelease(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
		f.Add(bytes.ReplaceAll(archive.Files[0].Data, []byte("\n"), []byte("\r\n")))
	}
	linter := &schema.Linter{}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		before := bytes.Clone(data)
		releases, err := inline.Find(manifestName, data)
		if err != nil {
			return
		}
		for _, r := range releases {
			result, err := r.Lint(linter, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range result.Diagnostics {
				inFile(t, data, d.File, d.Range)
				for _, related := range d.Related {
					inFile(t, data, related.File, related.Range)
				}
				for _, e := range d.Fix {
					inFile(t, data, d.File, e.Range)
				}
				result.Lines.Line(d.File, d.Range.Start.Line)
			}
		}
		out, fixed, err := inline.Mend(manifestName, data, linter, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, before) {
			t.Fatal("the text that was given is changed")
		}
		if again, err := inline.Find(manifestName, out); err != nil || len(again) != len(releases) {
			t.Fatalf("%d fixes: %d releases before, %d after, %v", len(fixed), len(releases), len(again), err)
		}
	})
}

// inFile fails for a range that is not in the file, or whose lines are not those of its
// offsets.
func inFile(t *testing.T, data []byte, file string, r diag.Range) {
	t.Helper()
	if file != manifestName || r.Start.Offset < 0 || r.End.Offset < r.Start.Offset || r.End.Offset > len(data) {
		t.Fatalf("%s %+v in a file of %d bytes", file, r, len(data))
	}
	if line := strings.Count(string(data[:r.Start.Offset]), "\n") + 1; line != r.Start.Line {
		t.Fatalf("offset %d is on line %d, not %d", r.Start.Offset, line, r.Start.Line)
	}
}
