package yamldoc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// shared are documents with anchors, aliases, merge keys and duplicate keys in ways that
// readers of YAML disagree about.
var shared = []string{
	"a: {b: {c: d}}\nlist: [x, {v: z}]\n",
	"a: b\na: c\n",
	"x: &x {a: b, c: d}\na: b2\n<<: *x\n",
	"x: &x {a: b, c: d}\n<<: *x\na: b2\n",
	"x: &x {a: 1}\nv: &v {a: 2, b: 2}\nz: {<<: [*x, *v], c: 3}\n",
	"x: &x {a: 1}\nv: &v {<<: *x, b: 2}\nz: {a: 0, <<: *v, a: 9, c: 3}\n",
	"x: &x {a: 1}\nv: {a: 0, <<: *x, <<: {a: 2, b: 3}}\n",
	"x: &x [1, 2]\nv: *x\nz: {k: *x}\n",
	"'<<': {a: b}\nx: {\"<<\": 1}\n",
	"x: &x {a: b}\n<<: [{a: 1}, *x]\n",
	"x: &k a\nv: {*k : 1, b: 2}\n",
}

// TestGet compares every value that Get finds with what the API server reads.
func TestGet(t *testing.T) {
	for _, in := range shared {
		doc, err := yamldoc.Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := k8syaml.Unmarshal([]byte(in), &want); err != nil {
			t.Fatal(err)
		}
		compare(t, in, doc.Root, want)
		expanded, err := yamldoc.Expand(doc.Root)
		if err != nil {
			t.Fatal(err)
		}
		out, err := yaml.Marshal(expanded)
		if err != nil {
			t.Fatal(err)
		}
		var got any
		unmarshal := k8syaml.UnmarshalStrict // no duplicate keys, unless there were some
		if strings.HasPrefix(in, "a: b\na:") {
			unmarshal = k8syaml.Unmarshal
		}
		if err := unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" || strings.ContainsAny(string(out), "&*") {
			t.Errorf("%q expands to\n%s%s", in, out, diff)
		}
	}
}

