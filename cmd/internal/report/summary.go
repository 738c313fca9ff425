package report

import (
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// summary counts findings.
type summary struct {
	Files    int `json:"files"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
}

func counted(ds []diag.Diagnostic) summary {
	var s summary
	for _, d := range ds {
		switch d.Severity {
		case diag.Error:
			s.Errors++
		case diag.Warning:
			s.Warnings++
		case diag.Info:
			s.Infos++
		}
	}
	return s
}

// String returns "2 errors, 1 warning", without what there is none of.
func (s summary) String() string {
	return count.List(count.Kind{N: s.Errors, One: "error", Many: "errors"}, count.Kind{N: s.Warnings, One: "warning", Many: "warnings"},
		count.Kind{N: s.Infos, One: "info", Many: "infos"})
}
