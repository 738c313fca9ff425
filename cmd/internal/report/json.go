package report

import (
	"encoding/json"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// lintDocument is the JSON format of lint. Fields are only ever added to it.
type lintDocument struct {
	Version  int               `json:"version"`
	Findings []diag.Diagnostic `json:"findings"`
	Summary  summary           `json:"summary"`
}

type summary struct {
	Files    int `json:"files"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
}

// JSON writes findings as one JSON document; files is how many files were read.
// The error is that of the writer.
func JSON(w io.Writer, ds []diag.Diagnostic, files int) error {
	doc := lintDocument{Version: 1, Findings: ds, Summary: summary{Files: files}}
	if ds == nil {
		doc.Findings = []diag.Diagnostic{}
	}
	for _, d := range ds {
		switch d.Severity {
		case diag.Error:
			doc.Summary.Errors++
		case diag.Warning:
			doc.Summary.Warnings++
		case diag.Info:
			doc.Summary.Infos++
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}
