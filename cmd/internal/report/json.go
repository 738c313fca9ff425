package report

import (
	_ "embed"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

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

// JSON writes findings as one JSON document; files is how many files were read.
// The error is that of the writer.
func JSON(w io.Writer, ds []diag.Diagnostic, files int) error {
	doc := lintDocument{Version: 1, Findings: Shown(ds), Summary: counted(ds)}
	doc.Summary.Files = files
	return format.JSON(w, doc)
}
