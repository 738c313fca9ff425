//go:build unix

package wrapper_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
)

// pipe makes a named pipe into which text is written once.
func (f *fake) pipe(name, text string) {
	f.t.Helper()
	if err := syscall.Mkfifo(f.path(name), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if text == "" {
		return
	}
	go func() {
		w, err := os.OpenFile(f.path(name), os.O_WRONLY, 0)
		if err == nil {
			_, _ = io.WriteString(w, text)
			_ = w.Close()
		}
	}()
}

// input makes text the standard input, as a pipe.
func (f *fake) input(text string) {
	f.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = r.Close() })
	go func() {
		_, _ = io.WriteString(w, text)
		_ = w.Close()
	}()
	f.stdin = r
}

// What can be read only once is read once, and lint, helm and the post-renderer get the
// same, however often it is given.
func TestWrapperPipes(t *testing.T) {
	for _, command := range []string{"install", "upgrade", "template", "diff upgrade"} {
		t.Run(command, func(t *testing.T) {
			f := newFake(t, "v3.22.0")
			good, again := tokenValues("of-the-pipe"), "a: again\n"
			f.pipe("values.fifo", good)
			f.pipe("file.fifo", "text")
			f.input(again)
			args := append(strings.Fields(command), "rel", "chart", "-f", "values.fifo,-", "--values", "values.fifo", "--set-file", "x=file.fifo")
			r := f.run(args...).ended(0)
			values := good + "---\n" + again + "---\n" + good + "---\n"
			is(t, "the post-renderer reads", f.read("read.renderer"), values)
			is(t, "helm reads", f.read("read.helm"), values+"text")
			is(t, "standard input", f.read("read.stdin"), "")
			if strings.Contains(r.helm, "fifo") || !strings.Contains(r.helm, "[--post-renderer-args=--set-file=x=") {
				t.Error(r.helm)
			}
		})
	}
}

// Findings name what the user has given.
func TestWrapperPipeFindings(t *testing.T) {
	f := newFake(t, "v3.22.0")
	bad := strings.Replace(tokenValues("x"), "type: token", "type: tokn", 1)
	f.pipe("values.fifo", bad)
	f.run("template", "chart", "-f", "values.fifo").refused(1, "values.fifo:6:")
	f.input(bad)
	f.run("template", "chart", "-f", "-").refused(1, "<stdin>:6:")
}

// Standard input that is not given for values is helm's.
func TestWrapperStdin(t *testing.T) {
	f := newFake(t, "v3.22.0")
	f.input("for helm")
	f.run("template", "chart").ended(0)
	is(t, "standard input", f.read("read.stdin"), "for helm")
}

// A device without an end, and a chart that is a pipe.
func TestWrapperRefusesDevices(t *testing.T) {
	f := newFake(t, "v4.3.1")
	f.run("template", "chart", "-f", "/dev/zero").refused(3, `cannot read "/dev/zero": larger than 16 MiB`)
	f.pipe("chart.fifo", "")
	f.run("template", "./chart.fifo").refused(2, `chart "./chart.fifo" is a pipe or a device`)
	f.run("template", "/dev/null").refused(2, `chart "/dev/null" is a pipe or a device`)
	f.run("template", "./no-chart").refused(3, `chart "./no-chart": no such file or directory`)
}

const history = `[{"revision":1,"status":"superseded"},{"revision":2,"status":"deployed"},{"revision":3,"status":"failed"}]`

