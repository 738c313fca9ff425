package schema

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleWrongType = "wrong-type"

func wrongTypeRule() Rule {
	return Rule{
		ID: ruleWrongType, Severity: diag.Error,
		Summary: "A value has another type than the chart expects.",
		Help:    "Unquoted numbers and words such as yes and on are no strings in YAML. Put them in quotes.",
	}
}

// RootResult is the result for a values file that is not a mapping.
func RootResult(e *values.RootError) Result {
	return Result{
		Diagnostics: []diag.Diagnostic{{
			Severity: diag.Error, Rule: ruleWrongType, File: e.Span.File(), Range: e.Span.Range(),
			Message: "a values file must be a mapping of keys to values", Hint: "Helm refuses this file",
		}},
		Masks: opaque(e.Span.Source),
	}
}

func (r *run) wrongType(v *values.Value, path, what, want string) {
	hint := ""
	if want == "a string" && (v.Kind == values.Number || v.Kind == values.Bool) {
		isFlag := strings.HasPrefix(v.Body.File(), "--set")
		switch {
		case isFlag && r.opts.Parameters:
			hint = "forceString: true takes the value for a string"
		case isFlag:
			hint = "--set-string takes every value for a string"
		default:
			hint = "put the value in quotes"
		}
	}
	if want == "true or false" && rightBool(v.Str()) != "" {
		r.masks.vouch(v, v.Body)
	}
	at := v.Body
	if at.End <= at.Start {
		at = keySpan(v)
	}
	r.add(diag.Error, ruleWrongType, at, path, fmt.Sprintf("%s is %s, it must be %s", what, v.Kind, want), hint)
}
