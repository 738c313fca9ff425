package report_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// everyState is a report with one of everything in it.
func everyState() render.Report {
	return render.Report{
		Chart: render.Chart{Version: "0.26.1", Generation: "0.26+"}, Values: "flags",
		Mode: auth.ModeToken, Credential: auth.SecretRef{Name: auth.TokenSecretName, Key: "token"},
		Services: []render.Service{
			{Service: "app-proxy", Kind: "Deployment", Name: "cap-app-proxy", Namespace: "codefresh", Container: "cap-app-proxy", Document: 3, Env: []wiring.Env{
				{Name: "ARGO_CD_PASSWORD", State: wiring.Removed, Before: wiring.Source{Kind: wiring.ValueSource, Hidden: true}},
				{Name: "ARGO_CD_TOKEN", State: wiring.Replaced, Before: keyOf(wiring.SecretSource, "argocd-initial-admin-secret", "password"), After: keyOf(wiring.SecretSource, "gitops-runtime-argo-cd-token", "token")},
				{Name: "ARGO_CD_USERNAME", State: wiring.Removed, Before: wiring.Source{Kind: wiring.ValueSource, Hidden: true}},
			}},
			{Service: "gitops-operator", Kind: "Deployment", Name: "gitops-operator", Container: "manager", Document: 4, Env: []wiring.Env{
				{Name: "ARGO_CD_TOKEN_SECRET_KEY", State: wiring.AlreadyRight, Before: ownValue("token"), After: ownValue("token")},
				{Name: "ARGO_CD_TOKEN_SECRET_NAME", State: wiring.AlreadyRight, Before: ownValue("gitops-runtime-argo-cd-token"), After: ownValue("gitops-runtime-argo-cd-token")},
			}},
			{Service: "argo-gateway", Kind: "Deployment", Name: "argo-gateway", Container: "argo-gateway", Document: 5, Env: []wiring.Env{
				{Name: "ARGO_CD_TOKEN_SECRET_KEY", State: wiring.Set, After: ownValue("token")},
				{Name: "ARGO_CD_TOKEN_SECRET_NAME", State: wiring.Replaced, Before: wiring.Source{Kind: wiring.ValueSource, Hidden: true}, After: ownValue("gitops-runtime-argo-cd-token")},
			}},
			{Service: render.OtherService, Kind: "Rollout", Name: "a\"]; b\n--> `c` #quot; \\n%%{init}\x1b[31m" + strings.Repeat("x", 50), Container: "é", Document: 6, Env: []wiring.Env{
				{Name: "ARGO_CD_TOKEN_SECRET_KEY", State: wiring.Replaced, Before: wiring.Source{Kind: wiring.OtherSource}, After: ownValue("token")},
				{Name: "ARGO_CD_TOKEN_SECRET_NAME", State: wiring.Replaced, Before: keyOf(wiring.ConfigMapSource, "c", strings.Repeat("k-", 30)+"k"), After: ownValue("gitops-runtime-argo-cd-token")},
			}},
		},
		Secrets: []render.Secret{{Name: auth.TokenSecretName, State: render.Appended}, {Name: auth.PasswordSecretName, State: render.Unused}},
		Missing: []string{"runtime-event-reporter"},
		Warnings: []diag.Diagnostic{{Severity: diag.Error, Rule: "moved-block", File: "ConfigMap/helm-values-config", Message: "m",
			Fix: []diag.Edit{{NewText: "token: s3cr3t", Secret: true}}}},
	}
}

// keyOf is a key in a Secret or a ConfigMap.
func keyOf(kind wiring.SourceKind, name, key string) wiring.Source {
	return wiring.Source{Kind: kind, Name: name, Key: key}
}

// ownValue is a value of a variable's own.
func ownValue(text string) wiring.Source { return wiring.Source{Kind: wiring.ValueSource, Value: text} }

// plans are the plans of the example chart's manifests, with the values in them, and
// that of everyState.
func plans(t *testing.T) map[string]report.Plan {
	t.Helper()
	found := map[string]report.Plan{"every-state": report.NewPlan(everyState(), nil, nil)}
	for _, g := range []string{"g1", "g2", "g3"} {
		in, err := os.ReadFile("../../../examples/manifests/" + g + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		found[g] = planOf(t, in, io.Discard)
	}
	return found
}

// planOf is the plan for manifests that hold their own values.
func planOf(t *testing.T, in []byte, out io.Writer) report.Plan {
	t.Helper()
	wired, err := render.Run(context.Background(), nil, bytes.NewReader(in), out, render.Options{})
	var found []diag.Diagnostic
	for _, linted := range wired.Linted {
		found = linted.Diagnostics
	}
	if err != nil {
		t.Fatal(err)
	}
	return report.NewPlan(wired, found, nil)
}

// eachPlan compares every plan in one format with its golden file.
func eachPlan(t *testing.T, extension string, print func(w io.Writer, p report.Plan) error) {
	t.Helper()
	for name, p := range plans(t) {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := print(&out, p); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("plan", name+extension), out.String())
			if print(broken{}, p) == nil {
				t.Error("no error from a closed pipe")
			}
		})
	}
}

func TestPlanSummary(t *testing.T) {
	for _, test := range []struct {
		wired render.Report
		want  string
	}{
		{everyState(), "5 services: 1 already right, 3 to be wired, 1 missing"},
		{render.Report{Services: everyState().Services[1:2]}, "1 service: 1 already right"},
		{render.Report{Missing: []string{"a", "b"}}, "2 services: 2 missing"},
		{render.Report{}, "nothing is wired"},
	} {
		if got := report.NewPlan(test.wired, nil, nil).Summary.String(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// A plan must not change what it was made of, nor show a fix with a credential in it.
func TestNewPlan(t *testing.T) {
	wired := everyState()
	secret := diag.Diagnostic{Rule: "b", Fix: []diag.Edit{{NewText: "s3cr3t", Secret: true}}}
	found := []diag.Diagnostic{secret, {Rule: "a"}, {Rule: "a"}}
	p := report.NewPlan(wired, found, errors.New("it failed"))
	if diff := cmp.Diff(everyState(), wired); diff != "" {
		t.Errorf("the report was changed:\n%s", diff)
	}
	if found[0].Rule != "b" || found[0].Fix == nil {
		t.Error("the findings were changed")
	}
	if p.OK || p.Error != "it failed" || len(p.Findings) != 2 || p.Findings[1].Fix != nil || p.Wiring.Warnings[0].Fix != nil {
		t.Errorf("%+v", p)
	}
}
