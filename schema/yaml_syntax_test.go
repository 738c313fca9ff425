package schema_test

import (
	"encoding/binary"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// TestUTF16IsLintedAlike lints the test data of every rule in UTF-16: there is one finding
// more, that one Helm cannot read the file, and no edit. All else is as in UTF-8, and no
// more is shown.
func TestUTF16IsLintedAlike(t *testing.T) {
	names, _ := filepath.Glob("testdata/rules/*.txtar")
	if len(names) == 0 {
		t.Fatal("no test data")
	}
	linter := &schema.Linter{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		opts := options(t, string(archive.Comment))
		text := strings.TrimPrefix(string(archive.Files[0].Data), "\ufeff")
		want, err := linter.LintFile("values.yaml", []byte(text), opts)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(name, "yaml-syntax") || strings.Contains(name, "not-a-values-file") {
			continue // it has another reason not to be read, or is nothing that lint looks at
		}
		data := []byte("\xff\xfe")
		for _, unit := range utf16.Encode([]rune(text)) {
			data = binary.LittleEndian.AppendUint16(data, unit)
		}
		got, err := linter.LintFile("values.yaml", data, opts)
		if err != nil {
			t.Fatal(err)
		}
		var rest []diag.Diagnostic
		encoding := 0
		for _, d := range got.Diagnostics {
			if d.Rule == "yaml-syntax" {
				encoding++
				if d.Severity != diag.Error || d.Hint != "save it as UTF-8" || d.Range.Start.Line != 1 {
					t.Errorf("%s: %+v", name, d)
				}
				continue
			}
			if len(d.Fix) > 0 {
				t.Errorf("%s: an edit in a file that is not UTF-8", name)
			}
			rest = append(rest, d)
		}
		for i := range want.Diagnostics {
			if len(want.Diagnostics[i].Fix) > 0 && !strings.Contains(rest[i].Hint, "not encoded as UTF-8") {
				t.Errorf("%s: no reason why nothing is fixed: %q", name, rest[i].Hint)
			}
			want.Diagnostics[i].Fix, want.Diagnostics[i].Hint, rest[i].Hint = nil, "", ""
		}
		if encoding != 1 || !reflect.DeepEqual(rest, want.Diagnostics) || !reflect.DeepEqual(got.Settings, want.Settings) {
			t.Errorf("%s: in UTF-16 lint says\n%s", name, show(got))
		}
		if shown := show(got); strings.Contains(shown, canary) || strings.Contains(shown, "\x00") {
			t.Errorf("%s: shows a credential, or NULs:\n%s", name, shown)
		}
	}
}

// TestSyntaxShowsNothing lints files that do not parse, in every encoding: of their lines
// nothing may be shown that could be a credential.
func TestSyntaxShowsNothing(t *testing.T) {
	const text = "global:\n  external-argo-cd:\n    auth:\n      token: s3cr3t\n      s3cr3t\n      b: [\n"
	wide := func(size int, text string) string {
		var b strings.Builder
		for _, c := range []byte(text) {
			b.WriteByte(c)
			b.WriteString(strings.Repeat("\x00", size-1))
		}
		return b.String()
	}
	for name, data := range map[string]string{
		"UTF-8": text, "UTF-16": "\xff\xfe" + wide(2, text), "UTF-16 without a mark": wide(2, text), "UTF-32": "\xff\xfe\x00\x00" + wide(4, text),
		"Latin-1": text + "\xe9", "NUL": text + "\x00", "template": "{{ s3cr3t }}\n" + text, "gotmpl": "{{ s3cr3t }}",
	} {
		file := "values.yaml"
		if name == "gotmpl" {
			file += ".gotmpl"
		}
		result, err := (&schema.Linter{}).LintFile(file, []byte(data), schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		shown := show(result)
		for number := range 20 {
			pieces, _ := result.Masks.Line(file, number)
			for _, p := range pieces {
				shown += p.Text
			}
		}
		if len(result.Diagnostics) != 1 || strings.Contains(shown, canary) || strings.Contains(strings.ReplaceAll(shown, "\x00", ""), canary) {
			t.Errorf("%s:\n%q", name, shown)
		}
	}
}
