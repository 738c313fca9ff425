// Package cmd_test guards the shape of the whole module.
package cmd_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render"
)

const module = "github.com/helm-runtime-auth/runtime-auth/"

// mayImport lists, for every package, the packages of this module that it may
// import. A "*" at the end stands for everything below.
func mayImport() map[string][]string {
	lib := []string{"schema", "schema/diag", "schema/yamldoc", "schema/rule", "schema/auth"}
	aRule := []string{"schema/rule", "schema/auth", "schema/block", "schema/diag", "schema/mask", "schema/spot", "schema/values"}
	return map[string][]string{
		"schema/diag":              {},
		"schema/yamldoc":           {"schema/diag"},
		"schema/edit":              {"schema/yamldoc"},
		"schema/values":            {"schema/diag", "schema/yamldoc", "schema/values/outline", "schema/values/syntax"},
		"schema/values/outline":    {"schema/yamldoc"},
		"schema/values/syntax":     {"schema/yamldoc"},
		"schema/auth":              {},
		"schema/token":             {},
		"schema/block":             {"schema/values", "schema/values/outline", "schema/auth", "schema/token"},
		"schema/mask":              {"schema/yamldoc", "schema/values", "schema/block"},
		"schema/spot":              {"schema/diag", "schema/yamldoc", "schema/values"},
		"schema/rule":              {"schema/auth", "schema/block", "schema/diag", "schema/mask", "schema/spot", "schema/values"},
		"schema/rule/place":        aRule,
		"schema/rule/field":        aRule,
		"schema/argocd":            append([]string{"schema/token"}, aRule...),
		"schema":                   append([]string{"schema/rule/*", "schema/argocd"}, aRule...),
		"schema/fix":               {"schema", "schema/rule", "schema/values", "schema/diag"},
		"render/stream":            {"schema/yamldoc"},
		"render/redact":            {"schema/auth", "schema/edit", "schema/yamldoc"},
		"render/emit":              {},
		"render/envedit":           {"schema", "schema/edit", "schema/yamldoc", "render/emit", "schema/auth"},
		"render/wiring":            {"render/envedit", "schema/auth", "schema/mask"},
		"render/scan":              {"render/envedit", "render/stream", "render/wiring", "schema/auth", "schema/yamldoc"},
		"render":                   append([]string{"render/*", "schema/auth"}, lib...),
		"preflight/argocd":         {"schema", "schema/auth", "schema/token"},
		"preflight/argocdtest":     {"preflight/rbac"}, // for tests alone
		"preflight/owner":          {"preflight/settings", "preflight/verdict"},
		"preflight/settings":       {"schema/token"},
		"preflight/shell":          {},
		"preflight/shelltest":      {}, // for tests alone
		"preflight/verdict":        {},
		"preflight/session":        {"preflight/argocd", "preflight/verdict", "schema", "schema/auth", "schema/token"},
		"preflight/rbac":           {"preflight/shell"},
		"preflight/rights":         {"preflight/argocd", "preflight/rbac", "preflight/verdict", "schema/auth"},
		"preflight/reach":          {"preflight/argocd", "preflight/endpoint", "preflight/shell"},
		"preflight/reachtest":      {}, // for tests alone
		"preflight/apikey":         {"preflight/shell", "preflight/argocd", "preflight/owner", "preflight/rbac", "preflight/rights", "schema", "schema/token", "schema/auth"},
		"preflight/hook":           {"preflight/verdict", "schema/auth", "schema/values"},
		"preflight/endpoint":       {"preflight/argocd", "preflight/verdict", "schema", "schema/auth", "schema/values"},
		"preflight/rotate":         {"preflight/apikey", "preflight/argocd", "preflight/consumer", "preflight/shell", "schema/auth", "schema/token"},
		"preflight":                {"preflight/argocd", "preflight/consumer", "preflight/endpoint", "preflight/hook", "preflight/owner", "preflight/page", "preflight/rbac", "preflight/rights", "preflight/session", "preflight/settings", "preflight/shell", "preflight/verdict", "schema", "schema/*"},
		"preflight/page":           {},
		"preflight/consumer":       {"preflight/page", "preflight/shell", "schema/token"},
		"preflight/fleet":          {"preflight/shell", "preflight/rbac", "preflight/settings", "preflight", "preflight/endpoint", "preflight/page", "preflight/consumer", "schema", "schema/values", "schema/yamldoc", "schema/auth"},
		"preflight/declared":       {"gitops/inline", "schema", "schema/values", "schema/auth"},
		"cmd/internal/printable":   {},
		"cmd/internal/argocdcli":   {"schema/auth"},
		"cmd/internal/password":    {"cmd/internal/exit", "cmd/internal/input", "cmd/internal/program", "schema/auth"},
		"cmd/internal/argocdflag":  {"cmd/internal/argocdcli", "cmd/internal/complete", "cmd/internal/exit", "cmd/internal/input", "preflight/argocd", "preflight/reach"},
		"cmd/internal/ptytest":     {}, // for tests alone
		"cmd/internal/exit":        {"cmd/internal/printable"},
		"cmd/internal/program":     {"cmd/internal/exit"},
		"cmd/internal/chart":       {"cmd/internal/complete", "cmd/internal/exit", "cmd/internal/input", "schema", "schema/values", "schema/auth"},
		"cmd/internal/complete":    {},
		"cmd/internal/kube":        {"cmd/internal/exit", "preflight/argocd"},
		"cmd/internal/count":       {},
		"cmd/internal/format":      {"cmd/internal/complete", "cmd/internal/exit"},
		"cmd/internal/input":       {},
		"cmd/internal/rewrite":     {},
		"cmd/internal/helm":        {"cmd/internal/exit", "cmd/internal/input", "schema/values"},
		"cmd/internal/report":      {"cmd/internal/count", "cmd/internal/format", "cmd/internal/printable", "schema", "schema/diag", "schema/yamldoc", "render", "render/stream", "render/wiring", "schema/auth", "schema/mask", "schema/rule"},
		"cmd/internal/valuesflag":  {"cmd/internal/chart", "cmd/internal/complete", "cmd/internal/exit", "cmd/internal/input", "schema", "schema/values"},
		"cmd/internal/job":         {"cmd/internal/chart", "cmd/internal/complete", "cmd/internal/exit", "cmd/internal/program", "cmd/internal/report", "cmd/internal/rewrite", "cmd/internal/valuesflag", "render", "render/stream", "schema", "schema/*"},
		"cmd/internal/wrapper":     {"cmd/internal/*", "render", "schema", "schema/*"},
		"cmd/internal/postrender":  {"cmd/internal/*", "render", "render/stream", "schema", "schema/*"},
		"examples/oracle":          {}, // for tests alone
		"gitops/inline":            {"gitops/reference", "schema", "schema/*"},
		"gitops/reference":         {"schema/values"},
		"cmd/internal/fleet":       {"cmd/internal/chart", "cmd/internal/input", "gitops/inline", "schema", "schema/block", "schema/values/syntax", "schema/diag", "schema/auth"},
		"cmd/internal/cli":         {"cmd/internal/*", "gitops/inline", "gitops/export", "preflight/shell", "render", "schema", "schema/*"},
		"cmd/internal/checkreport": {"cmd/internal/count", "cmd/internal/format", "cmd/internal/printable", "preflight"},
		"cmd/internal/keyreport":   {"cmd/internal/format", "cmd/internal/printable", "preflight/argocd", "preflight/consumer"},
		"cmd/internal/cluster":     {"cmd/internal/*", "preflight", "preflight/*", "schema", "schema/*"},
		"gitops/krm":               {"render", "render/emit", "render/stream", "render/wiring", "schema", "schema/diag", "schema/values", "schema/yamldoc", "schema/auth"},
		"gitops/export":            {"render/emit", "render/stream", "schema/auth", "schema/block", "schema/mask", "schema/yamldoc"},
		"cmd/internal/krm":         {"cmd/internal/exit", "cmd/internal/printable", "cmd/internal/program", "gitops/krm", "render", "schema/diag"},
		"cmd/runtime-auth":         {"cmd/internal/cli", "cmd/internal/krm", "cmd/internal/postrender", "cmd/internal/program"},
		"cmd/internal/docgen":      {"cmd/internal/cli", "cmd/internal/cluster"},
		"cmd/runtime-auth-cluster": {"cmd/internal/cluster"},
	}
}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T, patterns ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps"}, patterns...)...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func TestImports(t *testing.T) {
	rules := mayImport()
	for _, p := range list(t, "-tags", "cluster,docgen", "./...") {
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, known := rules[name]
		if !known && len(p.Imports) > 0 {
			t.Errorf("package %s has no rule of what it may import", name)
		}
		for _, imported := range p.Imports {
			inside, ours := strings.CutPrefix(imported, module)
			if ours && !slices.ContainsFunc(allowed, func(rule string) bool { return matches(rule, inside) }) {
				t.Errorf("%s must not import %s", name, inside)
			}
			if !strings.HasPrefix(name, "cmd/") && name != "examples/oracle" && isTerminal(imported) {
				t.Errorf("%s is a library and must not import %s", name, imported)
			}
			if strings.HasPrefix(name, "schema") && strings.Contains(imported, "kyaml") {
				t.Errorf("%s must not import %s", name, imported)
			}
			if name == "schema/diag" && strings.Contains(strings.Split(imported, "/")[0], ".") {
				t.Errorf("%s is for the standard library only, it imports %s", name, imported)
			}
		}
	}
}

