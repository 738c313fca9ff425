package report

import (
	_ "embed"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

// Lint is what lint has found in all files.
type Lint struct {
	Findings []diag.Diagnostic
	Files    int         // how many were read
	Version  string      // of this program, with or without a v in front; may be empty
	Rules    []rule.Rule // what schema.Rules returns
}

// LintFormats are the formats of lint. Text is printed file by file instead.
func LintFormats() format.Formats[func(io.Writer, Lint) error] {
	return format.Formats[func(io.Writer, Lint) error]{
		{Name: "text"}, {Name: "json", Print: JSON}, {Name: "sarif", Print: SARIF}, {Name: "github", Print: GitHub},
	}
}

// PlanFormats are the formats of plan. Text may have colours.
func PlanFormats() format.Formats[func(w io.Writer, p Plan, color bool) error] {
	return format.Formats[func(io.Writer, Plan, bool) error]{
		{Name: "text", Print: PlanTable},
		{Name: "json", Print: func(w io.Writer, p Plan, _ bool) error { return PlanJSON(w, p) }},
		{Name: "mermaid", Print: func(w io.Writer, p Plan, _ bool) error { return PlanMermaid(w, p) }},
	}
}

//go:embed plan.schema.json
var planSchema string

// PlanJSONSchema returns the JSON schema (draft 2020-12) of what PlanJSON writes.
func PlanJSONSchema() string { return planSchema }

// PlanJSON writes a plan as one JSON document, to which fields are only ever added.
// The error is that of the writer.
func PlanJSON(w io.Writer, p Plan) error { return format.JSON(w, p) }

//go:embed lint.schema.json
var lintSchema string

// JSONSchema returns the JSON schema (draft 2020-12) of what JSON writes.
func JSONSchema() string { return lintSchema }

// lintDocument is the JSON format of lint, which lint.schema.json describes. Fields
// are only ever added to it.
type lintDocument struct {
	Version  int               `json:"version"`
	Findings []diag.Diagnostic `json:"findings"`
	Summary  summary           `json:"summary"`
}

// JSON writes findings as one JSON document. The error is that of the writer.
func JSON(w io.Writer, l Lint) error {
	doc := lintDocument{Version: 1, Findings: Shown(l.Findings), Summary: counted(l.Findings)}
	doc.Summary.Files = l.Files
	return format.JSON(w, doc)
}
