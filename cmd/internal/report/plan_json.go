package report

import (
	_ "embed"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
)

//go:embed plan.schema.json
var planSchema string

// PlanJSONSchema returns the JSON schema (draft 2020-12) of what PlanJSON writes.
func PlanJSONSchema() string { return planSchema }

// PlanJSON writes a plan as one JSON document, to which fields are only ever added.
// The error is that of the writer.
func PlanJSON(w io.Writer, p Plan) error { return format.JSON(w, p) }
