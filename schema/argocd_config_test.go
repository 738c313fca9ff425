package schema_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestAccounts runs every testdata/accounts/RULE-CASE.txtar: values.yaml is the
// Runtime's, argocd.yaml Argo CD's own configuration, want what lint says of both.
func TestAccounts(t *testing.T) {
	files, _ := filepath.Glob("testdata/accounts/*.txtar")
	if len(files) == 0 {
		t.Fatal("no test data")
	}
	linter := &schema.Linter{}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			result := lintWith(t, linter, archive.Files[0].Data, archive.Files[1].Data)
			got := showFiles(result)
			if strings.Contains(got, canary) || strings.Contains(showAllLines(result, "argocd.yaml"), canary) {
				t.Errorf("a credential is shown:\n%s\n%s", got, showAllLines(result, "argocd.yaml"))
			}
			if *update {
				archive.Files[2].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[2].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestAccountFixes applies the edits of every case: the file must parse, the finding
// must be gone, and a second round must find nothing more to mend.
func TestAccountFixes(t *testing.T) {
	files, _ := filepath.Glob("testdata/accounts/*.txtar")
	linter := &schema.Linter{}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		before := lintWith(t, linter, archive.Files[0].Data, archive.Files[1].Data)
		fixed, count := applyFixes(archive.Files[1].Data, before.Diagnostics)
		after := lintWith(t, linter, archive.Files[0].Data, fixed)
		if got := len(inArgoCD(after)); got > len(inArgoCD(before))-count {
			t.Errorf("%s: %d findings, %d of them mended, %d left in\n%s", name, len(inArgoCD(before)), count, got, fixed)
		}
		for _, d := range inArgoCD(after) {
			if len(d.Fix) > 0 {
				t.Errorf("%s: not mended at once: %s", name, d.Message)
			}
		}
	}
}

func lintWith(t *testing.T, linter *schema.Linter, data, argoCD []byte) schema.Result {
	t.Helper()
	config, err := argocd.Parse("argocd.yaml", argoCD)
	if err != nil {
		t.Fatal(err)
	}
	result, err := linter.LintFile("values.yaml", data, schema.Options{ArgoCD: config})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func inArgoCD(r schema.Result) []diag.Diagnostic {
	var found []diag.Diagnostic
	for _, d := range r.Diagnostics {
		if d.File == "argocd.yaml" {
			found = append(found, d)
		}
	}
	return found
}

// applyFixes applies the edits in Argo CD's file, last first.
func applyFixes(data []byte, found []diag.Diagnostic) (fixed []byte, count int) {
	text := string(data)
	for i := len(found) - 1; i >= 0; i-- {
		if found[i].File != "argocd.yaml" || len(found[i].Fix) == 0 {
			continue
		}
		count++
		for _, e := range found[i].Fix {
			text = text[:e.Range.Start.Offset] + e.NewText + text[e.Range.End.Offset:]
		}
	}
	return []byte(text), count
}

// showFiles is show for findings in two files.
func showFiles(r schema.Result) string {
	var b strings.Builder
	for _, d := range r.Diagnostics {
		one := d
		one.Related = nil
		text := show(schema.Result{Diagnostics: []diag.Diagnostic{one}, Masks: r.Masks})
		fmt.Fprintf(&b, "%s:%s", d.File, text)
		for _, rel := range d.Related {
			fmt.Fprintf(&b, "  %s:%s %s\n", rel.File, span(rel.Range), rel.Message)
		}
	}
	return b.String()
}

func showAllLines(r schema.Result, file string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		pieces, ok := r.Masks.Line(file, n)
		if !ok {
			return b.String()
		}
		for _, p := range pieces {
			b.WriteString(p.Text)
		}
		b.WriteString("\n")
	}
}

func TestParseArgoCD(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"chart values", "configs: {cm: {accounts.ci: apiKey}}", ""},
		{"chart values without accounts", "configs: {cm: {}}", ""},
		{"chart values that clear it", "configs:\n  cm:\n", ""},
		{"subchart", "argo-cd: {configs: {cm: {}}}", ""},
		{"subchart with an alias", "argo: {configs: {cm: {}}}", ""},
		{"config map", "kind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: {}", ""},
		{"config map without data", "kind: ConfigMap\nmetadata: {name: argocd-cm}", ""},
		{"among others", "kind: Service\n---\nkind: ConfigMap\nmetadata: {name: argocd-cm}\n---\nkind: ConfigMap\nmetadata: {name: argocd-rbac-cm}", ""},
		{"list", `{"kind":"List","items":[{"kind":"Secret"},{"kind":"ConfigMap","metadata":{"name":"argocd-cm"}}]}`, ""},
		{"typed list", `{"kind":"ConfigMapList","items":[{"metadata":{"name":"argocd-cm"}}]}`, ""},
		{"empty", "", "no Argo CD configuration"},
		{"a list", "[]", "no Argo CD configuration"},
		{"other values", "configs: {params: {}}", "no Argo CD configuration"},
		{"other object of that name", "kind: Secret\nmetadata: {name: argocd-cm}", "no Argo CD configuration"},
		{"item without kind in a plain list", `{"kind":"List","items":[{"metadata":{"name":"argocd-cm"}}]}`, "no Argo CD configuration"},
		{"no mapping", "configs: {cm: s3cr3t}", "no Argo CD configuration"},
		{"not made", "configs: {cm: {create: false}}", "configs.cm.create is false"},
		{"twice", "configs: {cm: {}}\nargo-cd:\n  configs:\n    cm: {}", "more than once, at line 1 (configs.cm) and at line 4 (argo-cd.configs.cm)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := argocd.Parse("a.yaml", []byte(tt.text))
			var no *argocd.FileError
			switch {
			case tt.want == "":
				if err != nil {
					t.Error(err)
				}
			case !errors.As(err, &no), !strings.Contains(no.Error(), tt.want), !strings.HasPrefix(no.Error(), "a.yaml: "), no.Hint == "":
				t.Errorf("got %v, want %q", err, tt.want)
			case strings.Contains(no.Error(), canary):
				t.Error("quotes the file")
			}
		})
	}
	_, err := argocd.Parse("a.yaml", []byte("configs: {cm: s3cr3t"))
	var syntax *values.SyntaxError
	if !errors.As(err, &syntax) || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v, want a syntax error", err)
	}
}

