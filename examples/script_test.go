package examples

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts tell what a user does with Helm and sees of it; each runs with both clients.
func TestScripts(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		cluster := discovery(t)
		testscript.Run(t, testscript.Params{
			Dir:           filepath.Join("testdata", "script"),
			UpdateScripts: *update,
			Setup: func(env *testscript.Env) error {
				releases := filepath.Join(env.WorkDir, "releases.yaml")
				env.Vars = slices.Concat(env.Vars, h.env, []string{
					"EXAMPLES=" + absolute(t),
					"CHART=" + absolute(t, "chart"),
					"HELM_KUBEAPISERVER=" + cluster,
					"HELM_DRIVER=memory",
					"HELM_MEMORY_DRIVER_DATA=" + releases,
				})
				return os.WriteFile(releases, []byte("[]"), 0o644)
			},
			Condition: func(cond string) (bool, error) { return cond == "helm"+h.major, nil },
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"helm":     scriptHelm,
				"fails":    scriptFails,
				"wired":    scriptWired,
				"canary":   scriptCanary,
				"remember": scriptRemember,
			},
		})
	})
}

// scriptHelm runs helm like exec does, and searches all it says for the canary.
func scriptHelm(ts *testscript.TestScript, neg bool, args []string) {
	code := runHelm(ts, args)
	if neg && code == 0 {
		ts.Fatalf("helm succeeded, it should not have")
	}
	if !neg && code != 0 {
		ts.Fatalf("helm failed with exit code %d", code)
	}
}

// scriptFails is `fails CODE ARGS…`: helm must end with just that exit code.
func scriptFails(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if code := runHelm(ts, args[1:]); code != want {
		ts.Fatalf("helm ended with exit code %d, want %d", code, want)
	}
}

func runHelm(ts *testscript.TestScript, args []string) int {
	for i := range args {
		args[i] = withCanary(args[i])
	}
	err := ts.Exec("helm", args...)
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		ts.Check(err)
	}
	for _, leak := range slices.Concat(leaksInManifests(ts.ReadFile("stdout")), leaks("stderr", ts.ReadFile("stderr"))) {
		ts.Fatalf("%s", leak)
	}
	if failed != nil {
		return failed.ExitCode()
	}
	return 0
}

// scriptWired is `wired GENERATION MODE`: the last stdout holds manifests in which
// every service is wired for that mode.
func scriptWired(ts *testscript.TestScript, _ bool, args []string) {
	all := append(modes(), defaultMode())
	i := slices.IndexFunc(all, func(m mode) bool { return m.name == args[1] })
	if i < 0 {
		ts.Fatalf("there is no mode %s", args[1])
	}
	checkWiring(scriptT{ts: ts}, manifests(ts.ReadFile("stdout")), args[0], all[i])
}

// withCanary puts the credential where a script says CANARY. It is no variable of
// the environment, because testscript prints that into its log.
func withCanary(text string) string { return strings.ReplaceAll(text, "CANARY", canary()) }

// scriptCanary is `canary FILE`: CANARY in the file becomes the credential.
func scriptCanary(ts *testscript.TestScript, _ bool, args []string) {
	text := withCanary(ts.ReadFile(args[0]))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// scriptRemember is `remember FILE`: the release in the last stdout goes into the
// file from which helm fills its memory.
func scriptRemember(ts *testscript.TestScript, _ bool, args []string) {
	text := "[" + ts.ReadFile("stdout") + "]"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// manifests cuts off what helm install and upgrade print before the first document.
func manifests(text string) string {
	if i := strings.Index(text, "\n---\n"); i >= 0 && !strings.HasPrefix(text, "---\n") {
		return text[i+1:]
	}
	return text
}

// scriptT lets the checks for Go tests speak in a script.
type scriptT struct {
	testing.TB
	ts *testscript.TestScript
}

func (s scriptT) Helper()                           {}
func (s scriptT) Errorf(format string, args ...any) { s.ts.Fatalf(format, args...) }
func (s scriptT) Fatalf(format string, args ...any) { s.ts.Fatalf(format, args...) }

// discovery is as much of a cluster as install and upgrade ask for while releases
// are kept in memory: its version and what kinds there are. Nothing is applied.
func discovery(t testing.TB) string {
	t.Helper()
	answers := map[string]any{
		"/version": map[string]string{"major": "1", "minor": "37", "gitVersion": "v1.37.2"},
		"/api":     map[string]any{"kind": "APIVersions", "versions": []string{"v1"}},
		"/apis":    map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []string{}},
		"/api/v1":  map[string]any{"kind": "APIResourceList", "groupVersion": "v1", "resources": []string{}},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
