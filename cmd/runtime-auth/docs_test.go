package main_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

var update = flag.Bool("update", false, "rewrite the outputs in docs/rules.md")

// rulesPage is read and, with -update, written from this folder.
const rulesPage = "../../docs/rules.md"

// TestRulesPage runs every example in docs/rules.md. A section shows one or more
// files, a command with its real output, and the same files as they pass.
func TestRulesPage(t *testing.T) {
	page, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	rulesPage, err := filepath.Abs(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	intro, sections := sections(string(page))
	for i, rule := range schema.Rules() {
		if i >= len(sections) || sections[i].name != rule.ID {
			t.Fatalf("section %d must be about %s: sections stand in the order of Rules", i+1, rule.ID)
		}
	}
	if len(sections) != len(schema.Rules()) {
		t.Errorf("%d sections for %d rules", len(sections), len(schema.Rules()))
	}
	for i, rule := range schema.Rules() {
		t.Run(rule.ID, func(t *testing.T) { sections[i].check(t, rule) })
	}
	if *update {
		for _, s := range sections {
			intro += "## " + s.name + "\n" + s.text
		}
		if err := os.WriteFile(rulesPage, []byte(intro), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// section is one rule's part of the page.
type section struct{ name, text string }

func sections(page string) (intro string, found []*section) {
	parts := strings.Split(page, "\n## ")
	for i, part := range parts[1:] {
		name, text, _ := strings.Cut(part, "\n")
		if i < len(parts)-2 {
			text += "\n"
		}
		found = append(found, &section{name, text})
	}
	return parts[0] + "\n", found
}

// check runs the failing and the passing example, and compares the line that says
// what kind of rule it is.
func (s *section) check(t *testing.T, rule schema.Rule) {
	if kind := kindOf(rule); !strings.HasPrefix(s.text, "\n"+kind+"\n") {
		t.Errorf("the section must begin with the line %q", kind)
	}
	blocks := fenced(s.text)
	shown := -1
	for i, b := range blocks {
		if b.language == "console" {
			shown = i
		}
	}
	if shown < 1 || shown == len(blocks)-1 {
		t.Fatal("the section needs a failing file, a console block and a passing file")
	}
	command, want, _ := strings.Cut(blocks[shown].body, "\n")
	got, code := run(t, command, blocks[:shown])
	if *update {
		s.text = strings.Replace(s.text, blocks[shown].body, command+"\n"+got, 1)
	} else if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output of the failing example (-want +got)\n%s", diff)
	}
	if !strings.Contains(got, "["+rule.ID+"]") || (code == 1) != strings.Contains(got, ": error:") {
		t.Errorf("exit code %d, output:\n%s", code, got)
	}
	passing := append(append([]block{}, blocks[:shown]...), blocks[shown+1:]...)
	if got, code := run(t, command, passing); code != 0 || got != "" {
		t.Errorf("the passing example ends with %d and says\n%s", code, got)
	}
}

func kindOf(r schema.Rule) string {
	kind := map[diag.Severity]string{diag.Error: "Error.", diag.Warning: "Warning.", diag.Info: "Information."}[r.Severity]
	if r.Fixable {
		kind += " `--fix` mends it where there is one right answer."
	}
	return kind
}

// block is a fenced block of Markdown.
type block struct{ language, body string }

func fenced(text string) []block {
	var found []block
	parts := strings.Split(text, "```")
	for i := 1; i < len(parts); i += 2 {
		language, body, _ := strings.Cut(parts[i], "\n")
		found = append(found, block{language, body})
	}
	return found
}

// run executes a command of the page in a folder with the files of the blocks: a
// block that begins with a comment "# NAME.yaml" is that file, others are
// values.yaml; of two with one name the later counts.
func run(t *testing.T, command string, files []block) (stdout string, code int) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		name := "values.yaml"
		first, _, _ := strings.Cut(f.body, "\n")
		if named, ok := strings.CutPrefix(first, "# "); ok && strings.HasSuffix(named, ".yaml") {
			name = named
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(f.body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args, ok := strings.CutPrefix(command, "$ helm runtime-auth ")
	if !ok {
		t.Fatalf("the console block must begin with a command, not with %q", command)
	}
	t.Chdir(dir)
	var out, errs bytes.Buffer
	code = cli.Main(strings.Fields(args), cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
	})
	if code > 1 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	return out.String(), code
}
