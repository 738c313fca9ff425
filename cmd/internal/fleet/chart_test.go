package fleet_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// TestChartInTheRepository: what is below an alias counts where the chart says that it is
// a Runtime's, and is out of place where it says that it is not.
func TestChartInTheRepository(t *testing.T) {
	const auth = "{external-argo-cd: {auth: {type: Token, tokenSecretKeyRef: {name: a, key: b}}}}"
	umbrella := func(alias string) string {
		return "apiVersion: v2\nname: platform\nversion: 0.1.0\ndependencies: [{name: gitops-runtime, version: 0.25.2, repository: https://x, alias: " + alias + "}]\n"
	}
	application := "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec: {source: {repoURL: https://git/x, path: charts/rt, helm: {valuesObject: {cfr: {global: " + auth + "}}}}}\n"
	release := "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {chart: {spec: {chart: ./charts/rt, sourceRef: {kind: GitRepository}}}, values: {cfr: {global: " + auth + "}}}\n"
	for name, tt := range map[string]struct {
		alias, file, text, rule string
	}{
		"an Application":                     {"cfr", "apps/rt.yaml", application, "invalid-value"},
		"an Application, for another alias":  {"other", "apps/rt.yaml", application, "misplaced-block"},
		"a HelmRelease":                      {"cfr", "flux/prod/rt.yaml", release, "invalid-value"},
		"a HelmRelease, for another alias":   {"other", "rt.yaml", release, "misplaced-block"},
		"a values file":                      {"cfr", "charts/rt/prod.yaml", "cfr: {global: " + auth + "}\n", "invalid-value"},
		"a values file, for another alias":   {"other", "charts/rt/prod.yaml", "cfr: {global: " + auth + "}\n", "misplaced-block"},
		"a values file of no chart in sight": {"other", "prod.yaml", "cfr: {global: " + auth + "}\n", "invalid-value"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{".git/HEAD": "", "charts/rt/Chart.yaml": umbrella(tt.alias), tt.file: tt.text})
			path := filepath.Join(dir, tt.file)
			linter := &schema.Linter{}
			c, err := fleet.Check(fleet.File{Name: path}, os.ReadFile, linter.LintFile, linter, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if found := c.Releases[0].Diagnostics; len(found) != 1 || found[0].Rule != tt.rule {
				t.Errorf("%+v", found)
			}
		})
	}
}
