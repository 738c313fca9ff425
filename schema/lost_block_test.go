package schema_test

import (
	"slices"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

func TestLostBlock(t *testing.T) {
	const token = "global: {external-argo-cd: {auth: {type: token, tokenSecretKeyRef: {name: a, key: k}}}}\n"
	for name, tt := range map[string]struct {
		files  []string
		json   []string
		scopes [][]string
		lost   bool
	}{
		"null for the block":        {files: []string{token, "global: {external-argo-cd: {auth: }}\n"}, lost: true},
		"null for all":              {files: []string{token, "global:\n"}, lost: true},
		"null below an alias":       {files: []string{"cfr: {" + token[:len(token)-1] + "}\n", "cfr:\n"}, scopes: [][]string{{"cfr"}}, lost: true},
		"an emptied global":         {files: []string{token}, json: []string{`global={"a":1}`}, lost: true},
		"nulls for every field":     {files: []string{token, "global: {external-argo-cd: {auth: {type: , tokenSecretKeyRef: }}}\n"}, lost: true},
		"a null before":             {files: []string{"global: {external-argo-cd: {auth: }}\n", token}},
		"a null, and another block": {files: []string{token, "global: {external-argo-cd: {auth: }, integrations: {argo-cd: {server: {auth: {type: token, token: x}}}}}\n"}},
		"nothing":                   {files: []string{"global: {external-argo-cd: {auth: {type: }}}\n", "global:\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := values.Options{Files: []string{"0", "1"}[:len(tt.files)], JSON: tt.json}
			v, err := values.Load(o, func(name string) ([]byte, error) { return []byte(tt.files[name[0]-'0']), nil })
			if err != nil {
				t.Fatal(err)
			}
			result, err := new(schema.Linter).Lint(v, schema.Options{Scopes: tt.scopes})
			if err != nil {
				t.Fatal(err)
			}
			lost := slices.ContainsFunc(result.Diagnostics, func(d diag.Diagnostic) bool { return d.Rule == "lost-block" && len(d.Related) <= 1 })
			if lost != tt.lost || lost && result.Settings.Declared {
				t.Errorf("lost %v, declared %v: %+v", lost, result.Settings.Declared, result.Diagnostics)
			}
		})
	}
}
