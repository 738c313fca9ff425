package report

import (
	_ "embed"
	"io"
)

//go:embed plan.schema.json
var planSchema string

// PlanJSONSchema returns the JSON schema (draft 2020-12) of what PlanJSON writes.
func PlanJSONSchema() string { return planSchema }

// PlanJSON writes a plan as one JSON document, to which fields are only ever added.
// The error is that of the writer.
func PlanJSON(w io.Writer, p Plan) error { return encode(w, p) }
