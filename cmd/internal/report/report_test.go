package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	source "github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// canary is in every credential of the test data. No format may print it.
const canary = "s3cr3t"

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if strings.Contains(got, canary) {
		t.Errorf("a credential is printed:\n%s", got)
	}
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

const valuesText = `global:
  external-arg-cd:
    auth:
      type: token
      token: s3cr3t-canary
argo-cd: {enabled: true}
`

// findings has one of everything that a finding can be. The file is valuesText.
func findings() []diag.Diagnostic {
	text := source.New([]byte(valuesText))
	at := func(s string) diag.Range {
		i := strings.Index(valuesText, s)
		return text.Range(i, i+len(s))
	}
	return []diag.Diagnostic{
		{
			Severity: diag.Error, Rule: "misspelled-key", File: "values.yaml", Range: at("external-arg-cd"), Path: "global.external-arg-cd",
			Message: `unknown key "external-arg-cd", the chart ignores it`, Hint: `did you mean "external-argo-cd"?`,
			Fix: []diag.Edit{{Range: at("external-arg-cd"), NewText: "external-argo-cd"}},
		},
		{
			Severity: diag.Error, Rule: "moved-block", File: "values.yaml", Range: at("auth"), Path: "global.external-arg-cd.auth",
			Message: "chart 0.26.0 ignores this block", Hint: "move it there",
			Fix: []diag.Edit{
				{Range: at("    auth:\n"), NewText: ""},
				{Range: text.Range(0, 0), NewText: "token: s3cr3t-canary\n", Secret: true},
			},
		},
		{
			Severity: diag.Warning, Rule: "plaintext-credential", File: "values.yaml", Range: at("s3cr3t-canary"), Path: "global.external-arg-cd.auth.token",
			Message: "the token is given in plaintext", Hint: "put it into a Secret: {name: a, key: b}",
			Fix: []diag.Edit{{Range: at("      token: s3cr3t-canary\n")}},
		},
		{
			Severity: diag.Info, Rule: "inherited-default", File: "values.yaml", Range: at("auth:\n      type: token\n"), Path: "global.external-arg-cd.auth",
			Message: "several lines",
		},
		{
			Severity: diag.Error, Rule: "two-credentials", File: "--set#2", Range: diag.Range{Start: diag.Position{Line: 1, Column: 1}, End: diag.Position{Line: 1, Column: 7, Offset: 6}},
			Path: "global.external-argo-cd.auth.token", Message: `both "token" and "tokenSecretKeyRef" are given`,
			Fix:     []diag.Edit{{NewText: "a flag is not edited"}},
			Related: []diag.Related{{File: "values.yaml", Range: at("type"), Message: "the first"}, {File: "--set", Range: diag.Range{Start: diag.Position{Line: 1, Column: 1}}, Message: "the flag before"}, {Message: "nowhere"}},
		},
		{
			Severity: diag.Error, Rule: "no-such-rule", File: "charts/a b/100%#?,:values.yaml",
			Message: "a [link](https://host.invalid) {0}\r\n::error::and 100% more\x1b[31m",
		},
		{Severity: diag.Warning, Rule: "env-override", File: "values.yaml", Range: text.Range(len(valuesText), len(valuesText)), Path: "env", Message: "at the end of the file"},
		{Severity: diag.Warning, Rule: "env-override", File: "values.yaml", Range: at("enabled"), Path: "env", Message: "the same path again"},
	}
}

// masked shows valuesText without its credential.
func masked() lines {
	i := strings.Index(valuesText, "s3cr3t-canary")
	return lines{text: source.New([]byte(valuesText)), hide: [2]int{i, i + len("s3cr3t-canary")}}
}

// linted runs do with what lint really says of every case of the rules' own tests.
func linted(t *testing.T, do func(t *testing.T, ds []diag.Diagnostic)) {
	t.Helper()
	files, err := filepath.Glob("../../../schema/testdata/rules/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	version := auth.ChartVersion{Minor: 26}
	linter := &schema.Linter{}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			for _, opts := range []schema.Options{{}, {ChartVersion: &version}} {
				result, err := linter.LintFile("values.yaml", archive.Files[0].Data, opts)
				if err != nil {
					t.Fatal(err)
				}
				do(t, result.Diagnostics)
			}
		})
	}
}

func compile(t testing.TB, url, text string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource(url, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}
