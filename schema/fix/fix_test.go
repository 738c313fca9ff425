package fix_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/fix"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// canary is in every credential of the test data.
const canary = "s3cr3t"

// TestFiles runs every testdata/fix/*.txtar: values.yaml, the same file fixed, and in
// left what lint says of that. Fixing it again must change nothing.
func TestFiles(t *testing.T) {
	for name, archive := range archives(t, "../testdata/fix/*.txtar") {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			lint := linter(t, archive)
			o := file(t, archive.Files[0].Data, lint)
			left := show(o.After.Diagnostics)
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "fixed.yaml", Data: o.Data}, txtar.File{Name: "left", Data: []byte(left)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), string(o.Data)); diff != "" {
				t.Errorf("fixed (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(string(archive.Files[2].Data), left); diff != "" {
				t.Errorf("left (-want +got)\n%s", diff)
			}
			for _, d := range append(o.Fixed, o.After.Diagnostics...) {
				if strings.Contains(d.Message+d.Hint+d.Path, canary) || strings.Contains(fmt.Sprint(shownEdits(d)), canary) {
					t.Errorf("a credential is shown: %s %s", d.Message, d.Hint)
				}
			}
			if again := file(t, o.Data, lint); again.Changed() || !bytes.Equal(again.Data, o.Data) {
				t.Errorf("fixing again changes it to\n%s", again.Data)
			}
		})
	}
}

// TestLineBreaks fixes every case with the line breaks of Windows, without the last
// line break, and with a byte order mark, and wants the same fix with the same of these.
func TestLineBreaks(t *testing.T) {
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	bare := func(s string) string { return strings.TrimSuffix(s, "\n") }
	for _, variant := range []struct {
		name   string
		change func(string) string
		same   func(string) string // what is compared
	}{
		{"CRLF", crlf, nil},
		{"no last line break", bare, bare},
		{"CRLF and no last line break", func(s string) string { return bare(bare2(crlf(s))) }, func(s string) string { return bare(bare2(s)) }},
		{"byte order mark", func(s string) string { return "\ufeff" + s }, nil},
	} {
		t.Run(variant.name, func(t *testing.T) {
			for name, archive := range archives(t, "../testdata/fix/*.txtar") {
				o := file(t, []byte(variant.change(string(archive.Files[0].Data))), linter(t, archive))
				want, got := variant.change(string(archive.Files[1].Data)), string(o.Data)
				if variant.same != nil {
					want, got = variant.same(want), variant.same(got)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got)\n%s", filepath.Base(name), diff)
				}
			}
		})
	}
}

func bare2(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r") }

// TestDocumentationExamples mends the three examples of the vendor's page, which
// print external-arg-cd: nothing but the key may change.
func TestDocumentationExamples(t *testing.T) {
	count := 0
	for name, archive := range archives(t, "../testdata/rules/documentation-*-misspelt-key.txtar") {
		count++
		before := string(archive.Files[0].Data)
		o := file(t, archive.Files[0].Data, linter(t, archive))
		if want := strings.Replace(before, "external-arg-cd", "external-argo-cd", 1); string(o.Data) != want {
			t.Errorf("%s becomes\n%s", name, o.Data)
		}
		for _, d := range o.After.Diagnostics {
			if d.Rule != "plaintext-credential" {
				t.Errorf("%s is not clean: %s", name, d.Message)
			}
		}
		if again := file(t, o.Data, linter(t, archive)); again.Changed() {
			t.Errorf("%s: fixed again", name)
		}
	}
	if count != 3 {
		t.Errorf("%d examples", count)
	}
}

// TestCleanFilesStay fixes what needs no fix.
func TestCleanFilesStay(t *testing.T) {
	for name, archive := range archives(t, "../testdata/rules/clean-*.txtar") {
		o := file(t, archive.Files[0].Data, linter(t, archive))
		if o.Changed() || !bytes.Equal(o.Data, archive.Files[0].Data) {
			t.Errorf("%s becomes\n%s", name, o.Data)
		}
	}
}

// TestFailSafe gives File a lint whose fixes do harm. None of it may be kept, and what
// is right beside it must be.
func TestFailSafe(t *testing.T) {
	edit := func(data []byte, old, new string) []diag.Edit {
		at := bytes.Index(data, []byte(old))
		return []diag.Edit{{Range: diag.Range{Start: diag.Position{Offset: at}, End: diag.Position{Offset: at + len(old)}}, NewText: new}}
	}
	for _, test := range []struct {
		name, old, new string // what the harmful fix replaces
		brings         string // the rule of an error that comes up if it is made
	}{
		{"does not parse", "b: 1", "b: [1", ""},
		{"brings an error", "b: 1", "b: 2", "wrong-type"},
		{"mends nothing", "b: 1", "b: 3", "bad"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lint := func(data []byte) (schema.Result, error) {
				var r schema.Result
				found := func(rule, path string, fix []diag.Edit) {
					r.Diagnostics = append(r.Diagnostics, diag.Diagnostic{Severity: diag.Error, Rule: rule, File: "v.yaml", Path: path, Message: rule, Fix: fix})
				}
				if bytes.Contains(data, []byte("b: 1")) {
					found("bad", "b", edit(data, test.old, test.new))
				} else if test.brings != "" {
					found(test.brings, "b", nil)
				}
				if bytes.Contains(data, []byte("c: 1")) {
					found("good", "c", edit(data, "c: 1", "c: 2"))
				}
				return r, nil
			}
			o, err := fix.File("v.yaml", []byte("b: 1\nc: 1\n"), lint)
			if err != nil || string(o.Data) != "b: 1\nc: 2\n" || len(o.Fixed) != 1 || o.Fixed[0].Rule != "good" {
				t.Errorf("%v %+v\n%s", err, o.Fixed, o.Data)
			}
		})
	}
}

