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
				{Name: "ARGO_CD_USERNAME", State: wiring.Removed, Before: ownValue("https://admin:s3cr3t@host")},
			}},
			{Service: "gitops-operator", Kind: "Deployment", Name: "gitops-operator", Container: "manager", Document: 4, Env: []wiring.Env{
				{Name: "ARGO_CD_TOKEN_SECRET_KEY", State: wiring.AlreadyRight, Before: ownValue("token"), After: ownValue("token")},
				{Name: "ARGO_CD_TOKEN_SECRET_NAME", State: wiring.AlreadyRight, Before: ownValue("gitops-runtime-argo-cd-token"), After: ownValue("gitops-runtime-argo-cd-token")},
			}},
			{Service: "argo-gateway", Kind: "Deployment", Name: "argo-gateway", Container: "argo-gateway", Document: 5, Env: []wiring.Env{
				{Name: "ARGO_CD_TOKEN_SECRET_KEY", State: wiring.Set, After: ownValue("token")},
				{Name: "ARGO_CD_TOKEN_SECRET_NAME", State: wiring.Replaced, Before: ownValue("S3CRET s3cr3t"), After: ownValue("gitops-runtime-argo-cd-token")},
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

// A plan must not change what it was made of, nor show what could be a credential.
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
	for service, want := range map[int]string{0: `value [redacted]`, 2: `value [redacted]`} {
		env := p.Wiring.Services[service].Env
		if got := env[len(env)-1].Before.String(); got != want {
			t.Errorf("%d: %s", service, got)
		}
	}
}

// A credential that stands where a name should is not shown in any format: as the name
// of a Secret or a key in it, as the username, as a key of a ConfigMap. What is declared
// is shown, unless it is a token by its looks.
func TestPlanHidesMisplacedCredentials(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhOnMzY3IzdCJ9.czNjcjN0LXMzY3IzdA"
	wired := render.Report{
		Mode: auth.ModePassword, Credential: auth.SecretRef{Name: "team-9x8y7z6w", Key: token},
		Services: []render.Service{{Service: "app-proxy", Kind: "Deployment", Name: token, Namespace: token, Container: token, Env: []wiring.Env{
			{Name: "ARGO_CD_PASSWORD", State: wiring.Replaced, Before: keyOf(wiring.SecretSource, token, token), After: keyOf(wiring.SecretSource, "team-9x8y7z6w", token)},
			{Name: "ARGO_CD_TOKEN", State: wiring.Removed, Before: keyOf(wiring.ConfigMapSource, "cap-app-proxy-cm", "hunter2-"+canary)},
			{Name: "ARGO_CD_USERNAME", State: wiring.Replaced, Before: ownValue("hunter2x"), After: ownValue("runtime4you")},
			{Name: "ARGO_CD_TOKEN_SECRET_NAME", State: wiring.Replaced, Before: ownValue("hunter2x"), After: ownValue("team-9x8y7z6w")},
			{Name: "ARGO_CD_TOKEN_SECRET_KEY", State: wiring.Removed, Before: ownValue("` + token + `")},
		}}},
	}
	p := report.NewPlan(wired, nil, nil)
	env := p.Wiring.Services[0].Env
	for i, want := range []string{"secret …/…", "configMap cap-app-proxy-cm/…", "value [redacted]", "value [redacted]", "value [redacted]"} {
		if env[i].Before.String() != want {
			t.Errorf("%s: %s, want %s", env[i].Name, env[i].Before, want)
		}
	}
	for i, want := range map[int]string{0: "secret team-9x8y7z6w/…", 2: `value "runtime4you"`, 3: `value "team-9x8y7z6w"`} {
		if env[i].After.String() != want {
			t.Errorf("%s: %s, want %s", env[i].Name, env[i].After, want)
		}
	}
	for name, print := range map[string]func(io.Writer) error{
		"table":   func(w io.Writer) error { return report.PlanTable(w, p, false) },
		"mermaid": func(w io.Writer) error { return report.PlanMermaid(w, p) },
		"json":    func(w io.Writer) error { return report.PlanJSON(w, p) },
	} {
		var out strings.Builder
		if err := print(&out); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"eyJ", "hunter2", canary} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%s shows %q:\n%s", name, secret, out.String())
			}
		}
	}
}

// What manifests say of themselves nobody has declared: in it only plain names are shown.
func TestPlanOfWitnesses(t *testing.T) {
	services := []render.Service{{Service: "app-proxy", Namespace: "a", Env: []wiring.Env{
		{Name: "ARGO_CD_PASSWORD", State: wiring.AlreadyRight, Before: keyOf(wiring.SecretSource, "argocd-pw", "hunter2x"), After: keyOf(wiring.SecretSource, "argocd-pw", "hunter2x")},
		{Name: "ARGO_CD_USERNAME", State: wiring.AlreadyRight, Before: ownValue("correcthorse"), After: ownValue("correcthorse")},
	}}}
	credential := auth.SecretRef{Name: "argocd-pw", Key: "hunter2x"}
	witness := render.Runtime{Namespace: "a", Values: render.Witness, Credential: credential}
	for name, wired := range map[string]render.Report{
		"one":     {Values: render.Witness, Credential: credential, Services: services, Runtimes: []render.Runtime{{Values: render.Witness, Credential: credential}}},
		"several": {Services: services, Runtimes: []render.Runtime{witness, {Namespace: "b", Values: "flags", Credential: auth.SecretRef{Name: "x", Key: "y"}}}},
	} {
		var out strings.Builder
		if err := report.PlanJSON(&out, report.NewPlan(wired, nil, nil)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "hunter2x") || strings.Contains(out.String(), "correcthorse") || !strings.Contains(out.String(), "argocd-pw/…") {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}
