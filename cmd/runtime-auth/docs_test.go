package main_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

var update = flag.Bool("update", false, "rewrite docs/rules.md, and the outputs in schema/rule/doc")

// rulesPage is made of the rules' documentation and, with -update, written from this folder.
const rulesPage = "../../docs/rules.md"

// TestRulesPage runs the example of every rule: files, a command with its real output, and
// how the files pass. The page must be what the rules' documentation makes.
func TestRulesPage(t *testing.T) {
	page, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	intro, _, _ := strings.Cut(string(page), "\n## ")
	made := intro + "\n"
	for _, r := range schema.Rules() {
		doc := r.Doc
		t.Run(r.ID, func(t *testing.T) { checkExample(t, r, doc.Example) })
		made += section(r, doc)
		if *update {
			writeDoc(t, filepath.Join(root, "schema/rule/doc", r.ID+".txtar"), doc)
		}
	}
	made = strings.TrimSuffix(made, "\n")
	if *update {
		if err := os.WriteFile(filepath.Join(root, "docs/rules.md"), []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(made, string(page)); diff != "" {
		t.Errorf("docs/rules.md is not what the rules' documentation makes: go test ./cmd/runtime-auth -run TestRulesPage -update (-want +got)\n%s", diff)
	}
}

// checkExample runs the failing and the passing example. With -update it takes the output
// over.
func checkExample(t *testing.T, r rule.Rule, example []txtar.File) {
	shown := slices.IndexFunc(example, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "lint ") })
	if shown < 1 || shown == len(example)-1 {
		t.Fatal("the example needs a failing file, a command with its output and a passing file")
	}
	got, code := run(t, example[shown].Name, example[:shown])
	if *update {
		example[shown].Data = []byte(got)
	} else if diff := cmp.Diff(string(example[shown].Data), got); diff != "" {
		t.Errorf("output of the failing example (-want +got)\n%s", diff)
	}
	if !strings.Contains(got, "["+r.ID+"]") || (code == 1) != strings.Contains(got, ": error:") {
		t.Errorf("exit code %d, output:\n%s", code, got)
	}
	files := slices.Clone(example[:shown])
	for _, f := range example[shown+1:] {
		files = append(files, txtar.File{Name: strings.TrimPrefix(f.Name, "passes/"), Data: f.Data})
	}
	if got, code := run(t, example[shown].Name, files); code != 0 || got != "" {
		t.Errorf("the passing example ends with %d and says\n%s", code, got)
	}
}

// section is what the page says of a rule.
func section(r rule.Rule, doc rule.Doc) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n%s\nFails:\n\n", r.ID, kindOf(r), doc.Text)
	for _, f := range doc.Example {
		switch {
		case strings.HasPrefix(f.Name, "lint "):
			fmt.Fprintf(&b, "```console\n$ helm runtime-auth %s\n%s```\n\nPasses:\n\n", f.Name, f.Data)
		default:
			fmt.Fprintf(&b, "```yaml\n%s```\n\n", f.Data)
		}
	}
	return b.String()
}

func writeDoc(t *testing.T, name string, doc rule.Doc) {
	t.Helper()
	comment := strings.Join([]string{doc.Summary, doc.Help, doc.Text}, "\n\n")
	if err := os.WriteFile(name, txtar.Format(&txtar.Archive{Comment: []byte(comment), Files: doc.Example}), 0o644); err != nil {
		t.Fatal(err)
	}
}

func kindOf(r rule.Rule) string {
	kind := map[diag.Severity]string{diag.Error: "Error.", diag.Warning: "Warning.", diag.Info: "Information."}[r.Severity]
	if r.Fixable {
		kind += " `--fix` mends it where there is one right answer."
	}
	return kind
}

// run executes a command of an example in a folder with the files, of which of two with one
// name the later counts.
func run(t *testing.T, command string, files []txtar.File) (stdout string, code int) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out, errs bytes.Buffer
	code = cli.Main(strings.Fields(command), cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
	})
	if code > 1 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	return out.String(), code
}