// TestHiddenErrorsComeUp mends a key under which there is more to find.
func TestHiddenErrorsComeUp(t *testing.T) {
	const text = "global:\n  external-arg-cd:\n    auth:\n      type: Token\n      password: 5\n      passwordSecretKeyRef: 6\n"
	o := file(t, []byte(text), linter(t, &txtar.Archive{}))
	want := strings.NewReplacer("external-arg-cd", "external-argo-cd", "Token", "token").Replace(text)
	if string(o.Data) != want || len(o.Fixed) != 2 || len(o.After.Diagnostics) < 3 {
		t.Errorf("%s%s", o.Data, show(o.After.Diagnostics))
	}
}

// TestManyFindings mends a file with more than are looked at in one round.
func TestManyFindings(t *testing.T) {
	const begin, key, end = "global:\n  external-argo-cd:\n    auth:\n", "      type: token\n", "      tokenSecretKeyRef: {name: a, key: k}\n"
	o := file(t, []byte(begin+strings.Repeat(key, 300)+end), linter(t, &txtar.Archive{}))
	if string(o.Data) != begin+key+end || len(o.Fixed) != 299 || len(o.After.Diagnostics) > 0 {
		t.Errorf("%d fixed, %d left:\n%s", len(o.Fixed), len(o.After.Diagnostics), o.Data)
	}
}

func TestOtherFilesFindingsDoNotCount(t *testing.T) {
	lint := func([]byte) (schema.Result, error) {
		return schema.Result{Diagnostics: []diag.Diagnostic{{Severity: diag.Error, File: "other.yaml", Fix: []diag.Edit{{NewText: "x"}}}}}, nil
	}
	if o, err := fix.File("v.yaml", []byte("a: 1\n"), lint); err != nil || o.Changed() || string(o.Data) != "a: 1\n" {
		t.Errorf("%v %+v", err, o)
	}
}

func TestLintFails(t *testing.T) {
	broken := errors.New("broken")
	if _, err := fix.File("v.yaml", nil, func([]byte) (schema.Result, error) { return schema.Result{}, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// TestApply makes whole fixes, or none of their edits.
func TestApply(t *testing.T) {
	at := func(start, end int, text string) diag.Edit {
		return diag.Edit{Range: diag.Range{Start: diag.Position{Offset: start}, End: diag.Position{Offset: end}}, NewText: text}
	}
	ds := []diag.Diagnostic{
		{Rule: "a", Fix: []diag.Edit{at(0, 1, "A"), at(4, 5, "E")}},
		{Rule: "none"},
		{Rule: "overlaps", Fix: []diag.Edit{at(2, 3, "C"), at(3, 5, "")}},
		{Rule: "the same", Fix: []diag.Edit{at(0, 1, "A")}},
		{Rule: "outside", Fix: []diag.Edit{at(5, 9, "")}},
		{Rule: "b", Fix: []diag.Edit{at(1, 2, "")}},
	}
	out, applied := fix.Apply([]byte("abcdef"), ds)
	var rules []string
	for _, d := range applied {
		rules = append(rules, d.Rule)
	}
	if diff := cmp.Diff("AcdEf a,the same,b", string(out)+" "+strings.Join(rules, ",")); diff != "" {
		t.Error(diff)
	}
}

func archives(t testing.TB, pattern string) map[string]*txtar.Archive {
	t.Helper()
	names, _ := filepath.Glob(pattern)
	found := map[string]*txtar.Archive{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = archive
	}
	if len(found) == 0 {
		t.Fatalf("nothing matches %s", pattern)
	}
	return found
}

// linter reads the comment of a case: "chart-version: 0.26.0".
func linter(t testing.TB, archive *txtar.Archive) fix.Lint {
	t.Helper()
	var opts schema.Options
	if _, version, ok := strings.Cut(string(archive.Comment), "chart-version: "); ok {
		v, err := auth.ParseChartVersion(strings.TrimSpace(version))
		if err != nil {
			t.Fatal(err)
		}
		opts.ChartVersion = &v
	}
	linter := &schema.Linter{}
	return func(data []byte) (schema.Result, error) { return linter.LintFile("values.yaml", data, opts) }
}

func file(t testing.TB, data []byte, lint fix.Lint) fix.Outcome {
	t.Helper()
	before := bytes.Clone(data)
	o, err := fix.File("values.yaml", data, lint)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, before) {
		t.Fatal("the text that was given is changed")
	}
	return o
}

func show(ds []diag.Diagnostic) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%d:%d %s [%s] %s\n", d.Range.Start.Line, d.Range.Start.Column, d.Severity, d.Rule, d.Hint)
	}
	return b.String()
}

// shownEdits returns the texts of a fix that may be shown.
func shownEdits(d diag.Diagnostic) []string {
	var texts []string
	for _, e := range d.Fix {
		if !e.Secret {
			texts = append(texts, e.NewText)
		}
	}
	return texts
}
