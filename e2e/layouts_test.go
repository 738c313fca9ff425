//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// layout is one of the ways in which people have a Runtime's chart and its values.
type layout struct {
	name string
	// chart makes the chart, with this block in its own values if that is where it is.
	chart func(t testing.TB, block string) string
	// values is a values file with a place for the block, "" where the chart holds it.
	values string
}

const blockOfG3 = "{integrations: {argo-cd: {server: {auth: %s}}}}"

func layouts() []layout {
	alone := func(t testing.TB, _ string) string { return runtimeChart(t) }
	under := func(alias, own string) func(testing.TB, string) string {
		return func(t testing.TB, block string) string {
			return umbrella(t, alias, strings.ReplaceAll(own, "%s", block))
		}
	}
	return []layout{
		{"alone", alone, "global: " + blockOfG3},
		{"an umbrella", under("", ""), "gitops-runtime: {global: " + blockOfG3 + "}"},
		{"an umbrella with an alias", under("cfr", ""), "cfr: {global: " + blockOfG3 + "}"},
		{"what all charts share", under("cfr", ""), "global: " + blockOfG3},
		{"the umbrella's own values", under("cfr", "cfr: {global: "+blockOfG3+"}\n"), ""},
		{"what the umbrella shares", under("", "global: "+blockOfG3+"\n"), ""},
		{"a chart of one's own", func(t testing.TB, block string) string {
			dir := runtimeChart(t)
			own := read(t, filepath.Join(dir, "values.yaml"))
			before, after, found := strings.Cut(own, "        auth:\n          type: password\n")
			_, after, more := strings.Cut(after, "tokenSecretKeyRef: {}\n")
			if !found || !more {
				t.Fatal("the example chart's values are not what they were")
			}
			must(t, os.WriteFile(filepath.Join(dir, "values.yaml"), []byte(before+"        auth: "+block+"\n"+after), 0o644))
			return dir
		}, ""},
	}
}

// umbrella is a chart that depends on the Runtime's, under an alias if there is one.
func umbrella(t testing.TB, alias, values string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "platform")
	must(t, os.MkdirAll(filepath.Join(dir, "charts"), 0o755))
	must(t, os.CopyFS(filepath.Join(dir, "charts", "gitops-runtime"), os.DirFS(runtimeChart(t))))
	metadata := "apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies:\n- {name: gitops-runtime, version: 0.29.0, repository: \"https://charts.example.com\""
	if alias != "" {
		metadata += ", alias: " + alias
	}
	must(t, os.WriteFile(filepath.Join(dir, "Chart.yaml"), []byte(metadata+"}\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "values.yaml"), []byte(values), 0o644))
	return dir
}

// TestLayouts installs a Runtime with a token, and upgrades it as people do: with the
// same values, with none, and with those of the last release. The example chart wires the
// initial admin password whatever the values say, so that only the post-renderer keeps
// the token.
func TestLayouts(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		m := modes()[1]
		for _, l := range layouts() {
			chart := l.chart(t, m.block)
			args := []string{"runtime", chart, "--no-hooks"}
			given := args
			if l.values != "" {
				given = append(given[:len(given):len(given)], "-f", write(t, "values.yaml", fmt.Sprintf(l.values, m.block)+"\n"))
			}
			step := func(what string, args ...string) {
				t.Helper()
				h.helm(append([]string{"runtime-auth"}, args...)...).ok(t)
				h.checkWiring(t, "g3", m)
				if t.Failed() {
					t.Fatalf("%s: %s", l.name, what)
				}
			}
			step("install", append([]string{"install"}, given...)...)
			step("upgrade", append([]string{"upgrade"}, given...)...)
			step("upgrade without values", append([]string{"upgrade"}, args...)...)
			step("--reuse-values", append([]string{"upgrade", "--reuse-values"}, args...)...)
			step("--reset-then-reuse-values", append([]string{"upgrade", "--reset-then-reuse-values", "--set", "image.tag=x"}, args...)...)
			step("--install", append([]string{"upgrade", "--install"}, args...)...)
			h.helm("uninstall", "runtime", "--no-hooks").ok(t)
		}
	})
}

