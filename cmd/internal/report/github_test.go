package report_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

func TestGitHub(t *testing.T) {
	golden(t, "findings.github", printGitHub(t, findings()))
}

func TestGitHubOfNothing(t *testing.T) {
	if got := printGitHub(t, nil); got != "" {
		t.Errorf("%q", got)
	}
}

// TestGitHubIsNotFlooded has 13 warnings and then two errors.
func TestGitHubIsNotFlooded(t *testing.T) {
	var ds []diag.Diagnostic
	for i := range 15 {
		d := diag.Diagnostic{Severity: diag.Warning, Rule: "rule", File: "values.yaml", Message: fmt.Sprint("number ", i)}
		if i >= 13 {
			d.Severity = diag.Error
		}
		ds = append(ds, d)
	}
	before := slices.Clone(ds)
	got := strings.Split(strings.TrimSuffix(printGitHub(t, ds), "\n"), "\n")
	if len(got) != 11 {
		t.Fatalf("%d lines: %q", len(got), got)
	}
	for i, want := range []string{"13", "14", "0", "1", "2", "3", "4", "5", "6", "7"} {
		if !strings.HasPrefix(got[i], "::") || !strings.HasSuffix(got[i], "::number "+want) {
			t.Errorf("annotation %d is %q, want number %s", i, got[i], want)
		}
	}
	if want := "2 errors, 13 warnings; 10 of them annotated, 5 left out: run helm runtime-auth lint to see them all"; got[10] != want {
		t.Errorf("summary %q, want %q", got[10], want)
	}
	for i := range ds {
		if ds[i].Message != before[i].Message {
			t.Fatal("the findings were sorted in place")
		}
	}
}

func printGitHub(t *testing.T, ds []diag.Diagnostic) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.GitHub(&out, report.Lint{Findings: ds}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
