package examples

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// recorder is a post-renderer that keeps the values it is given, and changes nothing.
const recorder = `#!/bin/sh
n=0
for a in "$@"; do
	case $a in
	--values=*) n=$((n + 1)); cp "${a#--values=}" "$RECORD/$n.yaml"; echo "-f
$RECORD/$n.yaml" ;;
	--chart=*) cp -RL "${a#--chart=}" "$RECORD/chart" ;;
	*) echo "$a" ;;
	esac
done >"$RECORD/args"
exec cat
`

// bench has a release in helm's memory, another version of its chart, and the wrapper
// with a post-renderer that records.
type bench struct {
	*helm
	dir    string
	values string // of the release
}

// newBench makes the bench; cluster is the address of a discovery.
func newBench(t *testing.T, h *helm, cluster string) *bench {
	t.Helper()
	b := &bench{helm: &helm{h.client, h.home, h.env}, dir: t.TempDir()}
	b.env = append(slices.Clone(h.env), "HELM_KUBEAPISERVER="+cluster, "HELM_DRIVER=memory", "HELM_MEMORY_DRIVER_DATA="+b.path("releases"),
		"HELM_BIN="+h.path, "HELM_PLUGIN_DIR="+b.path("plugin"), "RECORD="+b.path("record"))
	b.write(t, "releases", "[]")
	b.write(t, "record/.keep", "")
	for _, name := range []string{"plugin/bin/runtime-auth-post-renderer", "plugin/render/postrenderer/post.sh"} {
		b.write(t, name, recorder)
		makeExecutable(t, b.path(name))
	}
	b.write(t, "plugin/render/postrenderer/plugin.yaml", "apiVersion: v1\ntype: postrenderer/v1\nname: runtime-auth-post-renderer\nversion: 0.1.0\n"+
		"runtime: subprocess\nruntimeConfig:\n  platformCommand:\n  - command: ${HELM_PLUGIN_DIR}/post.sh\n")
	for version, defaults := range map[string]string{
		"old": "a: {b: default, c: default, old: default}\nd: default\nlist: [old]\n",
		"new": "a: {b: new, c: new, new: default}\nd: new\nnew: default\nlist: [new]\n",
	} {
		chart := version + "-chart/"
		b.write(t, chart+"Chart.yaml", "apiVersion: v2\nname: parent\nversion: 1.0.0\n")
		b.write(t, chart+"values.yaml", defaults+"child: {a: parent}\nglobal: {a: parent}\n")
		b.write(t, chart+"templates/values.yaml", dump("parent"))
		b.write(t, chart+"charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 1.0.0\n")
		b.write(t, chart+"charts/child/values.yaml", "a: child\nd: "+version+"\nglobal: {a: child, b: "+version+"}\n")
		b.write(t, chart+"charts/child/templates/values.yaml", dump("child"))
	}
	return b
}

// dump is a template that shows all values.
func dump(name string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata:\n  values: {{ .Values | toJson | quote }}\n"
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) write(t testing.TB, name, text string) { write(t, b.path(name), text) }

// install returns the record of a release of the old chart.
func (b *bench) install(t *testing.T) string {
	t.Helper()
	return b.helm.helm("install", "rel", b.path("old-chart"), "-o", "json").ok(t)
}

// release makes helm remember an installed release with these values, and later revisions.
func (b *bench) release(t *testing.T, installed, values string, statuses ...string) {
	t.Helper()
	var release, config map[string]any
	if err := errors.Join(json.Unmarshal([]byte(installed), &release), yaml.Unmarshal([]byte(values), &config)); err != nil {
		t.Fatal(err)
	}
	b.values = values
	var all []string
	for i, status := range statuses {
		release["version"] = i + 1
		release["info"].(map[string]any)["status"] = status
		release["config"] = config
		if status != "deployed" {
			release["config"] = map[string]any{"not": "this one"}
		}
		text, err := json.Marshal(release)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	b.write(t, "releases", "["+strings.Join(all, ",")+"]")
}

// shown are the values that the manifests in a text hold, by the chart's name.
func shown(t testing.TB, text string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, line := range strings.Split(text, "\n") {
		quoted, found := strings.CutPrefix(strings.TrimSpace(line), "values: ")
		if !found {
			continue
		}
		var text string
		var values map[string]any
		if strings.HasPrefix(quoted, "'") {
			text = strings.ReplaceAll(strings.Trim(quoted, "'"), "''", "'")
		} else if err := json.Unmarshal([]byte(quoted), &text); err != nil {
			t.Fatalf("%s: %v", quoted, err)
		}
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint(len(all))] = values
	}
	if len(all) != 2 {
		t.Fatalf("values of %d charts:\n%s", len(all), text)
	}
	return all
}

