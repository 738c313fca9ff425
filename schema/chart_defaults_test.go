package schema_test

import (
	"slices"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestOverDefaults: the vendor's default block lies beneath what a wrapper or --chart
// reads, and must not stand for what the user has not said.
func TestOverDefaults(t *testing.T) {
	const (
		vendors = "{type: password, username: admin, password: '', passwordSecretKeyRef: {name: argocd-initial-admin-secret, key: password}, token: '', tokenSecretKeyRef: {}}"
		forks   = "{type: token, tokenSecretKeyRef: {name: of-the-fork, key: k}}"
	)
	for name, tt := range map[string]struct {
		chart, given      string
		rule              string // of an Error, "" for none
		declared, implied bool
	}{
		"nothing given":               {vendors, "{}", "", false, false},
		"nothing given over a fork's": {forks, "{}", "", true, false},
		"a token without a type":      {vendors, "{token: s3cr3t}", "implied-type", true, false},
		"a reference without a type":  {vendors, "{tokenSecretKeyRef: {name: a, key: k}}", "implied-type", true, false},
		"a token over a fork's type":  {forks, "{tokenSecretKeyRef: {name: a}}", "", true, false},
		"a token with its type":       {vendors, "{type: token, tokenSecretKeyRef: {name: a, key: k}}", "", true, false},
		"a password without a type":   {vendors, "{passwordSecretKeyRef: {name: a, key: k}}", "", true, false},
		"a type alone":                {vendors, "{type: password}", "", true, false},
		"a type beside a token":       {vendors, "{type: password, tokenSecretKeyRef: {name: a, key: k}}", "", true, true},
		"the default beside a token":  {vendors, "{type: password, token: s3cr3t, passwordSecretKeyRef: {name: argocd-initial-admin-secret}}", "", true, false},
		"half a reference alone":      {vendors, "{passwordSecretKeyRef: {optional: true}}", "", true, true},
		"a username alone":            {vendors, "{username: svc}", "", true, true},
		"a token, and a fork's mode":  {"{type: password, passwordSecretKeyRef: {name: of-the-fork, key: k}}", "{token: s3cr3t}", "", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			parse := func(file, auth string) *values.Values {
				f, err := values.Parse(file, []byte("global: {integrations: {argo-cd: {server: {auth: "+auth+"}}}}\n"))
				if err != nil {
					t.Fatal(err)
				}
				return values.FromFile(f)
			}
			result, err := new(schema.Linter).Lint(parse("values.yaml", tt.given), schema.Options{Defaults: parse("chart.yaml", tt.chart)})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(result.Diagnostics, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })
			switch {
			case i >= 0 && result.Diagnostics[i].Rule != tt.rule, i < 0 && tt.rule != "":
				t.Errorf("not %q in %+v", tt.rule, result.Diagnostics)
			case tt.rule == "" && (result.Settings.Declared != tt.declared || result.Settings.Implied != tt.implied):
				t.Errorf("settings %+v", result.Settings)
			}
		})
	}
}
