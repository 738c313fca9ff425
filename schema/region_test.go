package schema

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// surroundings are entries that stand around the block in values files, one for each
// way of writing that must not make lint parse the whole file.
func surroundings() map[string]string {
	return map[string]string{
		"nothing":         "",
		"comments":        "# a: b\n\n  # c\nx: 1 # d\n  # e\n#f\n",
		"mappings":        "x:\n    k:\n        z: 1\n    w: {}\n",
		"sequences":       "x:\n  - a\n  - b: 1\n    c: 2\n  - - d\nk:\n- e\n-\n  f: 1\n",
		"plain":           "x: http://a:80/b#c\nk: it's \"a\", {b} & c\nz: one\n  two\n\n  three\nw: -x\n",
		"typed":           "x: yes\nk: 0x1F\nz: 1e3\nv: ~\nw: 2001-01-01\n8080: u\n",
		"quoted":          "\"x\": 'it''s # a: b'\n'k': \"a\\n\\\"b\\u00e9\"\nz: 'a\n\n  b'\nw: \"c \\\n  d\"\n",
		"literal":         "x: |\n  global:\n    external-arg-cd: {}\n\n  # a\nk: |-\n    a\n",
		"folded":          "x: >-\n  a\n  b\n\nk: >2\n    c\n",
		"kept blanks":     "x: |+\n  a\n\n\n",
		"flow":            "x: {a: b, \"c\": [d, 'e', {}]}\nk: []\nz: [\n  a,\n  b,\n]\n",
		"crlf":            "x: |\r\n  a\r\n\r\nk:\r\n- z\r\n",
		"other letters":   "ä: ö\nx: \"日本\" # ü\n",
		"lost global":     "x:\n  global:\n    external-argo-cd:\n      auth:\n        type: tokne\n",
		"list of globals": "x:\n- global:\n    external-argo-cd: 5\n- auth:\n    type: token\n",
		"other variables": "x:\n  env:\n    ARGO_CD_SERVER: a\n    TOKEN: b\n",
	}
}

// regions are entries that rules look at, and some that only look like it.
func regions() []string {
	const ref = "{type: token, tokenSecretKeyRef: {name: a, key: b}}\n"
	return []string{
		"", "global:\n  external-argo-cd:\n    auth: " + ref,
		"global:\n  integrations:\n    argo-cd:\n      server:\n        auth:\n          type: token\n          token: s3cr3t-1 # why\n",
		"global:\n  external-arg-cd:\n    auth: " + ref,
		"Global:\n  external-argo-cd:\n    auth: " + ref,
		"\"globl\":\n  external-argo-cd:\n    auth: " + ref,
		"global: {external-argo-cd: {auth: {type: tokne}}}\n",
		"global:\n  external-argo-cd: x\n",
		"global:\n", "global: x\n", "global: []\n",
		"global:\n  external-argo-cd:\n    auth: " + ref + "x: 1\nglobal:\n  a: b\n",
		"global:\n  a: b\n'global':\n  external-argo-cd:\n    auth: " + ref,
		"global:\n  external-argo-cd:\n    auth: " + ref + "argo-cd:\n  server:\n    a: b\n  enabled: true\n",
		"argo-cd:\n  # none\n  server:\n    a: b\nglobal:\n  runtime: {name: x}\nargo-cd: {enabled: true}\n",
		"argo-cd:\n  enabled: true\n  enabled: false\nglobal:\n  codefresh: {}\n",
		"argo-cd:\n  enabled: true\nargo-cd:\n  server: {}\nglobal:\n  codefresh: {}\n",
		"argo-cd:\n- enabled: true\nglobal:\n  codefresh: {}\n",
		"gitops-operator:\n  image: x\n  enabled: false\n",
		"gitops-operator:\n  image: x\n",
		"external-argo-cd:\n  auth: " + ref, "externalArgoCD:\n  auth:\n    password: s3cr3t-2\n", "external_argo_cd:\n",
		"argo-cd:\n  a: b\n  external-argo-cd:\n    auth: " + ref, "argo-cd:\n  external-arg-cd:\n    auth:\n      token: s3cr3t-3\n  a: b\n",
		"auth: " + ref, "auth:\n  user: x\n", "integrations:\n  argo-cd:\n    server:\n      auth: " + ref,
		"global.external-argo-cd.auth.type: token\n", "global.external-argo-cd: x\n", "global.integrations.argo-cd.server.auth: {}\n",
		"global:\n  external-argo-cd:\n    auth: " + ref + "app-proxy:\n  a: b\n  env:\n    ARGO_CD_TOKEN: s3cr3t-4\n    X: z\n",
		"app-proxy:\n  env:\n    ARGO_CD_TOKEN: s3cr3t-5\nglobal:\n  external-argo-cd:\n    auth: " + ref + "app-proxy:\n  a: b\n",
		"global:\n  external-argo-cd:\n    auth: " + ref + "argo-cd:\n  a: b\n  x: {env: {\"ARGO_CD_PASSWORD\": s3cr3t-6}}\n",
	}
}

