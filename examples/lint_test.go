package examples

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lint is one call of runtime-auth lint in a folder of examples.
func lint(t testing.TB, folder string, args ...string) result {
	t.Helper()
	c := command{path: program("runtime-auth"), args: append([]string{"lint"}, args...), dir: absolute(t, folder)}
	return c.run(t)
}

// Every broken file has one mistake, and is told so in the words of its .expected file.
func TestBroken(t *testing.T) {
	files, err := filepath.Glob("broken/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no broken files: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			r := lint(t, "broken", name+".yaml")
			expected := absolute(t, "broken", name+".expected")
			if *update {
				write(t, expected, r.stdout)
			}
			if diff := cmp.Diff(read(t, expected), r.stdout); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if errors := strings.Count(r.stdout, ": error: "); errors != 1 || r.code != 1 || r.stderr != "" {
				t.Errorf("%d errors, exit code %d, stderr %q: want 1, 1 and nothing", errors, r.code, r.stderr)
			}
			// The kind of mistake is the beginning of the file's name.
			rule := submatchRule(r.stdout)
			if family, _, _ := strings.Cut(name, "-"); !strings.HasPrefix(rule, family) && !strings.HasPrefix(name, rule) {
				t.Errorf("the rule is %s", rule)
			}
		})
	}
	for _, expected := range orphans(t) {
		t.Errorf("%s has no values file", expected)
	}
}

// submatchRule returns the rule of the error in lint's text.
func submatchRule(text string) string {
	for _, line := range strings.Split(text, "\n") {
		if _, message, ok := strings.Cut(line, ": error: "); ok {
			return message[strings.LastIndex(message, "[")+1 : len(message)-1]
		}
	}
	return ""
}

func orphans(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("broken/*.expected")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if _, err := os.Stat(strings.TrimSuffix(file, ".expected") + ".yaml"); err != nil {
			found = append(found, file)
		}
	}
	return found
}

// Good values pass without a word, except that a credential written out is pointed at.
func TestGood(t *testing.T) {
	count := 0
	err := fs.WalkDir(os.DirFS("values"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		count++
		t.Run(name, func(t *testing.T) {
			r := lint(t, "values", name)
			want := ""
			if strings.Contains(name, "-plain") {
				want = "plaintext-credential"
			}
			if got := strings.Join(warnings(r.stdout), " "); got != want || r.code != 0 || strings.Contains(r.stdout, ": error: ") {
				t.Errorf("warnings %q, want %q; exit code %d\n%s", got, want, r.code, r.stdout)
			}
		})
		return nil
	})
	if err != nil || count < 10 {
		t.Fatalf("%d good files: %v", count, err)
	}
}

// warnings returns the rules of the warnings in lint's text.
func warnings(text string) []string {
	var rules []string
	for _, line := range strings.Split(text, "\n") {
		if _, message, ok := strings.Cut(line, ": warning: "); ok {
			rules = append(rules, message[strings.LastIndex(message, "[")+1:len(message)-1])
		}
	}
	return rules
}

// With the chart's version lint also knows where that version looks.
func TestGoodForItsChart(t *testing.T) {
	versions := map[string]string{"external-argo-cd": "0.25.2", "integrations": "0.30.0"}
	for _, path := range paths() {
		for _, other := range paths() {
			for _, m := range modes() {
				r := lint(t, filepath.Join("values", path), "--chart-version", versions[other], m.name+".yaml")
				moved := strings.Contains(r.stdout, "[moved-block]")
				if moved != (path != other) {
					t.Errorf("%s/%s for chart %s: moved-block reported: %v\n%s", path, m.name, versions[other], moved, r.stdout)
				}
			}
		}
	}
}
