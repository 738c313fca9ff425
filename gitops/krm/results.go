package krm

import (
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// ruleTag is the tag of a result that names the rule of its finding.
const ruleTag = "rule"

// findings turns what lint or render found into results. The severity error is kept
// for what stopped the function: readers take it for its exit code.
func findings(ds []diag.Diagnostic) framework.Results {
	var results framework.Results
	for _, d := range ds {
		r := &framework.Result{Message: d.Message, Severity: framework.Warning, Tags: map[string]string{ruleTag: d.Rule}}
		switch {
		case d.Severity == diag.Info:
			r.Severity = framework.Info
		case schema.StopsRender(d):
			r.Severity = framework.Error
		}
		if d.Hint != "" {
			r.Message += "; " + d.Hint
		}
		if d.Path != "" {
			r.Field = &framework.Field{Path: d.Path}
		}
		results = append(results, r)
	}
	return results
}

// failure turns an error into results, at least one of which is an error.
func failure(err error) framework.Results {
	r := &framework.Result{Severity: framework.Error, Message: err.Error()}
	var inConfig *ConfigError
	var inItems *render.Error
	switch {
	case errors.As(err, &inConfig):
		if len(inConfig.Diagnostics) > 0 {
			return findings(inConfig.Diagnostics)
		}
		r.Message = inConfig.Message
		if inConfig.Path != "" {
			r.Field = &framework.Field{Path: inConfig.Path}
		} else {
			r.Message = inConfig.Error()
		}
	case errors.As(err, &inItems):
		if hint := Hint(inItems); hint != "" {
			r.Message += "; " + hint
		}
	}
	return framework.Results{r}
}

// Hint says what to do about an error of the renderer, whose own hints are about
// standard input and flags, in terms of a functionConfig.
func Hint(e *render.Error) string {
	switch {
	case strings.Contains(e.Hint, "--allow-missing"):
		return "accept that with allowMissing in the functionConfig"
	case strings.Contains(e.Hint, "stdin"), strings.Contains(e.Hint, "pass the manifests"):
		return "run the function over all manifests of the gitops-runtime chart at once"
	case strings.Contains(e.Hint, "same values"):
		return "give the function the same values as helm"
	}
	return ""
}

// wired says what was done to every variable that was not right. The documents of the
// report are the items.
func wired(report render.Report, items []*yaml.RNode) framework.Results {
	var results framework.Results
	for _, s := range report.Services {
		ref := &yaml.ResourceIdentifier{
			TypeMeta: yaml.TypeMeta{Kind: s.Kind, APIVersion: items[s.Document-1].GetApiVersion()},
			NameMeta: yaml.NameMeta{Name: s.Name, Namespace: s.Namespace},
		}
		for _, e := range s.Env {
			if e.State == render.AlreadyRight {
				continue
			}
			field := &framework.Field{Path: fmt.Sprintf("spec.template.spec.containers[name=%s].env[name=%s]", s.Container, e.Name)}
			// Not the empty string, which would stand there as a value.
			if e.Before != "" {
				field.CurrentValue = e.Before
			}
			if e.After != "" {
				field.ProposedValue = e.After
			}
			results = append(results, &framework.Result{
				Severity: framework.Info, ResourceRef: ref, Field: field,
				Message: fmt.Sprintf("%s: %s is %s", s.Service, e.Name, e.State),
			})
		}
	}
	for _, name := range report.Missing {
		results = append(results, &framework.Result{Severity: framework.Info, Message: name + " is missing, which is allowed"})
	}
	for _, s := range report.Secrets {
		results = append(results, &framework.Result{
			Severity: framework.Info, Message: fmt.Sprintf("the chart's Secret is %s", s.State),
			ResourceRef: &yaml.ResourceIdentifier{TypeMeta: yaml.TypeMeta{APIVersion: "v1", Kind: "Secret"}, NameMeta: yaml.NameMeta{Name: s.Name}},
		})
	}
	return results
}
