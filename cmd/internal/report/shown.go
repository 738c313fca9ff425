package report

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Shown returns findings as they may be written where people read them: a fix with
// a credential in it is left out, as a whole, because a part of a fix mends nothing.
// The findings themselves are not changed. It never returns nil, which JSON would
// show as null.
func Shown(ds []diag.Diagnostic) []diag.Diagnostic {
	shown := make([]diag.Diagnostic, len(ds))
	for i, d := range ds {
		if slices.ContainsFunc(d.Fix, func(e diag.Edit) bool { return e.Secret }) {
			d.Fix = nil
		}
		shown[i] = d
	}
	return shown
}

// withHint is what the formats without a field for the hint say.
func withHint(d diag.Diagnostic) string {
	if d.Hint == "" {
		return d.Message
	}
	return d.Message + "\nhint: " + d.Hint
}

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
	return count.List(count.Some(s.Errors, "error"), count.Some(s.Warnings, "warning"),
		count.Some(s.Infos, "info"))
}
