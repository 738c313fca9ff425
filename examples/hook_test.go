package examples

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestPreCommitHook holds what the hook hands to lint: every YAML file, in one process,
// and with the flag that lets those of others pass.
func TestPreCommitHook(t *testing.T) {
	var hooks []struct {
		ID            string
		Entry         string
		Types         []string
		RequireSerial bool `yaml:"require_serial"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "../.pre-commit-hooks.yaml")), &hooks); err != nil {
		t.Fatal(err)
	}
	if len(hooks) != 1 || hooks[0].ID != "runtime-auth-lint" || !hooks[0].RequireSerial || !slices.Equal(hooks[0].Types, []string{"yaml"}) {
		t.Fatalf("hooks: %+v", hooks)
	}
	dir := t.TempDir()
	bad, foreign := filepath.Join(dir, "eu.yaml"), filepath.Join(dir, "other.yaml")
	write(t, bad, read(t, "broken/misspelled-key.yaml"))
	write(t, foreign, "auth: [\n")
	args := append(strings.Fields(hooks[0].Entry)[1:], bad, foreign)
	run := command{path: program("runtime-auth"), args: args}.run(t)
	if run.code != 1 {
		t.Errorf("exit code %d", run.code)
	}
	expect(t, run.stdout, []string{bad + ":3:3: error: "}, []string{foreign})
}
