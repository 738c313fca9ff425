package examples

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ajv is one call of ajv-cli with the schema that the program prints.
func ajv(t testing.TB, strict string, words ...string) command {
	t.Helper()
	program := npmProgram(t, "ajv")
	schema := filepath.Join(t.TempDir(), "auth.schema.json")
	write(t, schema, printedSchema(t))
	args := append(words, "--spec=draft2020", "--strict="+strict, "-c", "ajv-formats", "-s", schema)
	return command{path: program, args: args, dir: absolute(t, "."), env: os.Environ()}
}

// printedSchema is what `helm runtime-auth schema` prints.
func printedSchema(t testing.TB) string {
	t.Helper()
	return command{path: program("runtime-auth"), args: []string{"schema"}}.ok(t)
}

// Another validator takes the schema, also one that refuses what the standard does
// not know, and says the same of the examples.
func TestAjv(t *testing.T) {
	long(t)
	for _, strict := range []string{"true", "false"} {
		t.Run("strict="+strict, func(t *testing.T) {
			t.Parallel()
			r := ajv(t, strict, "validate", "-d", "values/*/*.yaml").run(t)
			// In its milder modes ajv only logs what it does not like of the schema.
			if r.code != 0 || strings.Contains(r.stdout+r.stderr, "strict mode") {
				t.Errorf("good values: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
			}
			if valid, files := strings.Count(r.stdout, " valid\n"), len(glob(t, "values/*/*.yaml")); valid != files {
				t.Errorf("%d of %d good values files are valid", valid, files)
			}
			if strict == "true" {
				validateBroken(t, strict)
			}
		})
	}
}

// validateBroken expects of every broken file that it is invalid, if the mistake is
// one that a schema can see.
func validateBroken(t *testing.T, strict string) {
	t.Helper()
	// A parser's complaint, which ends ajv.
	unreadable := []string{"duplicate-key", "yaml-syntax"}
	// To a schema these are keys like any other, and two blocks are two blocks.
	unseen := []string{"both-blocks", "misplaced-block-level", "misplaced-block-top-level"}
	args := []string{"validate"}
	var want []string
	for _, file := range glob(t, "broken/*.yaml") {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		switch {
		case slices.Contains(unreadable, name):
			if r := ajv(t, strict, "validate", "-d", file).run(t); r.code == 0 {
				t.Errorf("%s is valid", file)
			}
			continue
		case slices.Contains(unseen, name):
			want = append(want, file+" valid")
		default:
			want = append(want, file+" invalid")
		}
		args = append(args, "-d", file)
	}
	r := ajv(t, strict, args...).run(t)
	if r.code != 1 {
		t.Errorf("broken values: exit code %d, want 1\n%s%s", r.code, r.stdout, r.stderr)
	}
	said := strings.Split(r.stdout+r.stderr, "\n")
	for _, line := range want {
		if !slices.Contains(said, line) {
			t.Errorf("ajv does not say: %s", line)
		}
	}
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return files
}
