package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

func TestJSON(t *testing.T) {
	ds := findings()
	got := validJSON(t, jsonSchemas(t), ds)
	golden(t, "findings.json", got)
	if !ds[1].Fix[1].Secret {
		t.Error("the findings themselves were changed")
	}
}

func TestJSONOfNothing(t *testing.T) {
	if got := validJSON(t, jsonSchemas(t), nil); !strings.Contains(got, `"findings": []`) {
		t.Error(got)
	}
}

func TestJSONOfRealFindings(t *testing.T) {
	compiled := jsonSchemas(t)
	linted(t, func(t *testing.T, ds []diag.Diagnostic) {
		if got := validJSON(t, compiled, ds); strings.Contains(got, canary) {
			t.Errorf("a credential is printed:\n%s", got)
		}
	})
}

// jsonSchemas returns the published schema, and a stricter one, for which every field
// that is written must be described.
func jsonSchemas(t *testing.T) []*jsonschema.Schema {
	t.Helper()
	return openAndClosed(t, "lint.schema.json", report.JSONSchema())
}

// openAndClosed compiles a published schema, and the same with no field allowed that it
// does not describe.
func openAndClosed(t *testing.T, name, published string) []*jsonschema.Schema {
	t.Helper()
	closed := strings.ReplaceAll(published, `"additionalProperties": true`, `"additionalProperties": false`)
	return []*jsonschema.Schema{compile(t, name, published), compile(t, name, closed)}
}

// validJSON prints ds and holds the output to the schemas.
func validJSON(t *testing.T, schemas []*jsonschema.Schema, ds []diag.Diagnostic) string {
	t.Helper()
	return valid(t, schemas, func(w io.Writer) error { return report.JSON(w, report.Lint{Findings: ds, Files: 3}) })
}

// valid prints a document and holds it to the schemas.
func valid(t *testing.T, schemas []*jsonschema.Schema, print func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := print(&out); err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for _, compiled := range schemas {
		if err := compiled.Validate(doc); err != nil {
			t.Errorf("%#v\n%s", err, out.String())
		}
	}
	return out.String()
}

// TestJSONSchemaRefuses proves that the schema says something.
func TestJSONSchemaRefuses(t *testing.T) {
	schemas := jsonSchemas(t)
	valid := validJSON(t, schemas, findings())
	for _, change := range [][2]string{
		{`"version": 1`, `"version": 2`},
		{`"severity": "error"`, `"severity": "fatal"`},
		{`"rule": "misspelled-key"`, `"rule": "Misspelled Key"`},
		{`"line": 2,`, `"line": -2,`},
		{`"line": 2,`, ``},
		{`"newText": "external-argo-cd"`, `"text": "external-argo-cd"`},
		{`"errors": `, `"failures": `},
		{`"findings": [`, `"findings": [[],`},
	} {
		changed := strings.Replace(valid, change[0], change[1], 1)
		var doc any
		if err := json.Unmarshal([]byte(changed), &doc); err != nil {
			t.Fatal(err)
		}
		if schemas[0].Validate(doc) == nil {
			t.Errorf("valid with %s for %s", change[1], change[0])
		}
	}
}

// TestSchemasDescribe looks for fields that nobody explains, in each of our schemas.
func TestSchemasDescribe(t *testing.T) {
	for name, text := range map[string]string{"lint": report.JSONSchema(), "plan": report.PlanJSONSchema()} {
		var doc map[string]any
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		var walk func(at string, node map[string]any)
		walk = func(at string, node map[string]any) {
			if text, _ := node["description"].(string); text == "" {
				t.Errorf("%s has no description", at)
			}
			for _, keyword := range []string{"properties", "$defs"} {
				below, _ := node[keyword].(map[string]any)
				for name, field := range below {
					walk(at+"/"+name, field.(map[string]any))
				}
			}
		}
		walk(name, doc)
	}
}
