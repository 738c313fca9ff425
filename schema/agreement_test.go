package schema_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// choices are the values worth trying for a field; "" leaves the field out.
func choices() map[string][]string {
	ref := []string{
		"", "null", "{}", "[]", `""`, `{"name":"","key":""}`, `{"name":""}`, `{"name":"s","key":""}`,
		`{"key":"k"}`, `{"name":"s"}`, `{"name":"s","key":"k"}`, `{"optional":true}`,
	}
	return map[string][]string{
		"type":                 {"", "null", `""`, `"token"`, `"password"`, `"Token"`, "[]"},
		"token":                {"", `""`, `"t"`},
		"tokenSecretKeyRef":    ref,
		"password":             {"", "{}", `"p"`},
		"passwordSecretKeyRef": append(slices.Clone(ref), `{"name":"argocd-initial-admin-secret","key":"password"}`, `{"name":"argocd-initial-admin-secret","key":""}`, `{"name":"argocd-initial-admin-secret"}`, `{"key":"password"}`),
		"usernameSecretKeyRef": {"", `{"name":"u","key":"k"}`, `{"name":"u"}`},
	}
}

// TestSchemaAgreesWithLint tries every combination of what the fields of credentials can
// hold, each with one of the user names: the published schema must accept a values file
// exactly if lint has no error in it. It tries one in five; in CI all, with -short one in
// eleven.
func TestSchemaAgreesWithLint(t *testing.T) {
	t.Parallel()
	const username = "usernameSecretKeyRef"
	compiled := compile(t)
	fields := choices()
	names := []string{"type", "token", "tokenSecretKeyRef", "password", "passwordSecretKeyRef"}
	linter := &schema.Linter{}
	step := 5
	switch {
	case testing.Short():
		step = 11
	case oracle.Required():
		step = 1
	}
	count := 0
	with := func(parts []string, name, choice string) []string {
		if choice == "" {
			return parts
		}
		return append(slices.Clone(parts), fmt.Sprintf("%q:%s", name, choice))
	}
	var try func(i int, parts []string)
	try = func(i int, parts []string) {
		if i < len(names) {
			for _, choice := range fields[names[i]] {
				try(i+1, with(parts, names[i], choice))
			}
			return
		}
		if count++; count%step == 0 {
			// The numbers of choices have 3 as a factor: by turns a user name would always
			// meet the same password.
			turn := count + count/3 + count/9 + count/27
			parts = with(parts, username, fields[username][turn%len(fields[username])])
			agree(t, linter, compiled, fmt.Sprintf(`{"global":{"external-argo-cd":{"auth":{%s}}}}`, strings.Join(parts, ",")))
		}
	}
	try(0, nil)
	t.Logf("one in %d of %d combinations", step, count)
}

// TestSchemaAgreesOnShape does the same for single fields of the wrong shape, and for whole files.
func TestSchemaAgreesOnShape(t *testing.T) {
	compiled := compile(t)
	linter := &schema.Linter{}
	for _, block := range []string{
		`{"type":"token","token":5}`, `{"type":5}`, `{"type":true}`, `{"type":{"a":1}}`, `{"token":["x"]}`, `{"username":1}`, `{"username":{}}`,
		`{"type":"token","tokenSecretKeyRef":"x"}`, `{"type":"token","tokenSecretKeyRef":["x"]}`, `{"tokenSecretKeyRef":{"nme":"x"}}`,
		`{"passwordSecretKeyRef":{"name":"Bad_Name","key":"k"}}`, `{"passwordSecretKeyRef":{"name":"a.b-c.d","key":"a.b_C-1"}}`,
		`{"passwordSecretKeyRef":{"name":"a..b"}}`, `{"passwordSecretKeyRef":{"name":"-a"}}`, `{"passwordSecretKeyRef":{"name":"a-"}}`,
		`{"passwordSecretKeyRef":{"key":".."}}`, `{"passwordSecretKeyRef":{"key":"."}}`, `{"passwordSecretKeyRef":{"key":"..x"}}`,
		`{"passwordSecretKeyRef":{"key":".x"}}`, `{"passwordSecretKeyRef":{"key":"a b"}}`, `{"passwordSecretKeyRef":{"key":"x","optional":"yes"}}`,
		`{"passwordSecretKeyRef":{"name":"` + strings.Repeat("a", 253) + `"}}`, `{"passwordSecretKeyRef":{"name":"` + strings.Repeat("a", 254) + `"}}`,
		`{"passwordSecretKeyRef":{"name":7}}`, `{"unknown":1}`, `{"Token":"x"}`, `"x"`, `[]`, `5`, `null`, `{}`,
		`{"type":"token","tokenSecretKeyRef":{"name":"codefresh-token","key":"k"}}`, `{"passwordSecretKeyRef":{"name":"codefresh-token","key":"k"}}`,
		`{"passwordSecretKeyRef":{"name":"argocd-token","key":"token"}}`, `{"type":"token","tokenSecretKeyRef":{"name":"argocd-token","key":"token"}}`,
		`{"passwordSecretKeyRef":{"name":"argocd-token","key":"other"}}`, `{"usernameSecretKeyRef":{"name":"codefresh-token","key":"k"}}`,
	} {
		agree(t, linter, compiled, `{"global":{"external-argo-cd":{"auth":`+block+`}}}`)
		agree(t, linter, compiled, `{"global":{"integrations":{"argo-cd":{"server":{"auth":`+block+`}}}}}`)
	}
	for _, file := range []string{
		`{}`, `{"global":null}`, `{"global":{"external-argo-cd":null}}`, `{"global":{"external-argo-cd":"x"}}`, `{"other":{"auth":{"type":5}}}`,
		`{"global":{"external-arg-cd":{"auth":{"type":"token"}}}}`, `{"global":{"external-argo-cd":{"server":{"svc":"x"},"redis":{}},"x":1}}`,
	} {
		agree(t, linter, compiled, file)
	}
}

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiled, err := jsonschema.CompileString("auth.schema.json", schema.JSON())
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func agree(t *testing.T, linter *schema.Linter, compiled *jsonschema.Schema, file string) {
	t.Helper()
	var data any
	if err := json.Unmarshal([]byte(file), &data); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	valid := compiled.Validate(data) == nil
	result, err := linter.LintFile("values.yaml", []byte(file), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// What a credential looks like inside is beyond the schema.
	if clean := !slices.ContainsFunc(result.Diagnostics, schema.StopsRender); clean != valid {
		t.Fatalf("the schema says %v, lint says %v of %s\n%+v", valid, clean, file, result.Diagnostics)
	}
}
