//go:build cluster

package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cluster"
)

// TestCommandsPage holds docs/commands.md to what the programs say of themselves; with
// -update it writes the page.
func TestCommandsPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Commands\n\nWhat `helm runtime-auth COMMAND --help` says, of every command. The pages beside this one say more: [lint](rules.md) and\n" +
		"[repositories](fleet.md), [check](check.md), [token](token.md), [export and fn](gitops.md). Helm takes `-n`, `--kube-context`,\n" +
		"`--kubeconfig` and `--debug` for itself, and hands them on.\n")
	for _, command := range []string{"lint", "render", "plan", "install", "upgrade", "template", "diff upgrade", "check", "token create", "token list", "token revoke", "token rotate", "export", "schema", "version"} {
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
		t.Errorf("docs/commands.md is not what the programs say (go test ./cmd/runtime-auth -run CommandsPage -tags cluster -update):\n%s", diff)
	}
}

// TestCommands holds every command of ours that a page names to what the programs
// know: the command, and each of its flags.
func TestCommands(t *testing.T) {
	ours := regexp.MustCompile(`helm runtime-auth ((?:token )?[a-z]+)([^\n` + "`" + `|]*(?:\\\n[^\n` + "`" + `]*)*)`)
	flag := regexp.MustCompile(`(?:^|\s)(--[a-z][a-z0-9-]*)`)
	seen := 0
	for name, text := range pages(t) {
		for _, m := range ours.FindAllStringSubmatch(text, -1) {
			command := strings.Fields(m[1])
			help, ok := helpOf(command)
			if !ok {
				t.Errorf("%s: there is no command %q", name, m[1])
				continue
			}
			seen++
			rest, _, _ := strings.Cut(m[2], " #")
			for _, f := range flag.FindAllStringSubmatch(rest, -1) {
				if !strings.Contains(help, f[1]+" ") && !strings.Contains(help, f[1]+"\n") && !isHelms(command[0]) {
					t.Errorf("%s: %q has no flag %s", name, m[1], f[1])
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d commands found", seen)
	}
}

// isHelms reports whether a command takes helm's flags beside its own.
func isHelms(command string) bool {
	return slices.Contains([]string{"install", "upgrade", "template"}, command)
}

// helpOf asks the program that a command is in.
func helpOf(command []string) (help string, ok bool) {
	var out bytes.Buffer
	args := append(slices.Clone(command), "--help")
	code := 0
	switch command[0] {
	case "check", "token":
		code = cluster.Main(args, cluster.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: os.Getenv})
	case "schema", "lint", "plan", "version", "render", "export", "install", "upgrade", "template", "diff":
		code = cli.Main(args, cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: os.Getenv})
	default:
		return "", false
	}
	return out.String(), code == 0
}
