//go:build unix

package wrapper_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
)

// program stands in the environment of a test's own program that is to be runtime-auth.
const program = "RUNTIME_AUTH_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(program) {
	case "slow":
		os.Exit(slowHelm())
	case "yes":
		os.Exit(cli.Main(os.Args[1:], cli.Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Environ: os.Environ()}))
	}
	os.Exit(m.Run())
}

// fakeHelm is a helm that answers from files in its folder, and keeps what it is called
// with. What it reads of values files goes to the log too, as the post-renderer would
// read them after it.
const fakeHelm = `#!/bin/sh
printf '%s' "$1" >>"$FAKE/calls"
for a in "$@"; do printf ' [%s]' "$a"; done >>"$FAKE/calls"
echo >>"$FAKE/calls"
fail() { printf 'Sign in at https://example.com\nWARNING: helm warns\nError: %s\n' "$(cat "$1")" >&2; exit 1; }
case $1 in
version) cat "$FAKE/version" ;;
history)
	[ ! -f "$FAKE/history.err" ] || fail "$FAKE/history.err"
	cat "$FAKE/history" ;;
get)
	echo 'WARNING: helm warns' >&2
	[ ! -f "$FAKE/values.err" ] || fail "$FAKE/values.err"
	case " $* " in *" --all "*) cat "$FAKE/all" ;; *) cat "$FAKE/values" ;; esac ;;
dependency) ;;
pull)
	[ ! -f "$FAKE/pull.err" ] || fail "$FAKE/pull.err"
	cp "$FAKE/chart.tgz" "${2#--destination=}/gitops-runtime-0.30.0.tgz" ;;
*)
	for a in "$@"; do
		case $a in
		--values=*) cat "${a#--values=}" >>"$FAKE/read.helm"; echo --- >>"$FAKE/read.helm" ;;
		--set-file=*) cat "${a#--set-file=*=}" >>"$FAKE/read.helm" ;;
		--post-renderer-args=--values=*)
			cat "${a#--post-renderer-args=--values=}" >>"$FAKE/read.renderer"
			echo --- >>"$FAKE/read.renderer" ;;
		--post-renderer-args=--chart=*) cat "${a#--post-renderer-args=--chart=}/values.yaml" >>"$FAKE/read.chart" 2>/dev/null ;;
		esac
	done
	cat >"$FAKE/read.stdin"
	env >"$FAKE/env"
	[ ! -f "$FAKE/run" ] || . "$FAKE/run"
	exit "$(cat "$FAKE/code" 2>/dev/null || echo 0)" ;;
esac
`

// fake is a folder with a fake helm, a plugin, a chart and a place for private files.
type fake struct {
	t     *testing.T
	dir   string
	env   map[string]string
	stdin *os.File
}

// newFake makes one for a wrapper in this process, which goes into the folder.
func newFake(t *testing.T, version string) *fake {
	t.Helper()
	f := writeFake(t, version)
	t.Setenv("TMPDIR", f.path("tmp"))
	t.Chdir(f.dir)
	return f
}

func writeFake(t *testing.T, version string) *fake {
	t.Helper()
	f := &fake{t: t, dir: t.TempDir()}
	f.write("version", version+"\n")
	f.write("helm", fakeHelm)
	f.write("bin/runtime-auth-post-renderer", "")
	f.write("render/postrenderer/plugin.yaml", "")
	f.write("chart/Chart.yaml", "apiVersion: v2\nname: gitops-runtime\nversion: 0.30.0\n")
	f.write("chart/values.yaml", "global: {}\n")
	f.write("chart/templates/x.yaml", "")
	f.write("tmp/.keep", "")
	f.write("token.yaml", tokenValues("argo-cd-account"))
	if err := os.Chmod(f.path("helm"), 0o755); err != nil {
		t.Fatal(err)
	}
	f.env = map[string]string{"HELM_BIN": f.path("helm"), "HELM_PLUGIN_DIR": f.dir, "FAKE": f.dir, "PATH": os.Getenv("PATH"), "TMPDIR": f.path("tmp")}
	return f
}

// tokenValues declare a token in a Secret.
func tokenValues(secret string) string {
	return "global:\n  integrations:\n    argo-cd:\n      server:\n        auth:\n          type: token\n          tokenSecretKeyRef:\n" +
		"            name: " + secret + "\n            key: token\n"
}

func (f *fake) path(name string) string { return filepath.Join(f.dir, name) }

