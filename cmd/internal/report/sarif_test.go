package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

// ruleTable has some rules of the findings, in an order of its own, so that the golden
// file does not change with the words of the real ones.
func ruleTable() []rule.Rule {
	return []rule.Rule{
		{ID: "two-credentials", Severity: diag.Error, Doc: rule.Doc{Summary: "Two of them.", Help: "Remove one of {name, key}."}},
		{ID: "misspelled-key", Severity: diag.Error, Doc: rule.Doc{Summary: "A slip.", Help: "Correct snake_case <keys>."}, Fixable: true},
		{ID: "inherited-default", Severity: diag.Info, Doc: rule.Doc{Summary: "One of two.", Help: "Write down what you mean."}},
	}
}

func TestSARIF(t *testing.T) {
	golden(t, "findings.sarif", validSARIF(t, sarifSchema(t), ruleTable(), findings()))
}

func TestSARIFOfNothing(t *testing.T) {
	if got := validSARIF(t, sarifSchema(t), nil, nil); !strings.Contains(got, `"results": []`) {
		t.Error(got)
	}
}

func TestSARIFOfRealFindings(t *testing.T) {
	compiled := sarifSchema(t)
	linted(t, func(t *testing.T, ds []diag.Diagnostic) {
		got := validSARIF(t, compiled, schema.Rules(), ds)
		if strings.Contains(got, canary) {
			t.Errorf("a credential is printed:\n%s", got)
		}
		if strings.Count(got, `"ruleIndex"`) != len(ds) {
			t.Errorf("a rule is not in the table:\n%s", got)
		}
	})
}

// TestSARIFFingerprints moves findings down and renames their file.
func TestSARIFFingerprints(t *testing.T) {
	before := fingerprints(t, findings())
	moved := findings()
	for i := range moved {
		moved[i].Range.Start.Line += 7
		moved[i].Range.End.Line += 7
		moved[i].Range.Start.Offset += 70
		moved[i].Message += " as said before"
		if moved[i].File == "values.yaml" {
			moved[i].File = "prod/values.yaml"
		}
	}
	if diff := cmp.Diff(before, fingerprints(t, moved)); diff != "" {
		t.Errorf("(-before +moved)\n%s", diff)
	}
	twin := findings()[0]
	twin.File = "another.yaml" // counts its findings by itself
	if both := fingerprints(t, append(findings(), twin)); both[0] != both[len(both)-1] {
		t.Error("a second file changes the fingerprint")
	}
	seen := map[string]bool{}
	for _, f := range before {
		if seen[f] {
			t.Errorf("two findings of one file are %s", f)
		}
		seen[f] = true
	}
}

func fingerprints(t *testing.T, ds []diag.Diagnostic) []string {
	t.Helper()
	var doc struct {
		Runs []struct {
			Results []struct {
				PartialFingerprints map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(printSARIF(t, nil, ds)), &doc); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range doc.Runs[0].Results {
		all = append(all, r.PartialFingerprints["ruleAndPath/v1"])
	}
	return all
}

func sarifSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, "sarif-schema-2.1.0.json", string(text))
}

func printSARIF(t *testing.T, rules []rule.Rule, ds []diag.Diagnostic) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.SARIF(&out, report.Lint{Findings: ds, Version: "v1.2.3", Rules: rules}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// validSARIF prints ds and holds the output to the standard's schema.
func validSARIF(t *testing.T, compiled *jsonschema.Schema, rules []rule.Rule, ds []diag.Diagnostic) string {
	t.Helper()
	got := printSARIF(t, rules, ds)
	var doc any
	if err := json.Unmarshal([]byte(got), &doc); err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(doc); err != nil {
		t.Errorf("%#v\n%s", err, got)
	}
	return got
}