// What Helm takes from the last release is a first values file, and helm itself gets
// what the user has given.
func TestWrapperReuse(t *testing.T) {
	const old = "a:\n  b: old\n  c: old\n"
	f := newFake(t, "v3.22.0")
	f.released(history, old, "all: true\n")
	f.write("user.yaml", "a:\n  b: user\n")
	f.write("empty.yaml", "# nothing\n")
	f.write("null.yaml", "a:\n  c: null\n")
	for _, test := range []struct{ args, values, chart, calls string }{
		{"", old, "global: {}\n", "history, values"},
		{"-f empty.yaml", old + "---\n# nothing\n", "global: {}\n", "history, values"},
		{"-f user.yaml", "a:\n  b: user\n", "global: {}\n", ""},
		{"--set a=null", "", "global: {}\n", ""},
		{"--reset-values", "", "global: {}\n", ""},
		{"--reset-values --reuse-values", "", "global: {}\n", ""},
		{"--reset-then-reuse-values -f user.yaml", old + "---\na:\n  b: user\n", "global: {}\n", "history, values"},
		{"--reset-then-reuse-values=false -f user.yaml", "a:\n  b: user\n", "global: {}\n", ""},
		{"--reuse-values -f user.yaml", old + "---\na:\n  b: user\n", "all: true\n", "history, values, all"},
		{"--reuse-values --reset-then-reuse-values --set a.b=x", old, "all: true\n", "history, values, all"},
		// a null takes the old value away, and itself with it; several -f would leave the null
		{"--reset-then-reuse-values -f null.yaml", "{\n  \"a\": {\n    \"b\": \"old\"\n  }\n}", "global: {}\n", "history, values"},
		{"--reset-then-reuse-values --set a.c=null,a.d=1", "{\n  \"a\": {\n    \"b\": \"old\",\n    \"d\": 1\n  }\n}", "global: {}\n", "history, values"},
		// a JSON object replaces what -f gives, but is merged with what was reused
		{`--reset-then-reuse-values --set-json a={"d":1}`, "{\n  \"a\": {\n    \"b\": \"old\",\n    \"c\": \"old\",\n    \"d\": 1\n  }\n}", "global: {}\n", "history, values"},
	} {
		t.Run(test.args, func(t *testing.T) {
			f.t = t
			r := f.run(append([]string{"upgrade", "rel", "chart", "--namespace", "ns"}, strings.Fields(test.args)...)...).ended(0)
			is(t, "values", strings.TrimSuffix(f.read("read.renderer"), "---\n"), test.values)
			is(t, "chart's values", f.read("read.chart"), test.chart)
			calls := strings.NewReplacer(
				"history [history] [--output=json] [--max=2147483647] [--namespace=ns] [--] [rel]\n", "history",
				"get [get] [values] [--output=yaml] [--revision=2] [--namespace=ns] [--] [rel]\n", ", values",
				"get [get] [values] [--output=yaml] [--revision=2] [--all] [--namespace=ns] [--] [rel]\n", ", all",
			).Replace(r.calls)
			is(t, "calls", calls, test.calls)
			if strings.Contains(r.stderr, "helm warns") {
				t.Error("the warnings of the calls in between are shown")
			}
			given := strings.Fields(test.args)
			if n := strings.Count(r.helm, "] [--values="); n != strings.Count(test.args, "-f ") {
				t.Errorf("helm gets %d values files: %s, given %q", n, r.helm, given)
			}
		})
	}
}

// Which release counts, and when there is none.
func TestWrapperRelease(t *testing.T) {
	f := newFake(t, "v4.3.1")
	const none = "release: not found\nhelm.go:92: [debug] release: not found\n"
	for _, test := range []struct {
		name, history, err, args string
		reused                   bool
	}{
		{"installs", "", none, "--install", false},
		{"helm will refuse", "", none, "", false},
		{"was uninstalled", `[{"revision":1,"status":"uninstalled"}]`, "", "--install", false},
		{"is pending", `[{"revision":1,"status":"pending-install"}]`, "", "", false},
		{"upgrades", history, "", "--install", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.t = t
			f.released(test.history, "old: true\n", "")
			_ = os.Remove(f.path("history.err"))
			if test.err != "" {
				f.write("history.err", test.err)
			}
			r := f.run(append([]string{"upgrade", "rel", "chart"}, strings.Fields(test.args)...)...).ended(0)
			is(t, "values", strings.TrimSuffix(f.read("read.renderer"), "---\n"), map[bool]string{true: "old: true\n"}[test.reused])
			if strings.Contains(r.stderr, "not found") {
				t.Errorf("stderr: %s", r.stderr)
			}
		})
	}
}

// What cannot be known is refused before helm runs.
func TestWrapperRefusesUnknownValues(t *testing.T) {
	f := newFake(t, "v3.22.0")
	f.env["HELM_KUBETOKEN"] = "CANARY-OF-KUBE"
	f.released(history, "old: true\n", "")
	f.write("history.err", "query: failed to query with labels: secrets is forbidden (CANARY-OF-KUBE)\n")
	f.run("upgrade", "rel", "chart").
		refused(3, `cannot read the values of release "rel": query: failed to query with labels: secrets is forbidden (…)`, "pass --reset-values", "Sign in at").hides("CANARY", "helm warns")
	f.run("upgrade", "rel", "chart", "--reuse-values", "--no-lint", "-f", "token.yaml").refused(3, "without --reuse-values")
	f.run("upgrade", "rel", "chart", "-f", "token.yaml").ended(0)
	_ = os.Remove(f.path("history.err"))
	f.write("values.err", "cannot decode\n")
	f.run("upgrade", "rel", "chart").refused(3, "cannot decode")
	f.run("diff", "upgrade", "rel", "chart").refused(3, "cannot decode")
	_ = os.Remove(f.path("values.err"))
	f.write("history", "not json")
	f.run("upgrade", "rel", "chart").refused(3, "cannot read the history that helm prints")
	f.write("history", `[{"revision":9,"status":"uninstalled"},{"revision":10,"status":"failed"}]`)
	f.run("upgrade", "rel", "chart", "--install").refused(3, "revision 10 is failed and revision 9 is uninstalled")
	f.write("history", history)
	f.write("values", strings.Replace(tokenValues("x"), "type: token", "type: tokn", 1))
	f.run("upgrade", "rel", "chart").refused(1, `release "rel", revision 2:6:`)
}

