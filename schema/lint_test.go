package schema_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

var update = flag.Bool("update", false, "rewrite the expected findings")

// canary is in every credential of the test data. It must be in no finding and in
// no line that is shown.
const canary = "s3cr3t"

// TestRules runs every testdata/rules/RULE-CASE.txtar: the file values.yaml, or several
// that are merged, and in want what lint says of them.
func TestRules(t *testing.T) {
	files, _ := filepath.Glob("testdata/rules/*.txtar")
	if len(files) == 0 {
		t.Fatal("no test data")
	}
	linter := &schema.Linter{}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			opts := options(t, string(archive.Comment))
			last := len(archive.Files) - 1
			result, err := lintFiles(linter, archive.Files[:last], opts)
			if err != nil {
				t.Fatal(err)
			}
			got := show(result)
			if strings.Contains(got, canary) {
				t.Errorf("a credential is shown:\n%s", got)
			}
			if *update {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[last].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func lintFiles(linter *schema.Linter, files []txtar.File, opts schema.Options) (schema.Result, error) {
	if len(files) == 1 {
		return linter.LintFile(files[0].Name, files[0].Data, opts)
	}
	var o values.Options
	texts := map[string][]byte{}
	for _, f := range files {
		o.Files, texts[f.Name] = append(o.Files, f.Name), f.Data
	}
	v, err := values.Load(o, func(name string) ([]byte, error) { return texts[name], nil })
	if err != nil {
		return schema.Result{}, err
	}
	return linter.Lint(v, opts)
}

// options reads the comment of a case: lines "chart-version: 0.26.0", "scopes: cfr",
// "now: 2026-11-24T12:00:00Z".
func options(t *testing.T, comment string) (opts schema.Options) {
	t.Helper()
	for line := range strings.Lines(comment) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		var err error
		switch name {
		case "chart-version":
			var v auth.ChartVersion
			v, err = auth.ParseChartVersion(value)
			opts.ChartVersion = &v
		case "scopes": // names with dots between them, several scopes with blanks
			for scope := range strings.FieldsSeq(value) {
				opts.Scopes = append(opts.Scopes, strings.Split(scope, "."))
			}
		case "now":
			opts.Now, err = time.Parse(time.RFC3339, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return opts
}

// show writes findings with all that is in them, each with its line.
func show(r schema.Result) string {
	var b strings.Builder
	for _, d := range r.Diagnostics {
		fmt.Fprintf(&b, "%s %s [%s] %s\n  %s\n", span(d.Range), d.Severity, d.Rule, d.Path, d.Message)
		if pieces, ok := r.Masks.Line(d.File, d.Range.Start.Line); ok {
			b.WriteString("  | ")
			for _, p := range pieces {
				b.WriteString(p.Text)
			}
			b.WriteString("\n")
		}
		for _, rel := range d.Related {
			fmt.Fprintf(&b, "  %s %s\n", span(rel.Range), rel.Message)
		}
		if d.Hint != "" {
			fmt.Fprintf(&b, "  hint: %s\n", d.Hint)
		}
		for _, e := range d.Fix {
			if e.Secret {
				e.NewText = "[redacted]"
			}
			fmt.Fprintf(&b, "  fix: %s %q\n", span(e.Range), e.NewText)
		}
	}
	return b.String()
}

func span(r diag.Range) string {
	return fmt.Sprintf("%d:%d-%d:%d", r.Start.Line, r.Start.Column, r.End.Line, r.End.Column)
}
