package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestFixesOfMergedValues asks for fixes where values come from more than one place:
// an edit must be right in the file that it is for, looked at by itself.
func TestFixesOfMergedValues(t *testing.T) {
	const block = "global:\n  external-argo-cd:\n    auth:\n      type: token\n"
	const ref = "global:\n  external-argo-cd:\n    auth:\n      tokenSecretKeyRef: {name: a, key: k}\n"
	const whole = block + "      tokenSecretKeyRef: {name: a, key: k}\n"
	for _, test := range []struct {
		name     string
		files    []string
		set      []string
		defaults string
		rule     string
		file     string // which the finding is in
		hint     string // what its hint says of why it is not mended; "" if it is
	}{
		{name: "slip in the second file", files: []string{block, strings.Replace(ref, "tokenSecret", "tokenSecert", 1)}, rule: "misspelled-key", file: "b.yaml"},
		{name: "slip that another file has right", files: []string{whole, strings.Replace(ref, "argo-cd", "arg-cd", 1)}, rule: "misspelled-key", file: "b.yaml"},
		{name: "slip in a flag", files: []string{block}, set: []string{"global.external-argo-cd.auth.tokn=s3cr3t"}, rule: "misspelled-key", file: "--set",
			hint: "it comes from --set, not from a file"},
		{name: "slip in a second flag", files: []string{block}, set: []string{"a=b", "global.external-argo-cd.auth.tokn=s3cr3t"}, rule: "misspelled-key", file: "--set#2",
			hint: "it comes from --set, not from a file"},
		{name: "padded name in a flag", files: []string{block}, set: []string{"global.external-argo-cd.auth.tokenSecretKeyRef.name= a"}, rule: "invalid-name", file: "--set",
			hint: "it comes from --set, not from a file"},
		{name: "block in one file", files: []string{"global: {x: y}\n", whole}, rule: "moved-block", file: "b.yaml"},
		{name: "block in two files", files: []string{block, ref}, rule: "moved-block", file: "b.yaml",
			hint: "its fields come from several places"},
		{name: "block with a flag in it", files: []string{whole}, set: []string{"global.external-argo-cd.auth.username=x"}, rule: "moved-block", file: "a.yaml",
			hint: "its fields come from several places"},
		{name: "block in a flag", files: []string{"a: b\n"}, set: []string{"global.external-argo-cd.auth.type=token"}, rule: "moved-block", file: "--set",
			hint: "it comes from --set, not from a file"},
		{name: "block over the chart's defaults", files: []string{whole}, rule: "moved-block", file: "a.yaml",
			defaults: "global: {integrations: {argo-cd: {server: {auth: {type: password}}}}}\n"},
		{name: "a block in another file", files: []string{whole, "global: {integrations: {argo-cd: {server: {auth: {type: token, token: s3cr3t}}}}}\n"}, rule: "moved-block", file: "a.yaml",
			hint: "there is a block at global.integrations.argo-cd.server.auth already"},
		{name: "leftover", files: []string{whole + "      passwordSecretKeyRef: {}\n"}, rule: "unset-leftover", file: "a.yaml"},
		{name: "duplicate that another file repeats", files: []string{whole + "      type: token\n", block}, rule: "duplicate-key", file: "a.yaml"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := values.Options{Files: []string{"a.yaml", "b.yaml"}[:len(test.files)], Set: test.set}
			v, err := values.Load(o, func(name string) ([]byte, error) { return []byte(test.files[name[0]-'a']), nil })
			if err != nil {
				t.Fatal(err)
			}
			opts := schema.Options{ChartVersion: &auth.ChartVersion{Minor: 26}}
			if test.defaults != "" {
				f, err := values.Parse("chart.yaml", []byte(test.defaults))
				if err != nil {
					t.Fatal(err)
				}
				opts.Defaults = values.FromFile(f)
			}
			result, err := new(schema.Linter).Lint(v, opts)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(result.Diagnostics, func(d diag.Diagnostic) bool { return d.Rule == test.rule })
			if i < 0 {
				t.Fatalf("no %s in %+v", test.rule, result.Diagnostics)
			}
			d := result.Diagnostics[i]
			switch {
			case d.File != test.file:
				t.Errorf("in %s", d.File)
			case test.hint == "" && (len(d.Fix) == 0 || strings.Contains(d.Hint, "--fix")):
				t.Errorf("not mended: %s", d.Hint)
			case test.hint != "" && (len(d.Fix) > 0 || !strings.Contains(d.Hint, "--fix leaves this alone: "+test.hint)):
				t.Errorf("%d edits, hint %s", len(d.Fix), d.Hint)
			}
			if len(d.Fix) == 0 {
				return
			}
			out, ok := diag.Splice([]byte(test.files[d.File[0]-'a']), d.Fix)
			if _, err := values.Parse(d.File, out); err != nil || !ok {
				t.Errorf("it becomes (%v, %v)\n%s", ok, err, out)
			}
		})
	}
}

// TestALeftoverThatOverridesStays keeps an empty reference that has something to say:
// it takes away what an earlier file gives.
func TestALeftoverThatOverridesStays(t *testing.T) {
	files := map[string]string{
		"a.yaml": "global: {external-argo-cd: {auth: {passwordSecretKeyRef: {name: a, key: k}}}}\n",
		"b.yaml": "global: {external-argo-cd: {auth: {type: token, token: s3cr3t, passwordSecretKeyRef: {name: \"\", key: \"\"}}}}\n",
	}
	v, err := values.Load(values.Options{Files: []string{"a.yaml", "b.yaml"}}, func(name string) ([]byte, error) { return []byte(files[name]), nil })
	if err != nil {
		t.Fatal(err)
	}
	result, err := new(schema.Linter).Lint(v, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range result.Diagnostics {
		if d.Rule == "unset-leftover" {
			t.Errorf("%s: %s", d.Path, d.Message)
		}
	}
}

// TestMovedCredentialsAreMarked looks at edits that move a credential: their text must
// not be shown, and that of others may.
func TestMovedCredentialsAreMarked(t *testing.T) {
	for _, test := range []struct {
		text   string
		secret bool
	}{
		{"global:\n  external-argo-cd:\n    auth:\n      password: s3cr3t-4711\n", true},
		{"global:\n  external-argo-cd:\n    auth:\n      type: token\n      token: |-\n        s3cr3t-\n        4711\n", true},
		{"global:\n  external-argo-cd:\n    auth:\n      type: token\n      tokenSecretKeyRef: {name: a, key: k}\n", false},
	} {
		result, err := new(schema.Linter).LintFile("v.yaml", []byte(test.text), schema.Options{ChartVersion: &auth.ChartVersion{Minor: 26}})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(result.Diagnostics, func(d diag.Diagnostic) bool { return d.Rule == "moved-block" })
		fix := result.Diagnostics[i].Fix
		isSecret := slices.ContainsFunc(fix, func(e diag.Edit) bool { return e.Secret })
		if len(fix) == 0 || isSecret != test.secret {
			t.Errorf("%q: marked %v, %d edits", test.text, isSecret, len(fix))
		}
		for _, e := range fix {
			if !e.Secret && strings.Contains(e.NewText, "s3cr3t") {
				t.Errorf("%q: an edit with a credential is not marked", test.text)
			}
		}
	}
}
