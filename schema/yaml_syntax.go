package schema

import (
	"cmp"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleYAMLSyntax = "yaml-syntax"

func yamlSyntaxRule() Rule {
	return Rule{
		ID: ruleYAMLSyntax, Severity: diag.Error,
		Summary: "The file is not YAML that Helm can read.",
		Help:    "Helm stops at such a file too, or one of Helm 3 and Helm 4 does. The finding marks the first line that does not fit.",
	}
}

// SyntaxResult is the result for a source that does not parse.
func SyntaxResult(e *values.SyntaxError) Result {
	return Result{
		Diagnostics: []diag.Diagnostic{{
			Severity: diag.Error, Rule: ruleYAMLSyntax, File: e.Span.File(), Range: e.Span.Range(),
			Message: e.Message, Hint: cmp.Or(e.Hint, "Helm cannot read the file as it is"),
		}},
		Masks: opaque(e.Span.Source),
	}
}

// helm3Only reports files that Helm 3 reads and Helm 4 refuses.
func (r *run) helm3Only() {
	for _, f := range r.values.Files {
		if e := f.Helm3Only; e != nil {
			r.add(diag.Error, ruleYAMLSyntax, e.Span, "", e.Message, e.Hint)
		}
	}
}