// TestRegionIsEnough puts every region between every two surroundings.
func TestRegionIsEnough(t *testing.T) {
	linter := &Linter{} // one, because compiling the schema takes longer than a lint
	for name, around := range surroundings() {
		t.Run(name, func(t *testing.T) {
			for _, region := range regions() {
				after := strings.NewReplacer("x:", "x2:", "\"x\"", "x2", "k:", "k2:").Replace(around)
				for _, text := range []string{around + region, region + after, around + region + after} {
					if !sameLint(t, linter, text) {
						t.Errorf("%q is parsed as a whole", text)
					}
				}
			}
		})
	}
}

// TestRegionOfRules lints the test data of every rule both ways, alone and at the
// end of a larger file.
func TestRegionOfRules(t *testing.T) {
	linter := &Linter{} // one, because compiling the schema takes longer than a lint
	parts := 0
	for _, text := range ruleFiles(t) {
		for _, around := range []string{"", "x:\n- a: |\n    b\n\n"} {
			if sameLint(t, linter, around+text) {
				parts++
			}
		}
	}
	if parts == 0 {
		t.Error("every file is parsed as a whole")
	}
}

func ruleFiles(t testing.TB) []string {
	t.Helper()
	names, _ := filepath.Glob("testdata/rules/*.txtar")
	if len(names) == 0 {
		t.Fatal("no test data")
	}
	var texts []string
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(archive.Files[0].Data))
	}
	return texts
}

// TestRegionOfCorpus does the same with the values of the real charts, which must
// not be parsed as a whole.
func TestRegionOfCorpus(t *testing.T) {
	linter := &Linter{} // one, because compiling the schema takes longer than a lint
	names := oracle.Files(t, "corpus/*/*.values.yaml")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !sameLint(t, linter, string(data)) {
			t.Errorf("%s is parsed as a whole", name)
		}
	}
}

// TestRegionOfInventions lints files that are put together by chance.
func TestRegionOfInventions(t *testing.T) {
	linter := &Linter{} // one, because compiling the schema takes longer than a lint
	parts, inventions := 0, 2_000
	if oracle.Required() {
		inventions = 10_000
	}
	for seed := range inventions {
		if sameLint(t, linter, inventValues(uint64(seed))) {
			parts++
		}
	}
	if parts < inventions/3 {
		t.Errorf("only %d of %d are parsed in part", parts, inventions)
	}
}

// FuzzRegion checks that a file that is parsed in part is linted as if it were
// parsed as a whole, and that a whole one does parse.
func FuzzRegion(f *testing.F) {
	linter := &Linter{}
	for _, around := range surroundings() {
		f.Add(around + regions()[1])
	}
	for _, region := range regions() {
		f.Add(region)
	}
	for _, text := range ruleFiles(f) {
		f.Add(text)
	}
	for seed := range uint64(50) {
		f.Add(inventValues(seed))
	}
	f.Fuzz(func(t *testing.T, text string) { sameLint(t, linter, text) })
}

// sameLint lints a file both ways, for every generation of the chart, and compares.
// It reports whether a part of the file was enough.
func sameLint(t *testing.T, linter *Linter, text string) bool {
	t.Helper()
	data := []byte(text)
	whole, err := values.Parse("values.yaml", data)
	part, partErr := values.ParsePart("values.yaml", data, block.Wanted(data, nil))
	if fmt.Sprint(err) != fmt.Sprint(partErr) {
		t.Fatalf("%q: parsed as a whole %v, in part %v", text, err, partErr)
	}
	if err != nil || !part.Partial() {
		return false
	}
	for _, opts := range []Options{{}, {ChartVersion: &auth.ChartVersion{Minor: 24}}, {ChartVersion: &auth.ChartVersion{Minor: 26}}} {
		want, err := linter.Lint(values.FromFile(whole), opts)
		if err != nil {
			t.Fatal(err)
		}
		got, err := linter.Lint(values.FromFile(part), opts)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Diagnostics, want.Diagnostics) {
			t.Fatalf("%q: of a part lint says\n%+v\nof the whole\n%+v", text, got.Diagnostics, want.Diagnostics)
		}
		if !reflect.DeepEqual(got.Settings, want.Settings) {
			t.Fatalf("%q: a part declares %+v, the whole %+v", text, got.Settings, want.Settings)
		}
	}
	return true
}

