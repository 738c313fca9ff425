package report_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/render"
)

func TestPlanJSON(t *testing.T) {
	eachPlan(t, ".json", report.PlanJSON)
	schemas := planSchemas(t)
	for name, p := range plans(t) {
		t.Run("schema/"+name, func(t *testing.T) { validPlan(t, schemas, p) })
	}
	// What is known after a failure: nothing, or everything.
	for _, wired := range []render.Report{{}, {Values: "flags"}, everyState()} {
		got := validPlan(t, schemas, report.NewPlan(wired, findings(), errors.New("no values were given")))
		if strings.Contains(got, "null") || strings.Contains(got, canary) || !strings.Contains(got, `"ok": false`) {
			t.Error(got)
		}
	}
}

// planSchemas returns the published schema, and a stricter one, for which every field
// that is written must be described.
func planSchemas(t *testing.T) []*jsonschema.Schema {
	t.Helper()
	return openAndClosed(t, "plan.schema.json", report.PlanJSONSchema())
}

// validPlan prints a plan and holds the output to the schemas.
func validPlan(t *testing.T, schemas []*jsonschema.Schema, p report.Plan) string {
	t.Helper()
	return valid(t, schemas, func(w io.Writer) error { return report.PlanJSON(w, p) })
}

// TestPlanJSONSchemaRefuses proves that the schema says something.
func TestPlanJSONSchemaRefuses(t *testing.T) {
	schemas := planSchemas(t)
	valid := validPlan(t, schemas, report.NewPlan(everyState(), findings(), nil))
	for _, change := range [][2]string{
		{`"version": 1,`, `"version": 2,`},
		{`"ok": true`, `"ok": false`},
		{`"ok": true`, `"ok": true, "error": "x"`},
		{`"summary": `, `"sum": `},
		{`"alreadyRight": `, `"right": `},
		{`"missing": 1`, `"missing": -1`},
		{`"generation": "0.26+"`, `"generation": "0.27"`},
		{`"mode": "token"`, `"mode": "key"`},
		{`"state": "removed"`, `"state": "set"`},
		{`"state": "replaced"`, `"state": "removed"`},
		{`"before": "value [redacted]"`, `"before": "value x"`},
		{`"state": "appended"`, `"state": "set"`},
		{`"document": 3`, `"document": 0`},
		{`"kind": "Rollout"`, `"kind": "Job"`},
		{`"findings": [`, `"findings": [[],`},
		{`"severity": "error"`, `"severity": "fatal"`},
	} {
		changed := strings.Replace(valid, change[0], change[1], 1)
		var doc any
		if err := json.Unmarshal([]byte(changed), &doc); err != nil || changed == valid {
			t.Fatalf("%s: %v", change[0], err)
		}
		if schemas[0].Validate(doc) == nil {
			t.Errorf("valid with %s for %s", change[1], change[0])
		}
	}
}
