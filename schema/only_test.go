package schema_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestOnly: which of several Runtimes is switched off the values alone do not tell, for
// only the chart says by which of them its dependencies are.
func TestOnly(t *testing.T) {
	const text = `
a: {enabled: false, global: {external-argo-cd: {auth: {type: token, tokenSecretKeyRef: {name: a, key: k}}}}}
b: {live: false, global: {external-argo-cd: {auth: {type: token, tokenSecretKeyRef: {name: b, key: k}}}}}
`
	file := func(name, text string) *values.File {
		f, err := values.Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	umbrella := func(conditionA, conditionB string) *values.Values {
		c := &values.Chart{Listed: true, File: file("values.yaml", ""), Dependencies: []*values.Chart{
			{Name: "a", Real: auth.ChartName, Condition: conditionA}, {Name: "b", Real: auth.ChartName, Condition: conditionB},
		}}
		return c.Defaults()
	}
	for name, tt := range map[string]struct {
		chart  *values.Values
		secret string // "" where it is unclear
	}{
		"no chart":           {nil, ""},
		"no conditions":      {umbrella("", ""), ""},
		"a is switched off":  {umbrella("a.enabled", ""), "b"},
		"b is switched off":  {umbrella("", "b.live"), "a"},
		"by the first found": {umbrella("x.y,a.enabled", "b.enabled"), "b"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := new(schema.Linter).Lint(values.FromFile(file("v.yaml", text)), schema.Options{Defaults: tt.chart, Scopes: [][]string{{"a"}, {"b"}}})
			if err != nil {
				t.Fatal(err)
			}
			s, unclear := result.Only()
			if (unclear == "") != (tt.secret != "") || unclear == "" && s.Auth.Ref.Name != tt.secret || unclear != "" && !strings.Contains(unclear, "several") {
				t.Errorf("%q, %+v", unclear, s.Auth)
			}
		})
	}
}
