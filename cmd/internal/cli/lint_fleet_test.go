package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
)

// TestFleetIsLintedAlike lints a repository of Runtimes in every form, as a whole and
// file by file: the findings must be the same, and so must what --fix makes of it.
func TestFleetIsLintedAlike(t *testing.T) {
	dir, names := writeFleet(t, 120)
	together, stderr := findings(t, dir)
	var alone []finding
	for _, name := range names {
		found, _ := findings(t, name)
		alone = append(alone, found...)
	}
	if diff := cmp.Diff(alone, together); diff != "" || len(together) != 24 {
		t.Errorf("%d findings (-alone +together)\n%s", len(together), diff)
	}
	if strings.Contains(stderr, "Runtimes") {
		t.Errorf("a summary in a format for programs:\n%s", stderr)
	}
	if _, stderr, _ = run("lint", dir); !strings.Contains(stderr, "99 files: 98 with an auth block, 1 without; 120 Runtimes: 96 clean, 24 with errors\n") {
		t.Errorf("summary:\n%s", stderr)
	}

	other, others := writeFleet(t, 120)
	run("lint", "--fix", dir)
	for _, name := range others {
		run("lint", "--fix", name)
	}
	for i, name := range names {
		a, err := os.ReadFile(name)
		b, err2 := os.ReadFile(others[i])
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if !bytes.Equal(a, b) || bytes.Contains(a, []byte("external-arg-cd")) {
			t.Errorf("%s is mended otherwise than alone, or not at all", filepath.Base(name))
		}
	}
	if found, _ := findings(t, other); len(found) != 0 {
		t.Errorf("%d findings are left", len(found))
	}
}

// finding is what lint says, without the name of the folder.
type finding struct {
	Rule, File, Message string
	Range               any
	Fix                 any
}

func findings(t *testing.T, path string) ([]finding, string) {
	t.Helper()
	stdout, stderr, code := run("lint", "--format", "json", path)
	if code > 1 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var doc struct{ Findings []finding }
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Findings, stderr
}

func run(args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = cli.Main(args, cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }})
	return out.String(), errs.String(), code
}

// writeFleet writes n Runtimes, one in five broken: as values files, HelmReleases, and
// Applications in two forms; a quarter of them share files of four.
func writeFleet(t *testing.T, n int) (dir string, names []string) {
	t.Helper()
	dir = t.TempDir()
	texts := map[string]string{"notes/deployment.yaml": "kind: Deployment\n"}
	for i := range n {
		key := "external-argo-cd"
		if i%5 == 2 {
			key = "external-arg-cd"
		}
		block := fmt.Sprintf("global:\n  %s:\n    auth:\n      type: token\n      tokenSecretKeyRef:\n        name: argocd-%d\n        key: token\n", key, i)
		if i%5 == 4 {
			block += "  # ümläut\n"
		}
		switch i % 4 {
		case 0:
			texts[fmt.Sprintf("c%d/values.yaml", i)] = block
		case 1:
			texts[fmt.Sprintf("c%d/release.yaml", i)] = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: gitops-runtime}}\n  values:\n" + indented(block, 4)
		case 2:
			texts[fmt.Sprintf("many-%d.yml", i/16)] += application + "      values: |\n" + indented(block, 8) + "---\n"
		case 3:
			texts[fmt.Sprintf("c%d/app.yaml", i)] = application + "      valuesObject:\n" + indented(block, 8)
		}
	}
	for name, text := range texts {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		names = append(names, path)
	}
	slices.Sort(names)
	return dir, names
}

const application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: gitops-runtime\n    helm:\n"

func indented(text string, by int) string {
	return strings.Repeat(" ", by) + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+strings.Repeat(" ", by)) + "\n"
}
