package values_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/cli"
	helmvalues "helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/getter"
	helmyaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// merges are inputs on which our merge must equal Helm's own.
var merges = []struct {
	name  string
	files []string
	opts  values.Options
}{
	{name: "nothing"},
	{name: "one file", files: []string{"a: 1\nb: {c: [x, 2, true, null]}\n"}},
	{name: "two files", files: []string{"a: {b: 1, c: 2}\nd: [1, 2]\n", "a: {c: 3, e: 4}\nd: [3]\n"}},
	{name: "map over scalar", files: []string{"a: 1\n", "a: {b: 2}\n"}},
	{name: "scalar over map", files: []string{"a: {b: 2}\n", "a: 1\n"}},
	{name: "null over map", files: []string{"a: {b: 2}\n", "a: null\n"}},
	{name: "empty and comments", files: []string{"", "# nothing\n", "---\n", "a: 1\n"}},
	{name: "first document only", files: []string{"a: 1\n---\nb: 2\n"}},
	{name: "first document empty", files: []string{"---\n---\nb: 2\n"}},
	{name: "anchors", files: []string{"x: &x {a: 1, b: 2}\ny: *x\nz:\n  <<: *x\n  b: 3\n"}},
	{name: "merge key below", files: []string{"x: &x {a: 1, b: 2}\nz:\n  b: 3\n  <<: *x\n"}},
	{name: "merge list", files: []string{"x: &x {a: 1}\ny: &y {a: 2, b: 3}\nz:\n  <<: [*x, *y]\n"}},
	{name: "duplicate keys", files: []string{"a: 1\nb: 2\na: {c: 3}\n"}},
	{name: "yaml 1.1", files: []string{"a: yes\nb: on\nc: 0123\nd: 0o17\ne: 1_000\nf: 1e3\ng: .5\nh: 2001-01-01\ni: 0x1f\nj: 'yes'\nk: Off\nl: n\nm: 0b11\nn: +1\no: -0\np: 12:30:45\nq: ~\nr: NULL\ns: 1.\nt: 08\nu: 123456789012345678901\n"}},
	{name: "keys", files: []string{"1: a\ntrue: b\nyes: c\n1.5: d\n'2': e\n0x10: f\n"}},
	{name: "tags", files: []string{"a: !!str 12\nb: !!int \"3\"\nc: !!bool 'yes'\nd: !!str yes\ne: !!float 3\nf: !!null ''\ng: !!str\n"}},
	{name: "block scalars", files: []string{"a: |\n  x\n  y\nb: >-\n  x\n  y\nc: |+\n  x\n\n"}},
	{name: "quoted", files: []string{"a: \"x\\ty\\u00e9\"\nb: 'it''s'\nc: one\n  two\n"}},
	{name: "crlf and bom", files: []string{"\ufeffa: x\r\nb:\r\n  c: |\r\n    t\r\n"}},
	{name: "json", files: []string{`{"a": {"b": [1, "x", null, true, 1.5e3]}}`}},
	{name: "set", files: []string{"a: {b: 1}\nl: [x, y, z]\n"}, opts: values.Options{Set: []string{"a.c=2,a.b=null", "l[1]=q", "n={1,b,true}", "e.f[2].g=h", `k\.x=1\,2`, "t=true,u=12,v=0123,w="}}},
	{name: "set-string", opts: values.Options{String: []string{"a.b=12,c=true", "d={1,2}"}}},
	{name: "set-json", files: []string{"a: {b: 1}\n"}, opts: values.Options{JSON: []string{`a={"c":[1,2,{"d":null}]}`, `e="x,y",f=1`}}},
	{name: "set-literal", opts: values.Options{Literal: []string{"a.b=x,y=z{}"}}},
	{name: "set-file", opts: values.Options{File: []string{"a.b=data.txt", "c=data.txt"}}},
	{name: "order", files: []string{"a: file\nb: file\nc: file\nd: file\ne: file\n"}, opts: values.Options{JSON: []string{`a="json"`, `b="json"`, `c="json"`, `d="json"`}, Set: []string{"b=set,c=set,d=set"}, String: []string{"c=string,d=string"}, File: []string{"d=data.txt"}, Literal: []string{"e=literal"}}},
	{name: "set over a file's map", files: []string{"global: {external-argo-cd: {auth: {type: password, passwordSecretKeyRef: {name: x, key: y}}}}\n"}, opts: values.Options{Set: []string{"global.external-argo-cd.auth.type=token,global.external-argo-cd.auth.passwordSecretKeyRef=null"}}},
}

