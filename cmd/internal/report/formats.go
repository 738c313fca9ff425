package report

import (
	"io"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Lint is what lint has found in all files.
type Lint struct {
	Findings []diag.Diagnostic
	Files    int    // how many were read
	Version  string // of this program
}

// LintFormats are the formats of lint. Text is printed file by file instead.
func LintFormats() format.Formats[func(io.Writer, Lint) error] {
	return format.Formats[func(io.Writer, Lint) error]{
		{Name: "text"},
		{Name: "json", Print: func(w io.Writer, l Lint) error { return JSON(w, l.Findings, l.Files) }},
		{Name: "sarif", Print: func(w io.Writer, l Lint) error {
			return SARIF{W: w, Version: l.Version, Rules: schema.Rules()}.Print(l.Findings)
		}},
		{Name: "github", Print: func(w io.Writer, l Lint) error { return GitHub{W: w}.Print(l.Findings) }},
	}
}

// PlanFormats are the formats of plan. Text may have colours.
func PlanFormats() format.Formats[func(w io.Writer, p Plan, color bool) error] {
	return format.Formats[func(io.Writer, Plan, bool) error]{
		{Name: "text", Print: func(w io.Writer, p Plan, color bool) error { return PlanTable{W: w, Color: color}.Print(p) }},
		{Name: "json", Print: func(w io.Writer, p Plan, _ bool) error { return PlanJSON(w, p) }},
		{Name: "mermaid", Print: func(w io.Writer, p Plan, _ bool) error { return PlanMermaid{W: w}.Print(p) }},
	}
}
