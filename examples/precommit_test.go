package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// tool returns the path of a program on PATH that these tests need.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, "%s is not installed: %v", name, err)
	}
	return path
}

// goEnv asks go for one of its settings.
func goEnv(t testing.TB, name string) string {
	t.Helper()
	return strings.TrimSpace(command{path: tool(t, "go"), args: []string{"env", name}, env: os.Environ()}.ok(t))
}

// preCommit is one call of pre-commit in a repository, with a home of its own
// but the modules that are on the machine already.
func preCommit(t testing.TB, dir, home string, args ...string) command {
	t.Helper()
	env := append(os.Environ(),
		"PRE_COMMIT_HOME="+home, "PRE_COMMIT_COLOR=never",
		"GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOCACHE="+goEnv(t, "GOCACHE"))
	return command{path: tool(t, "pre-commit"), args: args, dir: dir, env: env}
}

// A repository that keeps values files, as a user has it, with the configuration
// from examples/pre-commit: only its place and version are those of this tree.
func TestPreCommit(t *testing.T) {
	t.Parallel()
	tool(t, "pre-commit")
	plugin := copyTree(t, filepath.Join(t.TempDir(), "plugin"))
	home, user := t.TempDir(), t.TempDir()
	config := read(t, "pre-commit/.pre-commit-config.yaml")
	config = replaceOne(t, config, `repo: https://\S+`, "repo: "+plugin)
	config = replaceOne(t, config, `rev: \S+`, "rev: "+strings.TrimSpace(git(t, plugin, "rev-parse", "HEAD")))
	write(t, filepath.Join(user, ".pre-commit-config.yaml"), config)

	block := func(key string) string {
		return "global:\n  " + key + ":\n    auth:\n      type: token\n      token: " + canary() + "\n"
	}
	write(t, filepath.Join(user, "values.yaml"), "replicas: 1\n")
	write(t, filepath.Join(user, "dev", "values.yaml"), block("external-argo-cd"))
	write(t, filepath.Join(user, "envs", "prod", "values-prod.yaml"), block("external-arg-cd"))
	write(t, filepath.Join(user, "envs", "test", "values.test.yml"), block("external_argo_cd"))
	write(t, filepath.Join(user, "notes.yaml"), block("external-arg-cd")) // no values file by its name
	commit(t, user)

	run := preCommit(t, user, home, "run", "--all-files").run(t)
	if run.code != 1 {
		t.Errorf("exit code %d, want 1", run.code)
	}
	expect(t, run.stdout+run.stderr,
		[]string{"envs/prod/values-prod.yaml:2:3: error: ", "envs/test/values.test.yml:2:3: error: ", "[misspelled-key]"},
		[]string{"notes.yaml", "dev/values.yaml:2"})

	for _, file := range []string{"envs/prod/values-prod.yaml", "envs/test/values.test.yml"} {
		write(t, filepath.Join(user, file), block("external-argo-cd"))
	}
	commit(t, user)
	run = preCommit(t, user, home, "run", "--all-files").run(t)
	if run.code != 0 {
		t.Errorf("exit code %d after the mistakes were mended:\n%s%s", run.code, run.stdout, run.stderr)
	}
	expect(t, run.stdout, []string{"Passed"}, []string{"Skipped", "Failed"})
}

// The way to try a hook before it is released.
func TestPreCommitTryRepo(t *testing.T) {
	t.Parallel()
	tool(t, "pre-commit")
	plugin := copyTree(t, filepath.Join(t.TempDir(), "plugin"))
	user := t.TempDir()
	write(t, filepath.Join(user, "chart", "values.yaml"), read(t, "broken/misspelled-key.yaml"))
	commit(t, user)
	run := preCommit(t, user, t.TempDir(), "try-repo", plugin, "runtime-auth-lint", "--all-files").run(t)
	if run.code != 1 {
		t.Errorf("exit code %d, want 1", run.code)
	}
	expect(t, run.stdout+run.stderr, []string{"chart/values.yaml:3:3: error: ", "[misspelled-key]"}, nil)
}

func TestPreCommitFiles(t *testing.T) {
	var hooks []struct {
		ID            string
		Files         string
		RequireSerial bool `yaml:"require_serial"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "../.pre-commit-hooks.yaml")), &hooks); err != nil {
		t.Fatal(err)
	}
	if len(hooks) != 1 || hooks[0].ID != "runtime-auth-lint" || !hooks[0].RequireSerial {
		t.Fatalf("hooks: %+v", hooks)
	}
	files := regexp.MustCompile(hooks[0].Files)
	tests := map[string]bool{
		"values.yaml": true, "values.yml": true, "a/b/values.yaml": true,
		"values-prod.yaml": true, "values.prod.yml": true, "values_prod.yaml": true,
		"prod.values.yaml": true, "prod-values.yml": true, "a/my.prod.values.eu-1.yaml": true,
		"values.schema.json": false, "myvalues.yaml": false, "valuesProd.yaml": true, "prod.values": false,
		"values/prod.yaml": false, "values.yaml.bak": false, "evaluations.yaml": false, "Chart.yaml": false,
	}
	dir := t.TempDir()
	for name, want := range tests {
		if got := files.MatchString(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
		write(t, filepath.Join(dir, filepath.FromSlash(name)), read(t, "broken/misspelled-key.yaml"))
	}
	// lint itself takes the same files of a folder as the hook does.
	found := command{path: program("runtime-auth"), args: []string{"lint", dir}}.run(t).stdout
	for name, want := range tests {
		if got := strings.Contains(found, filepath.Join(dir, filepath.FromSlash(name))+":"); got != want {
			t.Errorf("lint of a folder with %s in it: %v", name, got)
		}
	}
}

// A commit that touches no values file at all.
func TestPreCommitSkips(t *testing.T) {
	t.Parallel()
	tool(t, "pre-commit")
	plugin := copyTree(t, filepath.Join(t.TempDir(), "plugin"))
	user := t.TempDir()
	write(t, filepath.Join(user, "deployment.yaml"), read(t, "broken/misspelled-key.yaml"))
	commit(t, user)
	run := preCommit(t, user, t.TempDir(), "try-repo", plugin, "runtime-auth-lint", "--all-files").run(t)
	if run.code != 0 {
		t.Errorf("exit code %d, want 0", run.code)
	}
	expect(t, run.stdout, []string{"Skipped"}, []string{"Passed", "Failed"})
}

func replaceOne(t testing.TB, text, pattern, replacement string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	if n := len(re.FindAllString(text, -1)); n != 1 {
		t.Fatalf("%s matches %d times", pattern, n)
	}
	return re.ReplaceAllLiteralString(text, replacement)
}

// expect checks that a text has each of some pieces and none of others.
func expect(t testing.TB, text string, present, absent []string) {
	t.Helper()
	for _, piece := range present {
		if !strings.Contains(text, piece) {
			t.Errorf("%q is missing from:\n%s", piece, text)
		}
	}
	for _, piece := range absent {
		if strings.Contains(text, piece) {
			t.Errorf("%q is in:\n%s", piece, text)
		}
	}
}
