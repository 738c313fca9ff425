package schema_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// corpusModes says, for every mode of the corpus, what lint must find and which
// Secret the values must lead to ("" where they are refused).
func corpusModes() map[string]struct {
	rules      []string
	credential string
} {
	type want = struct {
		rules      []string
		credential string
	}
	const byDefault = "argocd-initial-admin-secret/password"
	return map[string]want{
		"default":                    {nil, byDefault},
		"internal-argocd":            {[]string{"bundled-argo-cd"}, byDefault},
		"full":                       {[]string{"bundled-argo-cd"}, byDefault},
		"err-password-none":          {nil, byDefault},
		"token":                      {[]string{"malformed-token", "plaintext-credential"}, "gitops-runtime-argo-cd-token/token"},
		"token-ref":                  {nil, "my-argocd-token/my-token"},
		"token-ref-optional":         {nil, "my-argocd-token/my-token"},
		"password":                   {[]string{"plaintext-credential"}, "gitops-runtime-argo-cd-password/token"},
		"password-emptyref":          {[]string{"plaintext-credential"}, "gitops-runtime-argo-cd-password/token"},
		"password-ref":               {nil, "my-argocd-password/my-password"},
		"username-ref":               {nil, "my-argocd-password/my-password"},
		"both-token":                 {[]string{"malformed-token", "plaintext-credential", "two-credentials"}, ""},
		"both-password":              {[]string{"plaintext-credential", "two-credentials"}, ""},
		"err-token-none":             {[]string{"no-credential"}, ""},
		"err-token-ref-name-only":    {[]string{"missing-field"}, ""},
		"err-type-invalid":           {[]string{"invalid-value"}, ""},
		"err-password-emptyref-none": {[]string{"no-credential"}, ""},
	}
}

// TestCorpusValues lints the values from which the real charts rendered the corpus.
func TestCorpusValues(t *testing.T) {
	files := oracle.Files(t, "corpus/*/*.values.yaml")
	linter := &schema.Linter{}
	for _, name := range files {
		mode := strings.TrimSuffix(filepath.Base(name), ".values.yaml")
		t.Run(filepath.Base(filepath.Dir(name))+"/"+mode, func(t *testing.T) {
			want, ok := corpusModes()[mode]
			if !ok {
				t.Fatal("nobody has said what this mode must give")
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			result, err := linter.LintFile(name, data, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var rules []string
			for _, d := range result.Diagnostics {
				rules = append(rules, d.Rule)
			}
			slices.Sort(rules)
			if diff := cmp.Diff(want.rules, rules); diff != "" {
				t.Errorf("rules (-want +got)\n%s", diff)
			}
			got := result.Settings.Auth.Credential()
			if want.credential != "" && got.Name+"/"+got.Key != want.credential {
				t.Errorf("credential %s/%s, want %s", got.Name, got.Key, want.credential)
			}
		})
	}
}
