package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGitOpsPage types every command of docs/gitops.md into a shell, with both clients: a
// folder for each section, in which the files that the section shows are written where
// they stand between the commands. What a command prints must be on the page.
func TestGitOpsPage(t *testing.T) {
	intro, sections := pageSections(read(t, "../docs/gitops.md"))
	eachClient(t, func(t *testing.T, h *helm) {
		dir, env := workshop(t, h)
		env = append(env, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		typed := 0
		for _, s := range sections {
			place := filepath.Join(dir, s.title)
			assumed(t, place)
			typed += typeSection(t, place, env, intro+s.text)
		}
		if typed < 15 {
			t.Errorf("only %d commands on the page", typed)
		}
	})
}

// pageSection is a second-level heading and what is below it.
type pageSection struct{ title, text string }

func pageSections(page string) (intro string, found []pageSection) {
	intro, rest, _ := strings.Cut(page, "\n## ")
	for part := range strings.SplitSeq(rest, "\n## ") {
		title, text, _ := strings.Cut(part, "\n")
		found = append(found, pageSection{title, text})
	}
	return intro + "\n", found
}

// assumed makes what the page speaks of: the chart in a folder CHART, and where kustomize
// looks for charts that it has fetched before.
func assumed(t testing.TB, dir string) {
	t.Helper()
	for _, name := range []string{"CHART", "prod/charts/gitops-runtime-0.30.0/gitops-runtime"} {
		if err := os.CopyFS(filepath.Join(dir, filepath.FromSlash(name)), os.DirFS("chart")); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "prod", ".gitignore"), "charts\n")
}

// typeSection does what the blocks of a section say, in their order.
func typeSection(t testing.TB, dir string, env []string, text string) (typed int) {
	t.Helper()
	parts := strings.Split(text, "```")
	for i := 1; i < len(parts); i += 2 {
		language, body, _ := strings.Cut(parts[i], "\n")
		if language == "yaml" {
			name, _, _ := strings.Cut(strings.TrimPrefix(body, "# "), "\n")
			write(t, filepath.Join(dir, filepath.FromSlash(name)), body)
		}
		if language != "console" {
			continue
		}
		for _, block := range strings.Split("\n"+body, "\n$ ")[1:] {
			line, want, _ := strings.Cut(block, "\n")
			for strings.HasSuffix(line, `\`) {
				next, rest, _ := strings.Cut(want, "\n")
				line, want = strings.TrimSuffix(line, `\`)+strings.TrimSpace(next), rest
			}
			typed++
			if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(shell(dir, env, line).ok(t))); diff != "" {
				t.Errorf("$ %s (-page +real)\n%s", line, diff)
			}
		}
	}
	return typed
}