// check upgrades with the wrapper. The values that its post-renderer is given, over the
// chart that it is given, must come to those that helm has used.
func (b *bench) check(t *testing.T, args ...string) {
	t.Helper()
	args = append([]string{"upgrade", "rel", b.path("new-chart"), "--dry-run=client"}, args...)
	used := command{path: program("runtime-auth"), args: args, env: b.env, dir: b.dir}.ok(t)
	given := []string{"template", "rel", b.path("record/chart"), "--is-upgrade"}
	for _, arg := range strings.Split(strings.TrimSpace(read(t, b.path("record/args"))), "\n") {
		if arg != "" {
			given = append(given, arg)
		}
	}
	b.write(t, "record/chart/templates/values.yaml", dump("parent")) // the copy for --reuse-values is without
	b.write(t, "record/chart/charts/child/templates/values.yaml", dump("child"))
	if diff := cmp.Diff(shown(t, used), shown(t, b.helm.helm(given...).ok(t))); diff != "" {
		t.Errorf("%q, over\n%s\n(-helm +post-renderer)\n%s", args, b.values, diff)
	}
}

// The post-renderer is told exactly the values that helm uses for an upgrade.
func TestWrapperKnowsTheValues(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		cluster := discovery(t)
		installed := newBench(t, h, cluster).install(t)
		for _, args := range []string{
			"", "-f empty.yaml", "--reset-values", "--set a.b=user", "--reuse-values", "--reset-then-reuse-values",
			"--reuse-values --set a.b=user", "--reuse-values -f null.yaml", "--reset-then-reuse-values -f null.yaml",
			"--reset-then-reuse-values --set list[0]=x", "--reset-then-reuse-values --set-json a={\"x\":1}", "--reuse-values --set child.a=null,global.a=null",
		} {
			t.Run(args, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, h, cluster)
				b.write(t, "empty.yaml", "# nothing\n")
				b.write(t, "null.yaml", "a: {b: null, old: null}\nd: null\nchild: {a: null}\n")
				b.release(t, installed, "a: {b: kept, mine: kept}\nlist: [kept, too]\nchild: {a: kept, d: kept}\nglobal: {b: kept}\n", "deployed", "failed")
				b.check(t, strings.Fields(args)...)
			})
		}
		random := rand.New(rand.NewPCG(3, 4))
		for i := range 12 {
			old, user := randomValues(random, 2), randomValues(random, 2)
			flag := [][]string{nil, {"--reuse-values"}, {"--reset-then-reuse-values"}}[i%3]
			if i%2 == 0 == (h.major == "3") {
				continue // the other client does it
			}
			t.Run(fmt.Sprintf("generated %d", i), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, h, cluster)
				b.write(t, "user.yaml", user)
				b.release(t, installed, old, "superseded", "deployed")
				b.check(t, append(flag, "-f", "user.yaml")...)
			})
		}
	})
}

// randomValues is a mapping, as JSON.
func randomValues(random *rand.Rand, depth int) string {
	var fields []string
	for _, key := range []string{"a", "b", "c", "d", "child", "global"} {
		value := ""
		switch n := random.IntN(6); {
		case n < 2:
			value = "null"
		case n == 2 && key != "child" && key != "global":
			value = fmt.Sprint(random.IntN(3))
		case n > 2 && depth > 0:
			value = randomValues(random, depth-1)
		}
		if value != "" && !(value == "null" && (key == "child" || key == "global")) {
			fields = append(fields, fmt.Sprintf("%q: %s", key, value))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func makeExecutable(t testing.TB, path string) {
	t.Helper()
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
}
