//go:build bench && unix

package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The promises of a run over a repository.
const (
	fleetSize   = 1000
	fleetMemory = 1.5 // memory for 1,000 Runtimes, at most so many times that for 100
)

// TestBenchFleet lints and plans a repository of many Runtimes in one run, and holds
// that the findings are the same as file by file.
func TestBenchFleet(t *testing.T) {
	b := newBench(t)
	binary := filepath.Join(b.bin, "runtime-auth")
	small, large := t.TempDir(), t.TempDir()
	writeFleet(t, small, fleetSize/10)
	files := writeFleet(t, large, fleetSize)

	few := b.run("lint, 100 Runtimes", 3, fleetSize/10, lint(binary, fleetSize/100, small))[0]
	many := b.run("lint, 1,000 Runtimes", 5, fleetSize, lint(binary, fleetSize/10, large))[0]
	b.run("plan, 1,000 Runtimes", 5, fleetSize, program{name: "runtime-auth plan", args: []string{binary, "plan", large}, check: func(o outcome) error {
		if !strings.Contains(o.stdout, fmt.Sprintf("%d Runtimes in ", fleetSize)) {
			return fmt.Errorf("not all Runtimes were found: %s", tail(o.stdout))
		}
		return nil
	}})
	b.atMost("memory for 1,000 Runtimes / for 100", float64(many.rss)/float64(few.rss), fleetMemory)
	b.floor()

	together, alone := findings(t, binary, large), []json.RawMessage{}
	for _, name := range files {
		alone = append(alone, findings(t, binary, name)...)
	}
	same := slices.EqualFunc(together, alone, func(a, b json.RawMessage) bool { return string(a) == string(b) })
	b.promise("findings in one run / file by file", fmt.Sprintf("%d / %d", len(together), len(alone)), "the same", same && len(alone) > 0)
	b.print("Runtimes")
}

// findings are what lint finds in a file or folder.
func findings(t *testing.T, binary, path string) []json.RawMessage {
	t.Helper()
	o, err := program{name: "runtime-auth lint", args: []string{binary, "lint", "--format", "json", path}, check: func(o outcome) error {
		if o.code > 1 {
			return fmt.Errorf("it failed")
		}
		return nil
	}}.run()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Findings []json.RawMessage }
	if err := json.Unmarshal([]byte(o.stdout), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Findings
}

// writeFleet writes a repository of n Runtimes, one in ten broken: values files,
// HelmReleases, and Applications in three forms, half of these in files of 20; beside
// each there is a manifest of something else. It returns the files with Runtimes,
// sorted.
func writeFleet(t *testing.T, dir string, n int) []string {
	t.Helper()
	texts := map[string]string{}
	for i := range n {
		folder := filepath.Join(dir, fmt.Sprintf("cluster-%03d", i/10))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, fmt.Sprintf("other-%04d.yaml", i)), deployment(i))
		k := clean
		if i%10 == 3 || i%100 == 7 {
			k = broken
		}
		if i%100 == 93 {
			k = clean
		}
		if i%5 == 0 {
			texts[filepath.Join(folder, fmt.Sprintf("values-%04d.yaml", i))] = string(valuesFile(i, k))
			continue
		}
		name := filepath.Join(folder, fmt.Sprintf("release-%04d.yaml", i))
		if i%2 == 0 {
			name = filepath.Join(dir, fmt.Sprintf("many-%02d.yaml", i/20))
		}
		texts[name] += inlineRuntime(i, k)
	}
	var names []string
	for name, text := range texts {
		write(t, name, text)
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// inlineRuntime is a manifest of a Runtime with a few kilobytes of values in it.
func inlineRuntime(number int, k kind) string {
	a := newAuthor(uint64(number))
	a.global(number, k)
	for i := 0; a.Len() < 3000; i++ {
		a.component(i)
	}
	values := a.String()
	version := []string{"0.25.2", "0.26.1"}[number%2]
	if number%5 == 1 {
		return fmt.Sprintf("---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: runtime-%d, namespace: argocd}\nspec:\n"+
			"  chart: {spec: {chart: gitops-runtime, version: %s, sourceRef: {kind: HelmRepository, name: codefresh}}}\n  values:\n%s", number, version, indented(values, 4))
	}
	text := fmt.Sprintf("---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: runtime-%d, namespace: argocd}\nspec:\n  source:\n"+
		"    repoURL: https://charts.example.com\n    chart: gitops-runtime\n    targetRevision: %s\n    helm:\n", number, version)
	switch number % 5 {
	case 2:
		return text + "      values: |\n" + indented(values, 8)
	case 3:
		return text + "      valuesObject:\n" + indented(values, 8)
	}
	return text + "      valuesObject:\n" + indented(values, 8) + "      parameters:\n      - {name: global.runtime.name, value: other}\n"
}

func indented(text string, by int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(strings.Repeat(" ", by))
		}
		b.WriteString(line)
	}
	return b.String()
}

// deployment is a manifest that is nobody's business.
func deployment(number int) string {
	a := newAuthor(uint64(number))
	a.service("other", fmt.Sprintf("other-%d", number), "other")
	return a.String()
}
