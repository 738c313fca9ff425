package schema_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// FuzzLint checks what must hold for any input: ranges lie inside the file, the
// findings are sorted and the same each time, no line shown and no message holds a
// credential, and editing by a fix gives a file without that finding.
func FuzzLint(f *testing.F) {
	files, _ := filepath.Glob("testdata/rules/*.txtar")
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Files[0].Data))
	}
	linter := &schema.Linter{}
	f.Fuzz(func(t *testing.T, text string) {
		version := auth.ChartVersion{Minor: 26}
		opts := schema.Options{ChartVersion: &version}
		result, err := linter.LintFile("v.yaml", []byte(text), opts)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := linter.LintFile("v.yaml", []byte(text), opts)
		if !reflect.DeepEqual(result.Diagnostics, again.Diagnostics) {
			t.Fatal("two runs differ")
		}
		shown := show(result)
		for _, d := range result.Diagnostics {
			checkRange(t, d.Range, len(text))
			for _, e := range d.Fix {
				checkRange(t, e.Range, len(text))
			}
		}
		for _, secret := range credentials(text) {
			if strings.Contains(shown, secret) {
				t.Fatalf("shows the credential %q:\n%s", secret, shown)
			}
		}
	})
}

func checkRange(t *testing.T, r diag.Range, size int) {
	t.Helper()
	if r.Start.Offset < 0 || r.End.Offset > size || r.Start.Offset > r.End.Offset || r.Start.Line < 1 || r.Start.Column < 1 {
		t.Fatalf("range %+v of a file of %d bytes", r, size)
	}
}

// credentials returns the tokens and passwords in the two blocks of a file, and all
// that is written where one belongs, if they are long and odd enough not to be a word
// of a message as well.
func credentials(text string) []string {
	file, err := values.Parse("v.yaml", []byte(text))
	if err != nil {
		return nil
	}
	var found []string
	add := func(s string) {
		if s = strings.TrimSpace(s); len(s) >= 8 && strings.ContainsAny(s, "0123456789") && strings.Count(text, s) == 1 {
			found = append(found, s)
		}
	}
	for _, path := range []string{"global external-argo-cd auth", "global integrations argo-cd server auth", "global external-arg-cd auth"} {
		for _, root := range append(file.Later, file.Root) {
			block := root.At(strings.Fields(path)...)
			if block.Str() != "" {
				add(block.Str())
			}
			eachText(block.Field("token"), add)
			eachText(block.Field("password"), add)
		}
	}
	return found
}

// eachText calls do with every text at and below v, keys included.
func eachText(v *values.Value, do func(string)) {
	if v == nil {
		return
	}
	do(v.Str())
	for _, item := range v.Items {
		eachText(item, do)
	}
	for name, f := range v.Fields {
		do(name)
		eachText(f, do)
	}
	for _, d := range v.Duplicates {
		eachText(d.First, do)
	}
}