// helm-diff gives helm the newest revision's values as a first values file.
func TestWrapperDiff(t *testing.T) {
	f := newFake(t, "v4.3.1")
	f.released(history, "old: true\n", "all: true\n")
	f.write("user.yaml", "user: true\n")
	for args, want := range map[string]string{
		"":                             "all: true\n",
		"-f user.yaml":                 "user: true\n",
		"-f user.yaml --reuse-values":  "all: true\n---\nuser: true\n",
		"--reset-then-reuse-values":    "old: true\n",
		"--reset-values":               "",
		"--dry-run":                    "",
		"--install --allow-unreleased": "all: true\n",
	} {
		r := f.run(append([]string{"diff", "upgrade", "rel", "chart"}, strings.Fields(args)...)...).ended(0)
		is(t, args, strings.TrimSuffix(f.read("read.renderer"), "---\n"), want)
		if !strings.HasPrefix(r.helm, "diff [diff] [upgrade] [--post-renderer=") {
			t.Error(r.helm)
		}
		if want == "all: true\n" && !strings.Contains(r.calls, "[--revision=0] [--all]") {
			t.Error(r.calls)
		}
	}
	f.run("diff", "upgrade", "rel", "chart", "--storage-namespace=x").refused(2, "storage namespace")
	f.env["HELM_DIFF_USE_UPGRADE_DRY_RUN"] = "true"
	f.run("diff", "upgrade", "rel", "chart", "--reset-values").refused(2, "HELM_DIFF_USE_UPGRADE_DRY_RUN")
	f.run("diff", "upgrade", "rel", "chart", "--reset-values", "--set", "a=b").ended(0)
}

// A chart that is not here is pulled, and helm is given what was pulled.
func TestWrapperPulls(t *testing.T) {
	for _, version := range []string{"v3.22.0", "v4.3.1"} {
		f := newFake(t, version)
		f.archive()
		for _, ref := range []string{"repo/gitops-runtime", "oci://example.com/charts/gitops-runtime", "https://example.com/gitops-runtime.tgz?x=y", "gitops-runtime --repo https://example.com"} {
			r := f.run(append([]string{"install", "--version=0.30.0", "--username", "me", "--password=p", "--verify", "-n", "ns", "-g"}, strings.Fields(ref)...)...).ended(0)
			name, repo, _ := strings.Cut(ref, " --repo ")
			if repo != "" {
				repo = " [--repo=" + repo + "]"
			}
			want := fmt.Sprintf(" [--version=0.30.0] [--username=me] [--password=p] [--verify=true]%s [--] [%s]\n", repo, name)
			if !strings.HasPrefix(r.calls, "pull [pull] [--destination="+f.path("tmp")) || !strings.HasSuffix(r.calls, want) {
				t.Errorf("pull: %s", r.calls)
			}
			if strings.Contains(r.helm, "--repo") || strings.Contains(r.helm, "--verify") || !strings.HasSuffix(r.helm, "/gitops-runtime.tgz]") {
				t.Errorf("helm: %s", r.helm)
			}
		}
	}
	// Where a folder is called like the chart, the Helms differ.
	f := newFake(t, "v3.22.0")
	f.archive()
	if r := f.run("template", "chart", "--repo=https://example.com").ended(0); r.calls != "" {
		t.Errorf("Helm 3 takes what is here: %s", r.calls)
	}
	f.write("version", "v4.3.1\n")
	if r := f.run("template", "chart", "--repo=https://example.com").ended(0); !strings.HasPrefix(r.calls, "pull ") {
		t.Error("Helm 4 takes what is in the repository")
	}
	f.write("pull.err", `Get "https://me:CANARY@example.com/CANARY-2": 401`+"\n")
	f.run("template", "https://me:CANARY@example.com/chart.tgz", "--password", "CANARY-2").
		refused(3, `cannot pull chart "https://example.com/chart.tgz": Get "https://me:…@example.com/…": 401`).hides("CANARY")
}

// archive packs the chart for the fake helm to pull.
func (f *fake) archive() {
	f.t.Helper()
	var data bytes.Buffer
	z := gzip.NewWriter(&data)
	w := tar.NewWriter(z)
	for _, name := range []string{"Chart.yaml", "values.yaml"} {
		text := f.read("chart/" + name)
		_ = w.WriteHeader(&tar.Header{Name: "gitops-runtime/" + name, Mode: 0o644, Size: int64(len(text))})
		_, _ = io.WriteString(w, text)
	}
	_ = w.Close()
	_ = z.Close()
	f.write("chart.tgz", data.String())
}

// --reuse-values with a chart that was pulled, and dependencies that helm is to fetch.
func TestWrapperCharts(t *testing.T) {
	f := newFake(t, "v4.3.1")
	f.archive()
	f.released(history, "old: true\n", "all: true\n")
	r := f.run("upgrade", "rel", "repo/chart", "--reuse-values").ended(0)
	is(t, "chart's values", f.read("read.chart"), "all: true\n")
	f.write("chart/Chart.yaml", f.read("chart/Chart.yaml")+"dependencies: [{name: a, version: 1.0.0, repository: https://example.com}]\n")
	if r := f.run("template", "chart").ended(0); r.calls != "" {
		t.Error(r.calls)
	}
	r = f.run("template", "chart", "--dependency-update", "--keyring=k").ended(0)
	is(t, "calls", r.calls, "dependency [dependency] [update] [--keyring=k] [--] [chart]\n")
}
