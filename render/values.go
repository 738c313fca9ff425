package render

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// The rules of the warnings in a report.
const (
	ruleBundled   = "bundled-argo-cd"
	ruleDiffer    = "values-differ"        // the values given and those in the stream declare different credentials
	ruleUnclear   = "stream-values"        // the values in the stream are not valid
	ruleRedaction = "redaction-incomplete" // a credential is left in the chart's values
)

const giveValues = "give the values that helm gets with -f/--values or --set, name the files in RUNTIME_AUTH_VALUES, or run helm through `helm runtime-auth install`"

// takeValues takes the settings from the stream if none were given, and otherwise
// compares both.
func (e *engine) takeValues() error {
	found := e.facts.values
	if found == nil || e.opts.StreamValues == nil {
		if e.settings == nil {
			return valuesErrorf("no values were given, and the stream holds none: the ConfigMap %s is not in it", valuesConfig).hint(giveValues)
		}
		return nil
	}
	settings, diags := e.opts.StreamValues(found.name, []byte(found.text))
	stopped := slices.ContainsFunc(diags, schema.StopsRender)
	if e.settings != nil {
		return e.compareValues(settings, stopped)
	}
	e.report.Values = found.name
	e.report.Warnings = append(e.report.Warnings, diags...)
	if stopped {
		err := valuesErrorf("the values in the stream, %s, are not valid", found.name).hint(giveValues)
		err.Diagnostics = diags
		return err
	}
	e.settings = &settings
	return nil
}

// compareValues warns if the values in the stream are not those that were given.
func (e *engine) compareValues(settings schema.Settings, stopped bool) error {
	d := diag.Diagnostic{Rule: ruleDiffer, File: e.facts.values.name, Hint: "give the renderer the same values as helm"}
	switch {
	case stopped:
		d.Rule, d.Message = ruleUnclear, "the values in the stream are not valid; the given ones were used"
	case !settings.Auth.Equal(e.settings.Auth):
		d.Message = "the values in the stream declare another credential; the given ones were used"
	default:
		return nil
	}
	if e.opts.Strict {
		return valuesErrorf("%s: the given values and those in the stream do not declare the same credential", d.File).hint(d.Hint)
	}
	e.report.warn(d)
	return nil
}
