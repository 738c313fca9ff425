package render_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// fails runs and expects an error of a kind. Nothing may be written then.
func fails(t *testing.T, s *auth.Settings, in string, opts render.Options, kind render.ErrorKind) *render.Error {
	t.Helper()
	var out bytes.Buffer
	_, err := render.Run(context.Background(), s, strings.NewReader(in), &out, opts)
	var e *render.Error
	if !errors.As(err, &e) {
		t.Fatalf("no error but %v, and this output:\n%s", err, out.String())
	}
	if e.Kind != kind {
		t.Errorf("kind %d, want %d: %v", e.Kind, kind, e)
	}
	if out.Len() > 0 {
		t.Errorf("an error, and still this output:\n%s", out.String())
	}
	if strings.Contains(e.Error()+e.Hint, "s3cr3t") {
		t.Errorf("the error shows a credential: %v (%s)", e, e.Hint)
	}
	return e
}

func tokenSettings() *auth.Settings {
	return &auth.Settings{Declared: true, Auth: tokenRef("my-token", "k", nil)}
}

func TestExpectedServices(t *testing.T) {
	app := func(version string) string {
		if version == "" {
			return appProxy("")
		}
		return appProxy("", chartLabel(version))
	}
	yes, no := new(true), new(false)
	for name, tt := range map[string]struct {
		in       string
		settings auth.Settings
		missing  string // in the error's message, "" if there is none
		gen      string
	}{
		"0.26, all":                              {in: gen026(app("0.26.0"), ""), gen: "0.26+"},
		"0.25, all":                              {in: gen018(app("0.25.2"), ""), gen: "0.18-0.25"},
		"no label, new":                          {in: gen026(app(""), ""), gen: "0.26+"},
		"no label, old":                          {in: gen018(app(""), ""), gen: "0.18-0.25"},
		"a label of another chart":               {in: gen018(app("26.0.0-x"), ""), missing: "argo-gateway, runtime-event-reporter, cluster-event-reporter"},
		"a prerelease":                           {in: gen026(app("0.26.0-alpha.1"), ""), gen: "0.26+"},
		"a build":                                {in: gen018(app("0.18.0_b1"), ""), settings: auth.Settings{BundledArgoCD: no}, gen: "0.18-0.25"},
		"a development chart":                    {in: gen026(app("0.0.0"), ""), gen: "0.26+"},
		"before 0.18, by its services":           {in: gen026(app("0.17.9"), ""), gen: "0.26+"},
		"a label on another object":              {in: strings.Replace(configMapDoc("x", "a: b\n"), "  name: x\n", "  name: x\n"+chartLabel("0.19.0"), 1) + without(gen018(app(""), ""), "event-reporter"), gen: "0.18-0.25"},
		"before 0.18":                            {in: gen018(app("0.17.9"), ""), gen: "0.18-0.25"},
		"0.26 without argo-gateway":              {in: without(gen026(app("0.26.0"), ""), "argo-gateway"), missing: "argo-gateway"},
		"0.25 with services of 0.26":             {in: gen026(app("0.25.0"), ""), missing: "sources-server, event-reporter"},
		"no label, no gateway":                   {in: without(gen026(app(""), ""), "argo-gateway"), missing: "no Runtime"},
		"no app-proxy and no operator":           {in: without(without(gen018(app(""), ""), "cap-app-proxy"), "gitops-operator"), missing: "app-proxy, gitops-operator"},
		"the operator is off":                    {in: without(gen018(app(""), ""), "gitops-operator"), settings: auth.Settings{GitOpsOperatorDisabled: new(true)}, gen: "0.18-0.25"},
		"0.19 without event-reporter":            {in: without(gen018(app("0.19.3"), ""), "event-reporter"), gen: "0.18-0.25"},
		"0.19 without event-reporter, external":  {in: without(gen018(app("0.19.3"), ""), "event-reporter"), settings: auth.Settings{BundledArgoCD: no}, missing: "event-reporter"},
		"0.20 without event-reporter":            {in: without(gen018(app("0.20.0"), ""), "event-reporter"), missing: "event-reporter"},
		"unknown without event-reporter":         {in: without(gen018(app(""), ""), "event-reporter"), missing: "event-reporter"},
		"0.25, bundled, nothing there":           {in: app("0.25.0"), settings: auth.Settings{BundledArgoCD: yes}, gen: "0.18-0.25"},
		"0.26, bundled, without a reporter":      {in: without(gen026(app("0.26.0"), ""), "cluster-event-reporter"), settings: auth.Settings{BundledArgoCD: yes}, missing: "cluster-event-reporter"},
		"bundled and no Runtime at all":          {in: "a: b\n", settings: auth.Settings{BundledArgoCD: yes}, missing: "no Runtime"},
		"the label on an object that is no part": {in: configMapDoc("x", "a: b\n") + "# gitops-runtime-0.25.0\n" + gen026(app(""), ""), gen: "0.26+"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.settings.Auth, tt.settings.Declared = tokenSettings().Auth, true
			if tt.missing != "" {
				e := fails(t, &tt.settings, tt.in, render.Options{}, render.StreamError)
				if !strings.Contains(e.Message, tt.missing) {
					t.Errorf("message %q", e.Message)
				}
				return
			}
			if _, report := run(t, &tt.settings, []byte(tt.in), render.Options{}); report.Chart.Generation != tt.gen {
				t.Errorf("generation %q", report.Chart.Generation)
			}
		})
	}
}

func TestAllowMissing(t *testing.T) {
	in := appProxy("", chartLabel("0.26.0"))
	e := fails(t, tokenSettings(), in, render.Options{AllowMissing: []string{"argo-gateway"}}, render.StreamError)
	if want := "--allow-missing gitops-operator --allow-missing runtime-event-reporter --allow-missing cluster-event-reporter"; !strings.Contains(e.Hint, want) {
		t.Errorf("hint %q", e.Hint)
	}
	_, report := run(t, tokenSettings(), []byte(in), render.Options{AllowMissing: render.Services()})
	if diff := cmp.Diff([]string{"gitops-operator", "argo-gateway", "runtime-event-reporter", "cluster-event-reporter"}, report.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func TestBundledArgoCD(t *testing.T) {
	settings := tokenSettings()
	settings.BundledArgoCD = new(true)
	settings.Auth = plainToken("s3cr3t-token")
	for name, tt := range map[string]struct {
		in    string
		wired bool
	}{
		"old":              {gen018(appProxy("", chartLabel("0.25.0")), ""), false},
		"old, no label":    {gen018(appProxy(""), ""), false},
		"new":              {gen026(appProxy("", chartLabel("0.26.0")), ""), true},
		"new, no label":    {gen026(appProxy(""), ""), true},
		"old, with Secret": {gen018(appProxy(""), "") + secretDoc(auth.TokenSecretName, "stringData: {token: other}\n"), false},
	} {
		out, report := run(t, settings, []byte(tt.in), render.Options{})
		if wired := string(out) != tt.in; wired != tt.wired || wired != (len(report.Services) > 0) {
			t.Errorf("%s: wired %v, %d services in the report", name, wired, len(report.Services))
		}
		if len(report.Warnings) != 1 || report.Warnings[0].Rule != "bundled-argo-cd" {
			t.Errorf("%s: warnings %+v", name, report.Warnings)
		}
	}
}

func TestServices(t *testing.T) {
	want := []string{"app-proxy", "gitops-operator", "sources-server", "argo-gateway", "event-reporter", "runtime-event-reporter", "cluster-event-reporter"}
	if got := render.Services(); !slices.Equal(got, want) {
		t.Errorf("services %v", got)
	}
}