// FuzzArgoCD checks for any values and any configuration: no panic, ranges inside
// their files, the same findings each time, edits that do not break the file, and no
// credential of either file in what is shown.
func FuzzArgoCD(f *testing.F) {
	files, _ := filepath.Glob("testdata/accounts/*.txtar")
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Files[0].Data), string(archive.Files[1].Data))
	}
	linter := &schema.Linter{}
	f.Fuzz(func(t *testing.T, text, argoCD string) {
		config, err := argocd.Parse("argocd.yaml", []byte(argoCD))
		if err != nil {
			return
		}
		opts := schema.Options{ArgoCD: config}
		result, err := linter.LintFile("values.yaml", []byte(text), opts)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := linter.LintFile("values.yaml", []byte(text), opts)
		if !reflect.DeepEqual(result.Diagnostics, again.Diagnostics) {
			t.Fatal("two runs differ")
		}
		size := map[string]int{"values.yaml": len(text), "argocd.yaml": len(argoCD)}
		for _, d := range result.Diagnostics {
			checkRange(t, d.Range, size[d.File])
			for _, e := range d.Fix {
				checkRange(t, e.Range, size[d.File])
			}
			for _, rel := range d.Related {
				checkRange(t, rel.Range, size[rel.File])
			}
		}
		fixed, _ := applyFixes([]byte(argoCD), result.Diagnostics)
		if _, err := argocd.Parse("argocd.yaml", fixed); err != nil {
			t.Fatalf("mended into %q: %v", fixed, err)
		}
		shown := showFiles(result) + showAllLines(result, "argocd.yaml")
		for _, secret := range append(credentials(text), hiddenScalars(argoCD)...) {
			if strings.Contains(shown, secret) {
				t.Fatalf("shows the credential %q:\n%s", secret, shown)
			}
		}
	})
}

// hiddenScalars returns the texts in a file that begin with the canary and stand
// there once: as values they must not be shown, wherever they are.
func hiddenScalars(text string) []string {
	file, err := values.Parse("argocd.yaml", []byte(text))
	if err != nil {
		return nil
	}
	var found []string
	var walk func(v *values.Value, key string)
	walk = func(v *values.Value, key string) {
		if s := v.Str(); strings.HasPrefix(s, canary) && strings.Count(text, s) == 1 && !strings.Contains("kind apiVersion name namespace", key) {
			found = append(found, s)
		}
		for _, item := range v.Items {
			walk(item, key)
		}
		for name, f := range v.Fields {
			walk(f, name)
		}
	}
	for _, root := range append([]*values.Value{file.Root}, file.Later...) {
		walk(root, "")
	}
	return found
}