func (f *fake) write(name, text string) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(f.path(name), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// released makes the fake helm know a release.
func (f *fake) released(history, values, all string) {
	f.write("history", history)
	f.write("values", values)
	f.write("all", all)
}

func (f *fake) read(name string) string {
	data, _ := os.ReadFile(f.path(name))
	return string(data)
}

func (f *fake) environ() []string {
	var all []string
	for name, value := range f.env {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	return all
}

// result is what a run of the wrapper did.
type result struct {
	f              *fake
	code           int
	stdout, stderr string
	calls          string // of helm, one a line, without that for its version
	ran            bool   // helm itself, as the user wants it
	helm           string // the arguments of that run
}

// run runs the wrapper in this process. The private files must be gone then.
func (f *fake) run(args ...string) result {
	f.t.Helper()
	for _, name := range []string{"calls", "read.helm", "read.renderer", "read.chart", "read.stdin", "env"} {
		_ = os.Remove(f.path(name))
	}
	stdin := f.stdin
	if stdin == nil {
		null, err := os.Open(os.DevNull)
		if err != nil {
			f.t.Fatal(err)
		}
		defer null.Close()
		stdin = null
	}
	var stdout, stderr bytes.Buffer
	r := result{f: f, code: cli.Main(args, cli.Env{Stdin: stdin, Stdout: &stdout, Stderr: &stderr, Getenv: func(name string) string { return f.env[name] }, Environ: f.environ()})}
	r.stdout, r.stderr = stdout.String(), stderr.String()
	f.isClean()
	r.look()
	return r
}

func (f *fake) isClean() {
	f.t.Helper()
	left, err := os.ReadDir(f.path("tmp"))
	if err != nil || len(left) != 1 {
		f.t.Errorf("left behind: %v, %v", left, err)
	}
}

// look reads what the fake helm has kept.
func (r *result) look() {
	for line := range strings.Lines(r.f.read("calls")) {
		if verb, _, _ := strings.Cut(line, " "); slices.Contains([]string{"install", "upgrade", "template", "diff"}, verb) {
			r.ran, r.helm = true, strings.TrimSpace(line)
		} else if verb != "version" {
			r.calls += line
		}
	}
}

// ended checks the exit code and that stderr holds some texts.
func (r result) ended(code int, texts ...string) result {
	r.f.t.Helper()
	if r.code != code {
		r.f.t.Errorf("exit code %d, want %d\n%s", r.code, code, r.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(r.stderr, text) {
			r.f.t.Errorf("stderr lacks %q:\n%s", text, r.stderr)
		}
	}
	return r
}

// refused is ended for a run in which helm itself did not run.
func (r result) refused(code int, texts ...string) result {
	r.f.t.Helper()
	if r.ran {
		r.f.t.Errorf("helm ran: %s", r.helm)
	}
	return r.ended(code, texts...)
}

// is compares texts.
func is(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}

func TestWrapperArguments(t *testing.T) {
	for version, renderer := range map[string]string{"v3.22.0": "DIR/bin/runtime-auth-post-renderer", "v4.3.1": "runtime-auth-post-renderer"} {
		t.Run(version, func(t *testing.T) {
			f := newFake(t, version)
			f.env["RUNTIME_AUTH_VALUES"] = "other.yaml"
			r := f.run("install", "--allow-missing", "app-proxy", "--set-string=a=b", "rel", "-f", "token.yaml", "--report=r.json", "--override-stream-values",
				"--redact-values-config", "--", "./chart").ended(0)
			is(t, "helm", strings.ReplaceAll(r.helm, f.dir, "DIR"), "install [install] [--post-renderer="+renderer+"]"+
				" [--post-renderer-args=--report=r.json] [--post-renderer-args=--allow-missing=app-proxy] [--post-renderer-args=--redact-values-config]"+
				" [--post-renderer-args=--override-stream-values] [--post-renderer-args=--chart=DIR/chart] [--post-renderer-args=--set-string=a=b]"+
				" [--post-renderer-args=--values=token.yaml] [--set-string=a=b] [--values=token.yaml] [rel] [./chart]")
			if env := f.read("env"); strings.Contains(env, "RUNTIME_AUTH_VALUES") {
				t.Error("the environment tells the post-renderer of other values")
			}
			// Without values the chart alone says that they are known.
			r = f.run("template", "chart").ended(0)
			is(t, "helm", strings.ReplaceAll(r.helm, f.dir, "DIR"), "template [template] [--post-renderer="+renderer+"] [--post-renderer-args=--chart=DIR/chart] [chart]")
		})
	}
}

// helm's exit code is the wrapper's.
func TestWrapperExitCode(t *testing.T) {
	f := newFake(t, "v3.22.0")
	f.write("code", "7")
	f.run("template", "chart").ended(7)
	f.write("run", "kill -TERM $$")
	f.run("template", "chart").ended(143)
	f.write("version", "v2.17\n")
	f.run("template", "chart").refused(3, "is neither Helm 3 nor Helm 4")
	f.env["HELM_BIN"] = f.path("no-helm")
	f.run("template", "chart").refused(3, "cannot ask", "no-helm")
}

// What helm refuses it refuses itself, in its own words.
func TestWrapperLeavesWrongLinesToHelm(t *testing.T) {
	f := newFake(t, "v3.22.0")
	f.write("code", "1")
	for _, args := range []string{"upgrade rel", "upgrade rel chart more", "install", "install rel", "template", "diff upgrade rel"} {
		if r := f.run(strings.Fields(args)...).ended(1); !r.ran || r.calls != "" {
			t.Errorf("%s: %q %q", args, r.helm, r.calls)
		}
	}
}

func TestWrapperUsage(t *testing.T) {
	f := newFake(t, "v3.22.0")
	for args, want := range map[string]string{
		"upgrade rel chart --no-lint=maybe":             `--no-lint takes true or false, not "maybe"`,
		"upgrade rel chart -f":                          "-f needs a value",
		"upgrade rel chart --report":                    "--report needs a value",
		"upgrade rel chart --post-renderer x":           "a post-renderer is given already",
		"template chart --post-renderer-args=x":         "a post-renderer is given already",
		"template chart --output-dir x":                 "with --output-dir Helm 3 writes",
		"upgrade rel --new value chart":                 "unknown flag --new: it is not clear which argument is the chart",
		"diff revision rel":                             "only diff upgrade renders a chart",
		"upgrade rel chart --override-stream-values=1x": "--override-stream-values takes true or false",
	} {
		f.run(strings.Fields(args)...).refused(2, want)
	}
	r := f.run("upgrade", "-h").refused(0)
	for _, flag := range []string{"--no-lint", "--report file", "--allow-missing service", "--redact-values-config", "--override-stream-values"} {
		if !strings.Contains(r.stdout, flag) {
			t.Errorf("the help lacks %s:\n%s", flag, r.stdout)
		}
	}
	f.write("version", "v4.3\n")
	f.run("template", "chart", "--output-dir", "x").ended(0)
}

// Lint stops before helm, unless it is not wanted.
func TestWrapperLint(t *testing.T) {
	f := newFake(t, "v4.3.1")
	f.write("bad.yaml", strings.Replace(f.read("token.yaml"), "type: token", "type: tokn", 1))
	f.run("install", "rel", "chart", "-f", "bad.yaml").refused(1, "bad.yaml:", "the values have errors; helm was not run", "--no-lint")
	f.run("install", "rel", "chart", "-f", "bad.yaml", "--no-lint=0").refused(1)
	f.run("install", "rel", "chart", "-f", "bad.yaml", "--no-lint=T").ended(0)
	f.run("install", "rel", "chart", "-f", "missing.yaml").refused(3, "missing.yaml")
	f.run("install", "rel", "chart", "-f", "https://user:CANARY@example.com/values.yaml", "--no-lint").refused(3, "not fetched over the network (https://…)").hides("CANARY", "user")
	f.write("broken.yaml", "a: [\n")
	f.run("upgrade", "rel", "chart", "-f", "broken.yaml", "--no-lint").refused(1, "broken.yaml:", "hint: fix them\n")
}

func (r result) hides(texts ...string) {
	r.f.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.stderr, text) || strings.Contains(r.stdout, text) {
			r.f.t.Errorf("shown: %s", r.stderr)
		}
	}
}

// full is a standard error that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWrapperWriteErrors(t *testing.T) {
	f := newFake(t, "v3.22.0")
	f.write("plain.yaml", strings.Replace(f.read("token.yaml"), "tokenSecretKeyRef:\n            name: argo-cd-account\n            key: token", "token: x", 1))
	env := cli.Env{Stdin: os.Stdin, Stdout: full{}, Stderr: full{}, Getenv: func(name string) string { return f.env[name] }, Environ: f.environ()}
	if code := cli.Main([]string{"template", "chart", "-f", "plain.yaml"}, env); code != 3 {
		t.Errorf("findings: exit code %d", code)
	}
	if code := cli.Main([]string{"template", "--help"}, env); code != 3 {
		t.Errorf("help: exit code %d", code)
	}
}