func TestMergeEqualsHelm(t *testing.T) {
	for _, test := range merges {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			writeFile(t, "data.txt", "content\n")
			opts := test.opts
			for i, text := range test.files {
				name := string(rune('a'+i)) + ".yaml"
				writeFile(t, name, text)
				opts.Files = append(opts.Files, name)
			}
			helm := helmvalues.Options{
				ValueFiles: opts.Files, Values: opts.Set, StringValues: opts.String,
				FileValues: opts.File, JSONValues: opts.JSON, LiteralValues: opts.Literal,
			}
			want, err := helm.MergeValues(getter.All(cli.New()))
			if err != nil {
				t.Fatalf("helm refuses it: %v", err)
			}
			got, err := values.Load(opts, os.ReadFile)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(any(want), got.Root.Data()); diff != "" {
				t.Errorf("(-helm +ours)\n%s", diff)
			}
		})
	}
}

// TestCorpusEqualsHelm reads every values file of the corpus as Helm does.
func TestCorpusEqualsHelm(t *testing.T) {
	files := oracle.Files(t, "corpus/*/*.values.yaml")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checkAgainstHelm(t, string(data))
	}
}

// checkAgainstHelm compares our reading of one file with that of Helm's library.
func checkAgainstHelm(t *testing.T, text string) {
	t.Helper()
	var want map[string]any
	helmErr := helmyaml.Unmarshal([]byte(text), &want)
	f, err := values.Parse("values.yaml", []byte(text))
	if err != nil || helmErr != nil || f.Root.Kind != values.Map {
		return
	}
	// Of keys that differ only as YAML reads them, 1 and 1.0, Helm takes one or the other by
	// chance: it goes through a map of Go.
	diff := cmp.Diff(any(want), f.Root.Data())
	for tries := 0; diff != "" && tries < 32; tries++ {
		want = nil
		if err := helmyaml.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		diff = cmp.Diff(any(want), f.Root.Data())
	}
	if diff != "" {
		t.Fatalf("%q: (-helm +ours)\n%s", text, diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, test := range merges {
		for _, text := range test.files {
			f.Add(text)
		}
	}
	f.Add("1: 0\nb: 2\n1.: 170\n")
	f.Fuzz(func(t *testing.T, text string) {
		checkAgainstHelm(t, text)
		file, err := values.Parse("values.yaml", []byte(text))
		var syntax *values.SyntaxError
		if err != nil && !errors.As(err, &syntax) {
			t.Fatalf("not a SyntaxError: %v", err)
		}
		if err == nil {
			checkSpans(t, file.Root, len(text))
		}
	})
}

func checkSpans(t *testing.T, v *values.Value, size int) {
	for _, s := range []values.Span{v.Key, v.Body} {
		if s.Start < 0 || s.End > size || s.Start > s.End {
			t.Fatalf("span %d..%d of %d bytes", s.Start, s.End, size)
		}
		s.Range()
	}
	for _, f := range v.Fields {
		checkSpans(t, f, size)
	}
	for _, item := range v.Items {
		checkSpans(t, item, size)
	}
}

func TestOrigins(t *testing.T) {
	files := fstest.MapFS{
		"a.yaml": {Data: []byte("a:\n  b: one # c\n  c: &x 'two'\n  d: {e: *x}\n")},
		"b.yaml": {Data: []byte("a:\n  b: three\n")},
	}
	v, err := values.Load(values.Options{
		Files: []string{"a.yaml", "b.yaml"}, Set: []string{"x=1,a.f.g=5", "l={1,2},a.c=four"},
	}, func(name string) ([]byte, error) { return fs.ReadFile(files, name) })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ path, file, key, body string }{
		{"a.b", "b.yaml", "b", "three"},
		{"a.c", "--set#2", "a.c", "four"},
		{"a.d.e", "a.yaml", "e", "'two'"},
		{"a.d", "a.yaml", "d", "{e: *x}"},
		{"a.f.g", "--set", "a.f.g", "5"},
		{"x", "--set", "x", "1"},
		{"l", "--set#2", "l", "{1,2}"},
	} {
		got := v.Root.At(strings.Split(want.path, ".")...)
		if got.Key.File() != want.file || got.Key.Text() != want.key || got.Body.Text() != want.body {
			t.Errorf("%s: %s %q %q, want %+v", want.path, got.Key.File(), got.Key.Text(), got.Body.Text(), want)
		}
	}
	if b := v.Root.At("a", "b").Overrides; b == nil || b.Body.Text() != "one" {
		t.Errorf("a.b does not remember what it overrode")
	}
	if c := v.Root.At("a", "c").Overrides; c == nil || c.Body.Text() != "'two'" {
		t.Errorf("a.c does not remember what --set overrode")
	}
	if !v.Root.At("a", "d", "e").Shared {
		t.Errorf("a.d.e is reached through an alias and not marked so")
	}
}

// TestScopeKeepsWhatIsSaidTwice finds duplicates in what is handed down.
func TestScopeKeepsWhatIsSaidTwice(t *testing.T) {
	f, err := values.Parse("v.yaml", []byte("global:\n  a: {b: 1}\n  a: {c: 2}\nx: {global: {d: 1, d: 2}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	v := values.FromFile(f)
	for name, want := range map[string]int{"x": 2, "y": 1} {
		if got := v.Scope(name).Root.Field("global").Duplicates; len(got) != want {
			t.Errorf("%s: %d duplicates, want %d", name, len(got), want)
		}
	}
	if len(f.Root.Field("global").Duplicates) != 1 || len(f.Root.Fields) != 2 {
		t.Error("the file itself has changed")
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, test := range []struct {
		name, text string
		line       int
		message    string
	}{
		{"indentation", "a: 1\nb:\n  c: 1\n d: 2\ne: 3\n", 4, "does not fit the block"},
		{"second colon", "a: 1\nb: c: d\n", 2, "second"},
		{"open quote", "a: 1\nb: 'open\nc: 2\n", 2, "never closed"},
		{"open bracket", "a: 1\nb: [x,\nc: 2\n", 3, ""},
		{"tab", "a:\n\tb: 1\n", 2, "cannot begin with"},
		{"unknown anchor", "a: 1\npassword: *hunter2\n", 2, "alias to an anchor"},
		{"reserved character", "a: 1\npassword: @hunter2\n", 2, "put it in quotes"},
		{"first line", "a: b: c\n", 1, "second"},
		{"cycle", "a: &x\n  b: *x\n", 2, "alias to itself"},
		{"bomb", bomb(), 0, "aliases"},
		{"bombs in several documents", strings.Repeat("a: &a {k: [x, x, x, x, x, x, x, x, x, x]}\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n---\n", 30), 0, "aliases"},
		{"merge keys on merge keys", stairs(200), 0, "aliases"},
		{"not a number", "a: .nan\n", 1, "quotes"},
		{"later document", "a: 1\n---\nb: [\n", 3, ""},
		{"map as key", "{a: b}: c\n", 1, "plain text"},
		{"merge of a scalar", "a:\n  <<: x\n", 2, "merge key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := values.Parse("v.yaml", []byte(test.text))
			var syntax *values.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got error %v", err)
			}
			if got := syntax.Span.Range().Start.Line; got != test.line && test.line != 0 {
				t.Errorf("line %d, want %d (%s)", got, test.line, err)
			}
			if !strings.Contains(syntax.Message, test.message) {
				t.Errorf("message %q lacks %q", syntax.Message, test.message)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message shows the value: %s", err)
			}
		})
	}
}

// stairs adds a key to what it merges, step by step.
func stairs(steps int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 {x: 1}\n")
	for i := range steps {
		fmt.Fprintf(&b, "a%d: &a%d {<<: *a%d, k%d: 1}\n", i+1, i+1, i, i)
	}
	return b.String()
}

// TestAliases reads what aliases repeat in values as people write them.
func TestAliases(t *testing.T) {
	for name, text := range map[string]string{
		"one anchor in a hundred places":  "a: &a {x: {y: [1, 2, 3]}, z: {y: [1, 2, 3]}}\nb:\n" + strings.Repeat("- {<<: *a, k: *a}\n", 100),
		"a few keys on others, ten steps": stairs(10),
	} {
		if _, err := values.Parse("v.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 10; i++ {
		prev := string(rune('0' + i - 1))
		b.WriteString("a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [" +
			strings.TrimSuffix(strings.Repeat("*a"+prev+",", 10), ",") + "]\n")
	}
	return b.String()
}

func TestErrors(t *testing.T) {
	files := fstest.MapFS{"list.yaml": {Data: []byte("- a\n")}}
	read := func(name string) ([]byte, error) { return fs.ReadFile(files, name) }
	_, err := values.Load(values.Options{Files: []string{"list.yaml"}}, read)
	var root *values.RootError
	if !errors.As(err, &root) {
		t.Errorf("a list as values file gives %v", err)
	}
	if _, err = values.Load(values.Options{Files: []string{"none.yaml"}}, read); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if _, err = values.Load(values.Options{File: []string{"a=none.txt"}}, read); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file for --set-file gives %v", err)
	}
	for _, o := range []values.Options{
		{Set: []string{"hunter2"}}, {Set: []string{"a[x]=hunter2"}}, {Set: []string{"a.token[hunter2=x"}}, {JSON: []string{"a={hunter2"}}, {JSON: []string{`{"a": hunter2}`}},
	} {
		_, err := values.Load(o, read)
		var flag *values.FlagError
		if !errors.As(err, &flag) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v gives %v", o, err)
		}
	}
}

// A slip makes a credential a part of the key, or the name of a file. Nothing is shown
// then but the names that lead there.
func TestErrorsShowNoCredential(t *testing.T) {
	const canary = "hunter2.Canary-x.y"
	own := "global.external-argo-cd.auth"
	read := func(name string) ([]byte, error) {
		if name == "big-"+canary {
			return nil, fmt.Errorf("%q is too large", name)
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	broken := func(text string) []values.Options {
		return []values.Options{{Set: []string{text}}, {String: []string{text}}, {JSON: []string{text}}, {File: []string{text}}, {Literal: []string{text}}}
	}
	for _, test := range []struct {
		options []values.Options
		want    string
	}{
		{broken(own + ".token." + canary + "=,type"), own + ".token.…"},
		{broken(own + ".token" + canary + "=,type"), own + ".…"},
		{broken(own + ".token[" + canary + "=,type"), own + ".…"},
		{broken(own + ".token." + canary), own + ".token.…"},
		{broken(canary), ""},
		{broken(canary + "=[,x"), ""},
		{[]values.Options{{File: []string{own + ".token=" + canary}}}, own + `.token": file does not exist`},
		{[]values.Options{{File: []string{own + ".token=big-" + canary}}}, own + `.token": it cannot be read`},
		{[]values.Options{{File: []string{"a." + canary + "=x"}}}, "cannot read a file that --set-file names: file does not exist"},
		{[]values.Options{{Files: []string{own + ".token=" + canary}}}, "cannot read values file " + own + ".token=…: file does not exist"},
		{[]values.Options{{Files: []string{canary + "=x"}}}, "cannot read values file …: file does not exist"},
		{[]values.Options{{Files: []string{"https://u:" + canary + "@h/values.yaml"}}}, "cannot read values file https://…@h/values.yaml: file does not exist"},
		{[]values.Options{{Files: []string{"none.yaml"}}}, "cannot read values file none.yaml: file does not exist"},
	} {
		for _, o := range test.options {
			_, err := values.Load(o, read)
			if err == nil {
				continue // --set-literal takes almost everything
			}
			for part := range strings.SplitSeq(canary, ".") {
				if len(part) > 1 && strings.Contains(err.Error(), part) {
					t.Errorf("%q is shown: %v", part, err)
				}
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v\ndoes not say %q", err, test.want)
			}
		}
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
