//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// command is a command line that a page shows to be typed.
type command struct {
	page, text string
	output     string // what the page shows of its output, "" for nothing
	before     string // the fenced block of YAML before it on the page
}

// commands returns those of the pages that need helm, in order.
func commands(t *testing.T, pages ...string) (found []command) {
	t.Helper()
	for _, page := range pages {
		var kind, block, yaml string
		for line := range strings.Lines(read(t, filepath.Join("..", page))) {
			switch fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```"); {
			case isFence && kind == "":
				kind, block = fence, ""
			case isFence:
				if kind == "yaml" {
					yaml = block
				}
				if kind == "console" {
					found = append(found, typed(page, block, yaml)...)
				}
				kind = ""
			case kind != "":
				block += line
			}
		}
	}
	return found
}

// typed cuts a console block into its commands, each with the output below it.
func typed(page, block, yaml string) (found []command) {
	for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
		text, output, _ := strings.Cut(part, "\n")
		for strings.HasSuffix(text, `\`) {
			next, rest, _ := strings.Cut(output, "\n")
			text, output = strings.TrimSuffix(text, `\`)+next, rest
		}
		text = regexp.MustCompile(`\s+#.*$`).ReplaceAllString(text, "")
		found = append(found, command{page: page, text: text, output: output, before: yaml})
	}
	return found
}

// TestDocumentedCommands types every command of the pages into a shell, with both
// Helms, in a folder and a cluster as the pages assume them.
func TestDocumentedCommands(t *testing.T) {
	all := commands(t, "README.md", "docs/check.md", "docs/token.md")
	if len(all) < 15 {
		t.Fatalf("only %d commands found", len(all))
	}
	eachHelm(t, func(t *testing.T, h *helm) {
		a := h.newArgoCD(t)
		h.secret(t, "argocd-api-token", map[string]string{"token": a.issue(t, "runtime", "docs")})
		for _, c := range all {
			dir := assumed(t, h)
			if c.output != "" && strings.Contains(c.text, " lint ") {
				c.checkOutput(t, h, dir)
				continue
			}
			text := c.forTest(h, a.URL)
			if text == "" {
				continue
			}
			r := h.shell(dir, text).run(t)
			if r.code != 0 {
				t.Errorf("%s: %s: exit code %d\n%s%s", c.page, text, r.code, r.stdout, r.stderr)
			}
		}
	})
}

// checkOutput holds the output to what the page shows.
func (c command) checkOutput(t *testing.T, h *helm, dir string) {
	t.Helper()
	file := strings.TrimPrefix(c.before, "# values.yaml\n")
	must(t, os.WriteFile(filepath.Join(dir, "values.yaml"), []byte(c.before), 0o600))
	r := h.shell(dir, c.text).run(t)
	if diff := cmp.Diff(c.output, r.stdout); r.code != 1 || diff != "" || file == c.before {
		t.Errorf("%s: %s: exit code %d (-page +real):\n%s", c.page, c.text, r.code, diff)
	}
}

// forTest is the command with the places of this test; "" for one that other tests
// run: what installs the plugin.
func (c command) forTest(h *helm, url string) string {
	if strings.HasPrefix(c.text, "git clone") || c.text == "make install" {
		return ""
	}
	text := regexp.MustCompile(` -n [a-z]+`).ReplaceAllString(c.text, " -n "+h.namespace)
	text = strings.ReplaceAll(text, "https://argocd.example.com", url)
	switch {
	case regexp.MustCompile(`helm (runtime-auth )?(install|upgrade)`).MatchString(text):
		// Nothing would execute hooks; and each page begins anew.
		text = "helm uninstall cf-runtime runtime --no-hooks --ignore-not-found -n " + h.namespace + " && " + text + " --no-hooks"
	case strings.Contains(text, " token create"):
		// Where a person is asked; every time for another Secret.
		text = strings.Replace(text, " --account", fmt.Sprintf(" --password-file password --secret-name made-%d --account", len(text)), 1)
	case strings.Contains(text, " token list"):
		text += " --password-file password"
	case strings.HasSuffix(text, "check -n "+h.namespace):
		text += " --release from-the-test --format json || test $? = 2" // TestCheckRecorded has one
	case strings.Contains(text, "--all-namespaces"):
		text += " || test $? = 1" // other tests break their Runtimes
	}
	return text
}

// assumed makes the files that the pages speak of.
func assumed(t *testing.T, h *helm) string {
	t.Helper()
	dir := t.TempDir()
	const auth = "auth: {type: token, tokenSecretKeyRef: {name: argocd-api-token, key: token}}"
	values := "global:\n  integrations:\n    argo-cd:\n      server:\n        svc: argo-cd-server\n        port: 80\n        " + auth + "\ngeneration: g3\n"
	files := map[string]string{
		"values.yaml": values, "base.yaml": "global: {external-argo-cd: {" + auth + "}}\n", "prod.yaml": "generation: g3\n", "envs/values-prod.yaml": values,
		"argocd-values.yaml": "configs: {cm: {accounts.runtime: 'apiKey, login'}}\n",
		"auth.yaml":          values, "password": runtimePassword,
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o600))
	}
	chart := runtimeChart(t)
	manifests := h.helm("template", "cf-runtime", chart, "-f", filepath.Join(dir, "values.yaml")).ok(t)
	must(t, os.WriteFile(filepath.Join(dir, "manifests.yaml"), []byte(manifests), 0o600))
	for _, name := range []string{"CHART", "RUNTIME-CHART", "gitops-runtime-0.26.0.tgz"} { // a folder will do for an archive
		must(t, os.CopyFS(filepath.Join(dir, name), os.DirFS(chart)))
	}
	return dir
}

// shell is a line typed into a shell in which helm is this client.
func (h *helm) shell(dir, line string) call {
	return call{path: "/bin/sh", args: []string{"-c", "cd '" + dir + "' && " + line}, env: h.env}
}
