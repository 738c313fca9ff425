package inline_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/fix"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
)

// canary is in every credential of the test data.
const canary = "s3cr3t"

const manifestName = "release.yaml"

// form is a way of writing values into a manifest.
type form struct {
	name  string
	exact bool // places are those of the values' own text
	write func(text string) string
}

func forms() []form {
	const release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: runtime, namespace: argocd}\nspec:\n  values:\n"
	const application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ümläut}\nspec:\n  sources:\n  - repoURL: https://example.com/charts\n    helm:\n"
	const after = "\n---\napiVersion: v1\nkind: Secret\n"
	return []form{
		{"HelmRelease", true, func(text string) string { return release + indent(text, 4) + "  interval: 1h" + after }},
		{"valuesObject", true, func(text string) string { return application + "      valuesObject:\n" + indent(text, 8) + after }},
		{"literal", true, func(text string) string {
			return application + "      values: |" + chomping(text) + "\n" + indent(text, 8) + after
		}},
		{"quoted", false, func(text string) string {
			quoted, _ := json.Marshal(text)
			return application + "      values: " + string(quoted) + after
		}},
	}
}

// chomping keeps the line breaks at the end of a text.
func chomping(text string) string {
	switch {
	case !strings.HasSuffix(text, "\n"):
		return "-"
	case strings.HasSuffix(text, "\n\n"):
		return "+"
	}
	return ""
}

func indent(text string, by int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimRight(line, "\r\n") != "" {
			b.WriteString(strings.Repeat(" ", by))
		}
		b.WriteString(line)
	}
	if !strings.HasSuffix(text, "\n") {
		b.WriteString("\n")
	}
	return b.String()
}

// valuesFile is one text of the test data of lint, with what becomes of it by itself.
type valuesFile struct {
	name, text string
	opts       schema.Options
	plain      schema.Result
	fixed      []byte
}

func valuesFiles(t testing.TB) []valuesFile {
	t.Helper()
	var found []valuesFile
	linter := &schema.Linter{}
	for _, dir := range []string{"rules", "fix"} {
		names, _ := filepath.Glob("../../schema/testdata/" + dir + "/*.txtar")
		for _, name := range names {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f := valuesFile{name: dir + "/" + strings.TrimSuffix(filepath.Base(name), ".txtar"), text: string(archive.Files[0].Data)}
			f.opts.Now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
			if _, version, ok := strings.Cut(string(archive.Comment), "chart-version: "); ok {
				version, _, _ = strings.Cut(version, "\n")
				if v, err := auth.ParseChartVersion(strings.TrimSpace(version)); err == nil {
					f.opts.ChartVersion = &v
				}
			}
			o, err := fix.File(manifestName, archive.Files[0].Data, func(data []byte) (schema.Result, error) {
				return linter.LintFile(manifestName, data, f.opts)
			})
			if err != nil {
				t.Fatal(err)
			}
			f.plain, f.fixed = o.Before, o.Data
			found = append(found, f)
		}
	}
	if len(found) < 200 {
		t.Fatalf("only %d files of values", len(found))
	}
	return found
}

// TestSame writes every values file of lint's test data into every kind of manifest. What
// lint says must be the same, about the same text, and what it shows of the line, too; and
// so must what becomes of it when it is mended.
func TestSame(t *testing.T) {
	files := valuesFiles(t)
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			linter, compared, mended := &schema.Linter{}, 0, 0
			for _, v := range files {
				manifest := f.write(v.text)
				releases, err := inline.Find(manifestName, []byte(manifest))
				if err != nil || !isMapping(v.text) {
					continue // it cannot be written like this
				}
				if len(releases) == 1 && !strings.Contains(v.text, "${") { // Flux would replace some of it
					sameFindings(t, f, v, linter, releases[0], manifest)
					compared++
				}
				if !strings.Contains(v.text, "\r") {
					mended += sameFixes(t, f, v, linter, manifest)
				}
			}
			if compared < 150 || f.exact && mended < 50 {
				t.Errorf("only %d compared, %d fixes", compared, mended)
			}
		})
	}
}

func sameFindings(t *testing.T, f form, v valuesFile, linter *schema.Linter, release *inline.Release, manifest string) {
	t.Helper()
	r, err := release.Lint(linter, v.opts)
	if err != nil {
		t.Fatal(err)
	}
	want := describe(v.text, v.plain.Diagnostics, v.plain.Masks, f.exact)
	got := describe(manifest, withoutObject(t, r.Diagnostics), r.Lines, f.exact)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", v.name, diff)
	}
	noCredential(t, manifest, r)
}

func sameFixes(t *testing.T, f form, v valuesFile, linter *schema.Linter, manifest string) int {
	t.Helper()
	out, fixed, err := inline.Mend(manifestName, []byte(manifest), linter, v.opts)
	if err != nil {
		t.Fatal(err)
	}
	want := manifest
	if f.exact {
		want = f.write(string(v.fixed))
	}
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Errorf("%s mended (-want +got)\n%s", v.name, diff)
	}
	return len(fixed)
}

// isMapping leaves out what is several documents, or no mapping.
func isMapping(text string) bool {
	isMarker := func(line string) bool {
		return strings.HasPrefix(line, "---") || strings.HasPrefix(line, "...") || strings.HasPrefix(line, "%")
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return !slices.ContainsFunc(lines, isMarker) && !strings.HasPrefix(text, "\ufeff") && !strings.HasPrefix(lines[0], "- ")
}

// describe is what must be the same. Findings at no text of their own have places that
// differ.
func describe(text string, ds []diag.Diagnostic, lines interface {
	Line(string, int) ([]mask.Piece, bool)
}, exact bool) []string {
	var found []string
	for _, d := range ds {
		s := fmt.Sprintf("%s %s %s: %s; %s", d.Severity, d.Rule, d.Path, d.Message, d.Hint)
		if exact {
			line := ""
			pieces, _ := lines.Line(d.File, d.Range.Start.Line)
			for _, p := range pieces {
				line += p.Text
			}
			s += fmt.Sprintf(" at %q in %q", dedented(text[d.Range.Start.Offset:d.Range.End.Offset]), strings.TrimSpace(line))
			for _, r := range d.Related {
				s += fmt.Sprintf(", %s at %q", r.Message, dedented(text[r.Range.Start.Offset:r.Range.End.Offset]))
			}
		}
		found = append(found, s)
	}
	slices.Sort(found)
	if !exact { // several findings of one rule are one where all have the same place
		found = slices.Compact(found)
	}
	return found
}

func dedented(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

// withoutObject takes away what says in which object a finding is.
func withoutObject(t *testing.T, ds []diag.Diagnostic) []diag.Diagnostic {
	t.Helper()
	for i, d := range ds {
		last := len(d.Related) - 1
		if last < 0 || !strings.HasPrefix(d.Related[last].Message, "in ") {
			t.Fatalf("finding %s says nothing of its object", d.Rule)
		}
		ds[i].Related = d.Related[:last]
	}
	return ds
}

// noCredential looks for credentials in everything that may be printed.
func noCredential(t *testing.T, manifest string, r inline.Result) {
	t.Helper()
	for _, d := range r.Diagnostics {
		if strings.Contains(fmt.Sprint(d.Message, d.Hint, d.Path), canary) {
			t.Errorf("a credential is in the finding %s", d.Rule)
		}
	}
	for n := range strings.Count(manifest, "\n") + 2 {
		pieces, _ := r.Lines.Line(manifestName, n)
		for _, p := range pieces {
			if strings.Contains(p.Text, canary) {
				t.Errorf("a credential is on line %d", n)
			}
		}
	}
}
