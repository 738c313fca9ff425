package inline_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

var update = flag.Bool("update", false, "rewrite the expected findings")

// TestCases runs every testdata/CASE.txtar: manifest.yaml, in want the releases that
// are found and what lint says of them, and in fixed.yaml the manifest mended, if it is.
func TestCases(t *testing.T) {
	names, _ := filepath.Glob("testdata/*.txtar")
	if len(names) == 0 {
		t.Fatal("no test data")
	}
	linter, opts := &schema.Linter{}, schema.Options{Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			data := archive.Files[0].Data
			got := []txtar.File{archive.Files[0], {Name: "want", Data: []byte(show(t, data, linter, opts))}}
			out, fixed, err := inline.Mend(manifestName, data, linter, opts)
			if len(fixed) > 0 {
				got = append(got, txtar.File{Name: "fixed.yaml", Data: out})
			} else if err == nil && !bytes.Equal(out, data) {
				t.Error("changed without a fix")
			}
			if *update {
				archive.Files = got
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(txtar.Format(&txtar.Archive{Files: archive.Files})), string(txtar.Format(&txtar.Archive{Files: got}))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func show(t *testing.T, data []byte, linter *schema.Linter, opts schema.Options) string {
	t.Helper()
	releases, err := inline.Find(manifestName, data)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	for _, r := range releases {
		result, err := r.Lint(linter, opts)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%d: %s, chart %q", r.At.Range().Start.Line, r, r.Chart)
		if r.Version != nil {
			fmt.Fprintf(&b, " %s", r.Version)
		}
		fmt.Fprintf(&b, ", a Runtime: %v, block %q", r.IsRuntime(result), result.Block)
		for _, remark := range []struct {
			is   bool
			text string
		}{{len(r.Unseen) > 0, "unseen " + strings.Join(r.Unseen, " ")}, {r.Unused, "unused values"}, {result.Refused, "refused parameter"},
			{result.Incomplete, "incomplete"}, {result.Unsettled, "unsettled"}, {result.Later != "", "filled in later: " + result.Later}, {result.Unread, "its values are a template, which is no YAML before it is filled in"}} {
			if remark.is {
				b.WriteString(", " + remark.text)
			}
		}
		b.WriteString("\n")
		for _, d := range withoutObject(t, result.Diagnostics) {
			fmt.Fprintf(&b, "  %d:%d-%d:%d %s [%s] %s\n", d.Range.Start.Line, d.Range.Start.Column, d.Range.End.Line, d.Range.End.Column, d.Severity, d.Rule, d.Message)
			if pieces, ok := result.Lines.Line(d.File, d.Range.Start.Line); ok {
				b.WriteString("    |")
				for _, p := range pieces {
					b.WriteString(p.Text)
				}
				b.WriteString("\n")
			}
		}
		noCredential(t, string(data), result)
	}
	if strings.Contains(b.String(), canary) {
		t.Errorf("a credential is shown")
	}
	return b.String()
}

func TestMentions(t *testing.T) {
	for text, want := range map[string]bool{
		"kind: HelmRelease\nchart: gitops-runtime\n":            true,
		"{\"kind\": \"Application\", \"auth\": {}}":             true,
		"kind:   'ApplicationSet'\npath: charts/gitops-runtime": true,
		"kind: HelmRelease\nchart: podinfo\n":                   false,
		"kind: Deployment\nname: gitops-runtime\n":              false,
		"# an Application of gitops-runtime\n":                  false,
		"kinds: [HelmRelease]\nchart: gitops-runtime\n":         false,
		"HelmRelease": false,
	} {
		if got := inline.Mentions([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
