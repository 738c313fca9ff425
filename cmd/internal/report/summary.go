package report

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// summary counts findings.
type summary struct {
	Files    int `json:"files"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
}

func count(ds []diag.Diagnostic) summary {
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
	var parts []string
	for _, c := range []struct {
		n    int
		name string
	}{{s.Errors, "error"}, {s.Warnings, "warning"}, {s.Infos, "info"}} {
		switch c.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+c.name)
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", c.n, c.name))
		}
	}
	return strings.Join(parts, ", ")
}
