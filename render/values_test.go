package render_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

func authValues(block string) string {
	return "global:\n  external-argo-cd:\n    auth: " + block + "\n"
}

func TestValuesFromStream(t *testing.T) {
	in := gen026(appProxy(passwordEnv()), byName("argocd-token", "token"))
	ref := func(name string) string {
		return authValues("{type: token, tokenSecretKeyRef: {name: " + name + ", key: k}}")
	}
	for name, tt := range map[string]struct {
		in   string
		want string // the Secret that is wired
		from string
	}{
		"helm-values-config": {valuesDoc(ref("a")) + in, "a", "ConfigMap/helm-values-config"},
		"before 0.20":        {in + strings.Replace(valuesDoc(ref("a")), "helm-values-config", "validate-values-config", 1), "a", "ConfigMap/validate-values-config"},
		"the last one wins":  {valuesDoc(ref("a")) + in + valuesDoc(ref("b")), "b", "ConfigMap/helm-values-config"},
		"one without values": {valuesDoc(ref("a")) + in + configMapDoc("helm-values-config", "x: y\n"), "a", "ConfigMap/helm-values-config"},
		"in one string":      {configMapDoc("helm-values-config", "values.yaml: '{global: {external-argo-cd: {auth: {type: token, tokenSecretKeyRef: {name: c, key: k}}}}}'\n") + in, "c", "ConfigMap/helm-values-config"},
	} {
		out, report := run(t, nil, []byte(tt.in), render.Options{})
		if got := effective(t, out)["app-proxy/ARGO_CD_TOKEN"]; got != "secret "+tt.want+"/k" || report.Values != tt.from {
			t.Errorf("%s: wired %q by values from %q", name, got, report.Values)
		}
	}
}

func TestNoValues(t *testing.T) {
	in := gen026(appProxy(""), "")
	for name, stream := range map[string]string{"none": in, "of another ConfigMap": strings.Replace(valuesDoc(authValues("{type: token}")), "helm-values", "my-values", 1) + in} {
		e := fails(t, nil, stream, render.Options{}, render.ValuesError)
		for _, way := range []string{"--values", "--set", "RUNTIME_AUTH_VALUES", "helm runtime-auth install"} {
			if !strings.Contains(e.Hint, way) {
				t.Errorf("%s: hint %q does not name %s", name, e.Hint, way)
			}
		}
	}
	fails(t, nil, in, render.Options{Stream: true}, render.ValuesError)
}

func TestInvalidValuesInStream(t *testing.T) {
	in := gen026(appProxy(""), "")
	e := fails(t, nil, valuesDoc(authValues("{type: token}"))+in, render.Options{}, render.ValuesError)
	if len(e.Diagnostics) != 1 || e.Diagnostics[0].Rule != "no-credential" {
		t.Errorf("diagnostics %+v", e.Diagnostics)
	}
	_, report := run(t, nil, []byte(valuesDoc(authValues("{type: token, token: expired-token}"))+in), render.Options{})
	if len(report.Warnings) != 1 || report.Warnings[0].Rule != "expired-token" {
		t.Errorf("what a credential looks like must not stop the run: %+v", report.Warnings)
	}
}

func TestValuesDiffer(t *testing.T) {
	in := gen026(appProxy(""), "")
	same := valuesDoc(authValues("{type: token, tokenSecretKeyRef: {name: my-token, key: k}}")) + in
	other := valuesDoc(authValues("{type: token, tokenSecretKeyRef: {name: other, key: k}}")) + in
	invalid := valuesDoc(authValues("{type: token}")) + in
	for name, tt := range map[string]struct{ in, rule string }{
		"same": {same, ""}, "other": {other, "values-differ"}, "invalid": {invalid, "stream-values"},
	} {
		out, report := run(t, tokenSettings(), []byte(tt.in), render.Options{})
		rule := ""
		for _, w := range report.Warnings {
			rule = w.Rule
		}
		if rule != tt.rule || effective(t, out)["app-proxy/ARGO_CD_TOKEN"] != "secret my-token/k" {
			t.Errorf("%s: warnings %+v", name, report.Warnings)
		}
		if tt.rule != "" {
			fails(t, tokenSettings(), tt.in, render.Options{Strict: true}, render.ValuesError)
		} else {
			run(t, tokenSettings(), []byte(tt.in), render.Options{Strict: true})
		}
	}
}

func TestRedactValuesConfig(t *testing.T) {
	values := "a: s3cr3t-token\nglobal:\n  external-argo-cd:\n    auth:\n      type: token\n      token: s3cr3t-token # t\n      password: pw\n"
	redacted := "a: \"[redacted]\"\nglobal:\n  external-argo-cd:\n    auth:\n      type: token\n      token: \"[redacted]\" # t\n      password: \"[redacted]\"\n"
	rest := configMapDoc("other", "a: s3cr3t-token\n") + wiredFor(schema.TokenSecretName) + secretDoc(schema.TokenSecretName, "stringData: {token: s3cr3t-token}\n")
	settings := &schema.Settings{Auth: plainToken("s3cr3t-token")}
	for name, s := range map[string]*schema.Settings{"given": settings, "from the stream": nil} {
		out, _ := run(t, s, []byte(valuesDoc(values)+rest), render.Options{RedactValuesConfig: true})
		if string(out) != valuesDoc(redacted)+rest {
			t.Errorf("%s: stream\n%s", name, out)
		}
		twice, _ := run(t, s, out, render.Options{RedactValuesConfig: true, Strict: true})
		if string(twice) != string(out) {
			t.Errorf("%s: redacting twice:\n%s", name, twice)
		}
		plain, _ := run(t, s, []byte(valuesDoc(values)+rest), render.Options{})
		if string(plain) != valuesDoc(values)+rest {
			t.Errorf("%s: redacted without being asked", name)
		}
	}
	_, report := run(t, settings, []byte(valuesDoc(values+"b: x s3cr3t-token\n")+rest), render.Options{RedactValuesConfig: true})
	if len(report.Warnings) != 1 || report.Warnings[0].Rule != "redaction-incomplete" {
		t.Errorf("warnings %+v", report.Warnings)
	}
	fails(t, settings, valuesDoc("a: [s3cr3t\n")+rest, render.Options{RedactValuesConfig: true}, render.StreamError)
}
