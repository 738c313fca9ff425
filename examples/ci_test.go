package examples

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// action is what action.yml says.
type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct{ Steps []step }
}

type step struct {
	Name, ID, If, Uses, Shell, Run string
	Env                            map[string]string
}

// actionFile reads action.yml.
func actionFile(t testing.TB) action {
	t.Helper()
	var a action
	if err := yaml.Unmarshal([]byte(read(t, "../action.yml")), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// job is a job on GitHub that runs the action: the steps that are scripts, with what
// GitHub gives them, in a repository of its own.
type job struct {
	workspace, temp string
	inputs          map[string]string
	built           string // the folder of a program that need not be built again, or ""
}

func newJob(t testing.TB, inputs map[string]string) job {
	t.Helper()
	return job{workspace: t.TempDir(), temp: filepath.Join(t.TempDir(), "runner temp"), inputs: inputs}
}

// run runs the steps in their order up to the first that fails.
func (j job) run(t testing.TB) result {
	t.Helper()
	a := actionFile(t)
	for name := range j.inputs {
		if _, found := a.Inputs[name]; !found {
			t.Fatalf("the action has no input %q", name)
		}
	}
	files := map[string]string{"GITHUB_PATH": filepath.Join(j.temp, "path"), "GITHUB_OUTPUT": filepath.Join(j.temp, "output")}
	env := append(os.Environ(), "CI=true", "GITHUB_ACTIONS=true", "RUNNER_TEMP="+j.temp, "GITHUB_WORKSPACE="+j.workspace,
		"GITHUB_ACTION_PATH="+absolute(t, ".."), "RUNNER_OS="+map[string]string{"linux": "Linux", "darwin": "macOS"}[runtime.GOOS],
		"RUNNER_ARCH="+map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH])
	for name, file := range files {
		write(t, file, "")
		env = append(env, name+"="+file)
	}
	var all result
	for _, s := range a.Runs.Steps {
		if s.Run == "" || !j.holds(t, s.If) {
			continue
		}
		if s.Name == "Build" && j.built != "" {
			write(t, files["GITHUB_PATH"], j.built+"\n")
			continue
		}
		if s.Shell != "bash" || strings.Contains(s.Run, "${{") {
			t.Fatalf("step %q: the script must be for bash and have nothing replaced in it", s.Name)
		}
		path := strings.Join(append(slices.Collect(strings.SplitSeq(strings.TrimSpace(read(t, files["GITHUB_PATH"])), "\n")), os.Getenv("PATH")), ":")
		stepEnv := slices.Concat(env, []string{"PATH=" + path}, j.variables(t, a, s))
		script := filepath.Join(j.temp, "script.sh")
		write(t, script, s.Run)
		r := command{path: tool(t, "bash"), args: []string{"--noprofile", "--norc", "-eo", "pipefail", script}, dir: j.workspace, env: stepEnv}.run(t)
		all.stdout, all.stderr, all.code = all.stdout+r.stdout, all.stderr+r.stderr, r.code
		if r.code != 0 {
			break
		}
	}
	all.stdout += read(t, files["GITHUB_OUTPUT"])
	return all
}

// holds decides the only kind of condition that the scripts have.
func (j job) holds(t testing.TB, condition string) bool {
	t.Helper()
	if condition == "" {
		return true
	}
	m := regexp.MustCompile(`^inputs\.([a-z-]+) (==|!=) ''$`).FindStringSubmatch(condition)
	if m == nil {
		t.Fatalf("the condition %q is not understood", condition)
	}
	return (j.inputs[m[1]] == "") == (m[2] == "==")
}

// variables returns the environment of a step, in which inputs stand.
func (j job) variables(t testing.TB, a action, s step) []string {
	t.Helper()
	var env []string
	for name, value := range s.Env {
		input := submatch(regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`), value)
		text, given := j.inputs[input]
		if !given {
			text = a.Inputs[input].Default
		}
		if input == "" {
			t.Fatalf("step %q: %s is no input", s.Name, value)
		}
		env = append(env, name+"="+text)
	}
	return env
}

// block is a values file with the auth block under the key.
func block(key string) string {
	return "global:\n  " + key + ":\n    auth:\n      type: token\n      token: " + canary() + "\n"
}

// Built from source, the action annotates what it finds, writes the same as SARIF,
// and fails on errors alone unless it is told to be strict.
func TestAction(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		files  map[string]string
		inputs map[string]string
		code   int
		want   []string
		not    []string
	}{
		{name: "broken", files: map[string]string{"values.yaml": block("external-argo-cd"), "envs/my prod/values-prod.yaml": block("external-arg-cd")},
			inputs: map[string]string{"paths": "values.yaml\nenvs/my prod\n"}, code: 1,
			want: []string{"::error ", "file=envs/my prod/values-prod.yaml,line=2", "misspelled-key", "::warning "}},
		{name: "clean", files: map[string]string{"values.yaml": "replicas: 1\n"}, not: []string{"::"}},
		{name: "warnings", files: map[string]string{"values.yaml": block("external-argo-cd")}, want: []string{"::warning "}},
		{name: "strict", files: map[string]string{"values.yaml": block("external-argo-cd")}, inputs: map[string]string{"strict": "true"}, code: 1, want: []string{"::warning "}},
		{name: "chart version", files: map[string]string{"values.yaml": block("external-argo-cd")}, inputs: map[string]string{"chart-version": "0.26.0"}, code: 1, want: []string{"moved-block"}},
		{name: "no such file", inputs: map[string]string{"paths": "$(touch injected)`touch injected`;touch injected"}, code: 3, not: []string{"::"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := newJob(t, tt.inputs)
			if tt.name != "broken" {
				j.built = filepath.Dir(program("runtime-auth"))
			}
			for name, text := range tt.files {
				write(t, filepath.Join(j.workspace, filepath.FromSlash(name)), text)
			}
			r := j.run(t)
			if r.code != tt.code {
				t.Errorf("exit code %d, want %d\n%s%s", r.code, tt.code, r.stdout, r.stderr)
			}
			expect(t, r.stdout, tt.want, tt.not)
			if _, err := os.Stat(filepath.Join(j.workspace, "injected")); err == nil {
				t.Error("an input was run as a part of the script")
			}
			if tt.code != 3 {
				checkSARIFFile(t, r.stdout, len(tt.want) > 0)
			}
		})
	}
}

// checkSARIFFile holds that the action's output names a file with findings, if there are any.
func checkSARIFFile(t *testing.T, outputs string, findings bool) {
	t.Helper()
	var log struct {
		Version string
		Runs    []struct{ Results []any }
	}
	text := read(t, submatch(regexp.MustCompile(`(?m)^sarif=(.+)$`), outputs))
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) > 0 != findings {
		t.Errorf("findings: %v\n%s", findings, text)
	}
	for _, leak := range leaks("the SARIF file", text) {
		t.Error(leak)
	}
}

// A release is installed by the action only if it is what its checksums say.
func TestActionInstallsARelease(t *testing.T) {
	t.Parallel()
	file := "runtime-auth-" + runtime.GOOS + "-" + runtime.GOARCH
	good := read(t, program("runtime-auth"))
	sum := func(text, name string) string { return fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(text)), name) }
	for _, tt := range []struct {
		name, program, sums string
		code                int
	}{
		{"as it was released", good, sum("another", "checksums") + sum(good, file), 0},
		{"changed", good + "\n", sum(good, file), 1},
		{"not in the list", good, sum(good, "something-else"), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			releases := t.TempDir()
			write(t, filepath.Join(releases, "v0.1.0", file), tt.program)
			write(t, filepath.Join(releases, "v0.1.0", "checksums.txt"), tt.sums)
			j := newJob(t, map[string]string{"version": "0.1.0", "releases": archives(t, releases)})
			write(t, filepath.Join(j.workspace, "values.yaml"), "replicas: 1\n")
			tool(t, "curl")
			r := j.run(t)
			if r.code != tt.code {
				t.Errorf("exit code %d, want %d\n%s%s", r.code, tt.code, r.stdout, r.stderr)
			}
			if strings.Contains(r.stdout, "sarif=") != (tt.code == 0) {
				t.Errorf("linted: %s", r.stdout)
			}
		})
	}
}

// The example for GitHub names the action's release and nothing that it does not take.
func TestGitHubExample(t *testing.T) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "ci/github.yml")), &workflow); err != nil {
		t.Fatal(err)
	}
	known, version, found := actionFile(t).Inputs, pluginVersion(t, ".."), false
	for _, s := range workflow.Jobs["lint"].Steps {
		if s.Uses != "helm-runtime-auth/runtime-auth@v"+version {
			continue
		}
		found = true
		for name := range s.With {
			if _, takes := known[name]; !takes {
				t.Errorf("the action has no input %q", name)
			}
		}
		if s.With["version"] != version {
			t.Errorf("version is %q", s.With["version"])
		}
	}
	if !found {
		t.Errorf("no step uses version %s of the action", version)
	}
}

// The example for GitLab fails on errors, and keeps the findings.
func TestGitLabExample(t *testing.T) {
	t.Parallel()
	var pipeline map[string]struct {
		Script    []string
		Artifacts struct{ Paths []string }
	}
	if err := yaml.Unmarshal([]byte(read(t, "ci/gitlab-ci.yml")), &pipeline); err != nil {
		t.Fatal(err)
	}
	job, dir := pipeline["runtime-auth"], t.TempDir()
	install := "go install github.com/helm-runtime-auth/runtime-auth/cmd/runtime-auth@v" + pluginVersion(t, "..")
	if len(job.Script) == 0 || job.Script[0] != install {
		t.Fatalf("the script does not begin with %s", install)
	}
	write(t, filepath.Join(dir, "values.yaml"), block("external-arg-cd"))
	env := append(os.Environ(), "PATH="+filepath.Dir(program("runtime-auth"))+":"+os.Getenv("PATH"))
	r := command{path: tool(t, "sh"), args: []string{"-e", "-c", strings.Join(job.Script[1:], "\n")}, dir: dir, env: env}.run(t)
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
	expect(t, r.stdout, []string{"values.yaml:2:3: error: "}, nil)
	for _, name := range job.Artifacts.Paths {
		expect(t, read(t, filepath.Join(dir, name)), []string{`"misspelled-key"`}, []string{canary()})
	}
}

// archives serves a folder in the way that Helm 3 wants it: by the media type.
func archives(t testing.TB, dir string) string {
	t.Helper()
	files := http.FileServer(http.Dir(dir))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/gzip")
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
