//go:build install

package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// preCommit is one call of pre-commit in a repository, with a home of its own
// but the modules that are on the machine already.
func preCommit(t testing.TB, dir, home string, args ...string) command {
	t.Helper()
	env := append(os.Environ(),
		"PRE_COMMIT_HOME="+home, "PRE_COMMIT_COLOR=never",
		"GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOCACHE="+goEnv(t, "GOCACHE"),
		"GOFLAGS=-trimpath", "CGO_ENABLED=0") // with these the packages are compiled already
	return command{path: tool(t, "pre-commit"), args: args, dir: dir, env: env}
}

// A repository that keeps values files, as a user has it, with the configuration
// from examples/pre-commit: only its place and version are those of this tree.
func TestInstallHook(t *testing.T) {
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
	write(t, filepath.Join(user, "clusters", "eu.yaml"), block("external-arg-cd")) // a values file, whatever its name
	write(t, filepath.Join(user, "deployment.yaml"), "apiVersion: v1\nkind: Service\nauth: {type: password}\n")
	write(t, filepath.Join(user, "chart", "templates", "x.yaml"), "{{ if .Values.auth }}\n"+block("external-arg-cd")+"{{ end }}\n")
	write(t, filepath.Join(user, "broken.yaml"), "auth: [\n") // somebody else's
	commit(t, user)

	run := preCommit(t, user, home, "run", "--all-files").run(t)
	if run.code != 1 {
		t.Errorf("exit code %d, want 1", run.code)
	}
	expect(t, run.stdout+run.stderr,
		[]string{"envs/prod/values-prod.yaml:2:3: error: ", "envs/test/values.test.yml:2:3: error: ", "clusters/eu.yaml:2:3: error: ", "[misspelled-key]"},
		[]string{"deployment.yaml", "broken.yaml", "templates", "dev/values.yaml:2"})

	for _, file := range []string{"envs/prod/values-prod.yaml", "envs/test/values.test.yml", "clusters/eu.yaml"} {
		write(t, filepath.Join(user, file), block("external-argo-cd"))
	}
	commit(t, user)
	run = preCommit(t, user, home, "run", "--all-files").run(t)
	if run.code != 0 {
		t.Errorf("exit code %d after the mistakes were mended:\n%s%s", run.code, run.stdout, run.stderr)
	}
	expect(t, run.stdout, []string{"Passed"}, []string{"Skipped", "Failed"})

	// A commit that touches no YAML file at all.
	write(t, filepath.Join(user, "notes.txt"), read(t, "broken/misspelled-key.yaml"))
	commit(t, user)
	run = preCommit(t, user, home, "run", "--files", "notes.txt").run(t)
	if run.code != 0 {
		t.Errorf("exit code %d, want 0", run.code)
	}
	expect(t, run.stdout, []string{"Skipped"}, []string{"Passed", "Failed"})
}

// The way to try a hook before it is released.
func TestInstallHookTried(t *testing.T) {
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
