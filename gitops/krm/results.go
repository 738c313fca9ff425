package krm

import (
	"errors"
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Result is one result of a function, with the fields of kyaml's framework.Result that
// are used here. The severities of the protocol are those of diagnostics; an error makes
// the function fail.
type Result struct {
	Message     string                   `yaml:"message,omitempty"`
	Severity    string                   `yaml:"severity,omitempty"`
	ResourceRef *yaml.ResourceIdentifier `yaml:"resourceRef,omitempty"`
	Field       *Field                   `yaml:"field,omitempty"`
	Tags        map[string]string        `yaml:"tags,omitempty"`
}

// Field is the field of a resource that a result is about.
type Field struct {
	Path          string `yaml:"path,omitempty"`
	CurrentValue  string `yaml:"currentValue,omitempty"`
	ProposedValue string `yaml:"proposedValue,omitempty"`
}

// findings turns what lint or render found into results. The severity error is kept
// for what stopped the function: readers take it for its exit code.
func findings(ds []diag.Diagnostic) []*Result {
	var results []*Result
	for _, d := range ds {
		severity := d.Severity
		if severity == diag.Error && !schema.StopsRender(d) {
			severity = diag.Warning
		}
		r := &Result{Message: d.Message, Severity: severity.String(), Tags: map[string]string{"rule": d.Rule}}
		if d.Hint != "" {
			r.Message += "; " + d.Hint
		}
		if d.Path != "" {
			r.Field = &Field{Path: d.Path}
		}
		results = append(results, r)
	}
	return results
}

// failure turns an error into results, at least one of which is an error.
func failure(err error) []*Result {
	r := &Result{Severity: diag.Error.String(), Message: err.Error()}
	if inConfig, ok := errors.AsType[*ConfigError](err); ok {
		if len(inConfig.Diagnostics) > 0 {
			return findings(inConfig.Diagnostics)
		}
		if inConfig.Path != "" {
			r.Message, r.Field = inConfig.Message, &Field{Path: inConfig.Path}
		}
	}
	if inItems, ok := errors.AsType[*render.Error](err); ok {
		if hint := Hint(inItems); hint != "" {
			r.Message += "; " + hint
		}
	}
	return []*Result{r}
}

// Hint says what to do about an error of the renderer, whose own hints are about
// standard input and flags, in terms of a functionConfig.
func Hint(e *render.Error) string {
	switch e.Remedy {
	case render.AllowMissing:
		return "accept that with allowMissing in the functionConfig"
	case render.WholeStream:
		return "run the function over all manifests of the gitops-runtime chart at once"
	case render.SameValues:
		return "give the function the same values as helm"
	}
	return ""
}

// wired says what was done to every variable that was not right. The documents of the
// report are the items.
func wired(report render.Report, items []*yaml.RNode) []*Result {
	var results []*Result
	for _, s := range report.Services {
		ref := &yaml.ResourceIdentifier{
			TypeMeta: yaml.TypeMeta{Kind: s.Kind, APIVersion: items[s.Document-1].GetApiVersion()},
			NameMeta: yaml.NameMeta{Name: s.Name, Namespace: s.Namespace},
		}
		for _, e := range s.Env {
			if e.State == wiring.AlreadyRight {
				continue
			}
			results = append(results, &Result{
				Severity: diag.Info.String(), ResourceRef: ref, Message: fmt.Sprintf("%s: %s is %s", s.Service, e.Name, e.State),
				Field: &Field{
					Path:         fmt.Sprintf("spec.template.spec.containers[name=%s].env[name=%s]", s.Container, e.Name),
					CurrentValue: e.Before.String(), ProposedValue: e.After.String(),
				},
			})
		}
	}
	for _, name := range report.Missing {
		results = append(results, &Result{Severity: diag.Info.String(), Message: name + " is missing, which is allowed"})
	}
	for _, s := range report.Secrets {
		results = append(results, &Result{
			Severity: diag.Info.String(), Message: fmt.Sprintf("the chart's Secret is %s", s.State),
			ResourceRef: &yaml.ResourceIdentifier{TypeMeta: yaml.TypeMeta{APIVersion: "v1", Kind: "Secret"}, NameMeta: yaml.NameMeta{Name: s.Name}},
		})
	}
	return results
}