func matches(rule, name string) bool {
	if prefix, ok := strings.CutSuffix(rule, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return rule == name
}

// isTerminal reports whether a package deals with the process, its flags or its terminal.
func isTerminal(path string) bool {
	return path == "os" || path == "flag" || strings.Contains(path, "pflag") || strings.Contains(path, "cobra") ||
		strings.Contains(path, "color") || strings.Contains(path, "/term")
}

// TestKubernetesClientIsApart holds that a Kubernetes client is linked by the program
// for clusters alone, and that without the build tag nothing is compiled that needs one:
// `go install ./...` and pre-commit build what every user needs.
func TestKubernetesClientIsApart(t *testing.T) {
	links := func(p listed) bool {
		return slices.ContainsFunc(p.Deps, func(d string) bool {
			return strings.HasPrefix(d, "k8s.io/client-go/") || strings.HasPrefix(d, "k8s.io/api/") || strings.HasPrefix(d, "k8s.io/apimachinery/")
		})
	}
	plain := list(t, "./...")
	for _, p := range plain {
		if links(p) {
			t.Errorf("%s needs a Kubernetes client, so its files must have the build tag cluster", p.ImportPath)
		}
	}
	for _, p := range list(t, "-tags", "cluster", "./...") {
		isPlain := slices.ContainsFunc(plain, func(q listed) bool { return p.ImportPath == q.ImportPath })
		if links(p) == isPlain {
			t.Errorf("%s links a Kubernetes client: %v; it is compiled without the build tag cluster: %v", p.ImportPath, links(p), isPlain)
		}
	}
}

// TestSupportIsApart holds that what helps tests is linked by nothing but tests.
func TestSupportIsApart(t *testing.T) {
	for _, p := range list(t, "-tags", "cluster,docgen", "./...") {
		for _, support := range []string{"preflight/argocdtest", "preflight/reachtest", "preflight/shelltest", "cmd/internal/ptytest", "examples/oracle"} {
			if slices.Contains(p.Deps, module+support) {
				t.Errorf("%s must not link %s, which is for tests", p.ImportPath, support)
			}
		}
	}
}

// TestSlowPackages keeps out of the main program what Helm would start with every
// post-renderer: packages whose initialisation takes long, or that link much.
func TestSlowPackages(t *testing.T) {
	p := list(t, "./cmd/runtime-auth")[0]
	for _, slow := range []string{
		"helm.sh/helm/v3/pkg/cli", "helm.sh/helm/v3/pkg/action", "helm.sh/helm/v3/pkg/chartutil",
		"sigs.k8s.io/kustomize/kyaml/fn", "sigs.k8s.io/kustomize/kyaml/kio", "sigs.k8s.io/kustomize/kyaml/openapi",
	} {
		for _, d := range p.Deps {
			if d == slow || strings.HasPrefix(d, slow+"/") {
				t.Errorf("the main program links %s", d)
			}
		}
	}
}

// TestNoCallBacks holds that the renderer calls nothing of who calls it.
func TestNoCallBacks(t *testing.T) {
	for field := range reflect.TypeFor[render.Options]().Fields() {
		if field.Type.Kind() == reflect.Func || field.Type.Kind() == reflect.Interface {
			t.Errorf("render.Options.%s is a call-back", field.Name)
		}
	}
}