// inventValues returns a file with keys that rules look for, in right and in wrong
// places, of which some are damaged afterwards.
func inventValues(seed uint64) string {
	chance := rand.New(rand.NewPCG(seed, 3))
	one := func(of ...string) string { return of[chance.IntN(len(of))] }
	var b strings.Builder
	var write func(indent, depth int)
	write = func(indent, depth int) {
		for range 1 + chance.IntN(3) {
			key := one("global", "external-argo-cd", "integrations", "argo-cd", "server", "auth", "env", "enabled", "gitops-operator", "x", "y",
				"globl", "\"global\"", "external-arg-cd", "global.external-argo-cd", "app-proxy", "runtime", "type", "ARGO_CD_TOKEN", "tokenSecretKeyRef")
			b.WriteString(strings.Repeat(" ", indent) + key + ":")
			switch n := chance.IntN(8); {
			case n < 4 && depth < 5:
				b.WriteString(one("\n", " # a\n", "\n\n  # b\n"))
				write(indent+1+chance.IntN(3), depth+1)
			case n == 4:
				b.WriteString(one(" |\n", " >-\n", " |+\n") + strings.Repeat(" ", indent+2) + one("auth:\n\n", "a\n", "# b\n"))
			case n == 5:
				fmt.Fprintf(&b, "\n%s- %s\n", strings.Repeat(" ", indent+chance.IntN(3)), one("a", "auth: b", "- c", "|\n       d"))
			case n == 6:
				b.WriteString(one(" {auth: {type: token}}\n", " {external-argo-cd: {auth: {token: s3cr3t-7}}}\n", " []\n", " {name: a, key: b}\n", " {enabled: true}\n"))
			default:
				b.WriteString(one(" token\n", " true\n", " false\n", "\n", " \"a\" # b\n", " 'c\n   d'\n", " e\n"))
			}
		}
	}
	write(0, 0)
	text := b.String()
	if chance.IntN(3) == 0 {
		i := chance.IntN(len(text))
		text = text[:i] + one(" ", "\n", ":", "#", "\"", "'", "- ", "{", "]", "&a ", "*a", "\t", "\r", "---\n", "|", "<<: ", ".inf") + text[i+chance.IntN(2):]
	}
	return text
}

// BenchmarkLintRegion lints a file of 50 KB both ways.
func BenchmarkLintRegion(b *testing.B) {
	var text strings.Builder
	text.WriteString("global:\n  runtime:\n    name: prod\n  external-argo-cd:\n    # see the guide\n    auth:\n      type: token\n      tokenSecretKeyRef: {name: argocd, key: token}\nargo-cd:\n  enabled: false\n")
	for i := 0; text.Len() < 50_000; i++ {
		fmt.Fprintf(&text, "\n# -- service %[1]d\nservice-%[1]d:\n  # how many\n  replicas: 3\n  image:\n    repository: example/service\n    tag: \"1.%[1]d.0\"   # moved by a bot\n  ports:\n    - name: http\n      port: 8080\n  resources:\n    limits: {cpu: 500m, memory: 512Mi}\n  config: |\n    [server]\n    listen = 0.0.0.0\n\n    level = \"info\"\n  description: >-\n    A longer text that says what\n    this service is for.\n", i)
	}
	data := []byte(text.String())
	linter := &Linter{}
	for _, bench := range []struct {
		name  string
		parse func() (*values.File, error)
	}{
		{"whole", func() (*values.File, error) { return values.Parse("v.yaml", data) }},
		{"part", func() (*values.File, error) { return values.ParsePart("v.yaml", data, block.Wanted(data, nil)) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				file, err := bench.parse()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := linter.Lint(values.FromFile(file), Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