// TestLayoutsByPostRenderer is the same without the wrapper: Helm 3's post-renderer has to
// be told the values, and the chart where they are in that; Helm 4's finds all in the stream.
func TestLayoutsByPostRenderer(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		m := modes()[1]
		for _, l := range layouts() {
			chart := l.chart(t, m.block)
			args := []string{"runtime", chart, "--no-hooks", "--post-renderer", "runtime-auth-post-renderer"}
			var values []string
			if l.values != "" {
				values = []string{"-f", write(t, "values.yaml", fmt.Sprintf(l.values, m.block)+"\n")}
			}
			if h.major == "3" {
				args = append(args, "--post-renderer-args", "--chart="+chart)
				for _, v := range values {
					args = append(args, "--post-renderer-args", v)
				}
			}
			h.helm(append(append([]string{"install"}, args...), values...)...).ok(t)
			h.checkWiring(t, "g3", m)
			h.helm(append([]string{"upgrade"}, args...)...).ok(t) // helm goes on with the values of the release
			h.checkWiring(t, "g3", m)
			if t.Failed() {
				t.Fatal(l.name)
			}
			// Values that say something else than helm's are refused before anything changes.
			before := h.versions(t)
			other := append(append([]string{"upgrade"}, args...), "--post-renderer-args", "--set", "--post-renderer-args", "global.integrations.argo-cd.server.auth.tokenSecretKeyRef.name=other")
			if h.major == "4" {
				if r := h.helm(other...).run(t); r.code == 0 {
					t.Errorf("%s: other values were taken", l.name)
				}
				unchanged(t, before, h.versions(t))
			}
			h.helm("uninstall", "runtime", "--no-hooks").ok(t)
		}
	})
}

// TestValuesFromAPipe: what can be read only once reaches helm and the post-renderer both.
func TestValuesFromAPipe(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash, whose <(…) this is about")
	}
	eachHelm(t, func(t *testing.T, h *helm) {
		m := modes()[1]
		chart, file := runtimeChart(t), m.values(t, "g3")
		for _, line := range []string{
			`helm -n "$NS" runtime-auth install runtime "$CHART" --no-hooks -f <(cat "$FILE")`,
			`cat "$FILE" | helm -n "$NS" runtime-auth upgrade runtime "$CHART" --no-hooks -f -`,
			`cat "$FILE" | helm -n "$NS" runtime-auth upgrade runtime "$CHART" --no-hooks --values=/dev/stdin`,
			`helm -n "$NS" runtime-auth upgrade runtime "$CHART" --no-hooks -f "$FILE" --set-file note=<(echo x)`,
		} {
			c := h.helm()
			c.path, c.args = "bash", []string{"-c", line}
			c.env = append(c.env[:len(c.env):len(c.env)], "NS="+h.namespace, "CHART="+chart, "FILE="+file)
			c.ok(t)
			h.checkWiring(t, "g3", m)
			var config map[string]any
			must(t, json.Unmarshal([]byte(h.helm("get", "values", "runtime", "-o", "json").ok(t)), &config))
			if config["global"] == nil {
				t.Errorf("%s: helm has not got the values: %v", line, config)
			}
		}
	})
}

// TestInterruptedUpgrade: Ctrl-C leaves the release as it does without the plugin.
func TestInterruptedUpgrade(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		m := modes()[1]
		chart, file := runtimeChart(t), m.values(t, "g3")
		h.helm("runtime-auth", "install", "runtime", chart, "--no-hooks", "-f", file).ok(t)
		interrupted := func(args ...string) string {
			t.Helper()
			c := h.helm(append(args, "runtime", chart, "--no-hooks", "-f", file, "--wait", "--timeout", "2m")...)
			cmd := exec.Command(c.path, c.args...)
			cmd.Env, cmd.Dir = c.env, t.TempDir()
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a terminal has it
			must(t, cmd.Start())
			h.waitFor(t, "pending-upgrade")
			time.Sleep(2 * time.Second) // no controller runs, so that helm waits
			must(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT))
			_ = cmd.Wait()
			return h.waitFor(t, "failed", "deployed", "unknown")
		}
		with := interrupted("runtime-auth", "upgrade")
		h.checkWiring(t, "g3", m)
		if without := interrupted("upgrade"); with != without {
			t.Errorf("the release is %q, and %q without the plugin", with, without)
		}
	})
}

// waitFor waits until the release is in one of the states, and returns it.
func (h *helm) waitFor(t testing.TB, states ...string) string {
	t.Helper()
	state := ""
	for range 100 {
		r := h.helm("status", "runtime", "-o", "json").run(t)
		var status struct{ Info struct{ Status string } }
		if json.Unmarshal([]byte(r.stdout), &status) == nil {
			state = status.Info.Status
		}
		for _, s := range states {
			if state == s {
				return s
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("the release is %q, and does not become %v", state, states)
	return ""
}
