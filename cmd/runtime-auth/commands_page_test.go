package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCommandsPage holds docs/commands.md to what the programs say of themselves; with
// -update it writes the page.
func TestCommandsPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Commands\n\nWhat `helm runtime-auth COMMAND --help` says, of every command. The pages beside this one say more: [lint](rules.md) and\n" +
		"[repositories](fleet.md), [check](check.md), [token](token.md), [export and fn](gitops.md). Helm takes `-n`, `--kube-context`,\n" +
		"`--kubeconfig` and `--debug` for itself, and hands them on.\n")
	for _, command := range []string{"lint", "render", "plan", "install", "upgrade", "template", "diff upgrade", "check", "token create", "token list", "token revoke", "export", "schema", "version"} {
		help, ok := helpOf(strings.Fields(command))
		if !ok {
			t.Fatalf("%s has no help", command)
		}
		var lines []string
		for line := range strings.Lines(help) {
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
		b.WriteString("\n## " + command + "\n\n```text\n" + strings.TrimSpace(strings.Join(lines, "\n")) + "\n```\n")
	}
	path := filepath.Join(root, "docs", "commands.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(page), b.String()); diff != "" {
		t.Errorf("docs/commands.md is not what the programs say (go test ./cmd/runtime-auth -run CommandsPage -update):\n%s", diff)
	}
}