func compare(t *testing.T, in string, n *yaml.Node, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		for k, v := range want {
			compare(t, in+" at "+k, yamldoc.Get(n, k), v)
		}
	case []any:
		for i, v := range want {
			compare(t, in, yamldoc.Path{i}.Find(n), v)
		}
	default:
		text, _ := json.Marshal(want)
		if got, _ := yamldoc.Scalar(n); got != strings.Trim(string(text), `"`) {
			t.Errorf("%s: %q, want %s", in, got, text)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for in, want := range map[string]string{
		"a: b\n\tc: s3cr3t\n":   "is not valid YAML near its line 2",
		"a: *s3cr3t\n":          "is not valid YAML",
		"a: b\n---\nb: s3cr3t":  "holds more than one YAML document",
		"a: b\n---\nb: [s3cr3t": "is not valid YAML near its line 2",
		"a: \"\\s3cr3t\"\n":     "is not valid YAML",
		"a: s3cr3t\x00\n":       "is not valid YAML",
	} {
		_, err := yamldoc.Parse([]byte(in))
		var syntax *yamldoc.SyntaxError
		if !errors.As(err, &syntax) || err.Error() != want {
			t.Errorf("%q: error %q, want %q", in, err, want)
		}
	}
	if doc, err := yamldoc.Parse([]byte("# c\n")); err != nil || doc.Root != nil {
		t.Errorf("an empty document: %+v, %v", doc, err)
	}
}

func TestExpandErrors(t *testing.T) {
	bomb := "a: &a [1,2,3,4,5,6,7,8,9]\n"
	for prev, next := 'a', 'b'; next < 'g'; prev, next = next, next+1 {
		bomb += string(next) + ": &" + string(next) + " [" + strings.Repeat("*"+string(prev)+", ", 9) + "]\n"
	}
	for _, in := range []string{bomb, "x: &x y\na: {<<: *x}\n", "a: {<<: [[]]}\n"} {
		doc, err := yamldoc.Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := yamldoc.Expand(doc.Root); err == nil {
			t.Errorf("%q: no error", in)
		}
		yamldoc.Get(yamldoc.Get(doc.Root, "a"), "missing") // must end
	}
}

func TestEqualAndClone(t *testing.T) {
	for i, a := range shared {
		for j, b := range shared {
			x, _ := yamldoc.Parse([]byte(a))
			y, _ := yamldoc.Parse([]byte(b))
			if got := yamldoc.Equal(x.Root, y.Root); got != (i == j) {
				t.Errorf("Equal(%q, %q) = %v", a, b, got)
			}
			c := yamldoc.Clone(x.Root)
			if !yamldoc.Equal(c, x.Root) || shares(c, x.Root) {
				t.Errorf("%q: a copy that is not equal, or not a copy", a)
			}
		}
	}
	for a, b := range map[string]string{
		"a: 1": "a: '1'", "a: x": "a: !t x", "a: [b]": "a: {b: }", "a: &x b": "a: &y b", "a: b": "a: [b]", "a: []": "",
	} {
		x, _ := yamldoc.Parse([]byte(a))
		y, _ := yamldoc.Parse([]byte(b))
		if yamldoc.Equal(x.Root, y.Root) || yamldoc.Equal(y.Root, x.Root) {
			t.Errorf("Equal(%q, %q)", a, b)
		}
	}
}

// shares reports whether two trees have a node in common.
func shares(a, b *yaml.Node) bool {
	nodes := map[*yaml.Node]bool{}
	var walk func(n *yaml.Node, visit func(*yaml.Node))
	walk = func(n *yaml.Node, visit func(*yaml.Node)) {
		visit(n)
		if n.Alias != nil {
			visit(n.Alias)
		}
		for _, c := range n.Content {
			walk(c, visit)
		}
	}
	walk(a, func(n *yaml.Node) { nodes[n] = true })
	found := false
	walk(b, func(n *yaml.Node) { found = found || nodes[n] })
	return found
}

func TestString(t *testing.T) {
	for in, want := range map[string]bool{
		"x": true, "'1'": true, "\"yes\"": true, "!!str yes": true, "|\n y": true, "admin": true, "nothing": true,
		"1": false, "yes": false, "Off": false, "y": false, "null": false, "~": false, "": false, "true": false, "[x]": false, "1e3": false,
	} {
		doc, err := yamldoc.Parse([]byte("a: " + in + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := yamldoc.String(yamldoc.Get(doc.Root, "a")); ok != want {
			t.Errorf("String(%s) = %v, want %v", in, ok, want)
		}
	}
}

// FuzzQuote writes texts in both ways and reads them back, as YAML of every
// version and as JSON.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "admin", "yes", "0x1", "a: b", "\"\\\n\t\r\x00\x7f\u0085\u00a0\u2028\ufeff\ufffe😀", "-", "n", "1.5", "a#", "null", "<<"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		var fromJSON string
		if err := json.Unmarshal([]byte(yamldoc.Quote(s)), &fromJSON); err != nil || fromJSON != s {
			t.Fatalf("%q is written %s, as JSON it is %q, %v", s, yamldoc.Quote(s), fromJSON, err)
		}
		for _, written := range []string{yamldoc.Quote(s), yamldoc.PlainOrQuoted(s)} {
			var v2, v3 map[string]any
			if err := k8syaml.Unmarshal([]byte("a: "+written+"\n"), &v2); err != nil || v2["a"] != s {
				t.Fatalf("%q is written %s and read %v, %v", s, written, v2, err)
			}
			if err := yaml.Unmarshal([]byte("a: "+written+"\n"), &v3); err != nil || v3["a"] != s {
				t.Fatalf("%q is written %s and read %v, %v", s, written, v3, err)
			}
		}
	})
}
