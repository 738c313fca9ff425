package outline_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/outline"
)

// recognised are files of which a part must be enough: what values files look like.
func recognised() map[string]string {
	return map[string]string{
		"nothing":              "",
		"comments only":        "# a\n\n  # b\n",
		"comments":             "# a\na: # b\n  # c\n  b: 1 # d\n# e\n  c: 2\n\n# f\nd: 3 # g: h\n",
		"marker":               "# x\n---\n# y\na: b\n",
		"no final newline":     "a: b\nc:\n  d: e",
		"crlf":                 "a: b\r\nc: |\r\n  x\r\n\r\n  y\r\nd:\r\n- e\r\n- \"f\r\n  g\"\r\n",
		"byte order mark":      "\ufeffa: b\nc: d\n",
		"indentation":          "a:\n  b:\n      c: 1\n      d:\n       e: 2\n  f: 3\ng: 4\n",
		"null values":          "a:\nb:\n  c:\n  d:\ne:\n-\n-\n- f:\n",
		"sequence":             "a:\n  - b\n  - c\nd:\n- e\n- f\ng: h\n",
		"compact mappings":     "a:\n  - b: 1\n    c: 2\n  -   d: 3\n      e:\n      - f\n  -\n    g: 4\n",
		"nested sequences":     "a:\n- - b\n  - c\n- - - d: e\n      f: g\n  - h\n",
		"plain":                "a: http://x:80/y?z=[1]#f\nb: it's \"here\", {now} & then!\nc: -x\nd: :8080\ne: a#b\nf: 10.0.0.0/8\n",
		"numbers":              "a: -1\nb: 0.5\nc: 1e3\nd: 0x1F\ne: 100m\nf: 2001-01-01\ng: +1\nh: .5\ni: 1_000\nj: 12:30\n",
		"words":                "a: yes\nb: ~\nc: null\nd: True\ne: off\n",
		"plain on lines":       "a: one\n  two\n\n  three - four\nb:\n  five\n  six # end\nc:\n- seven\n  eight\n",
		"value below its key":  "a:\n  \"b\"\nc:\n  {d: e}\nf:\n  |\n  g\n",
		"single quotes":        "a: 'b'\nc: 'it''s # no: comment' # comment\nd: ''\ne: ['f']\n",
		"double quotes":        "a: \"b\\n\\\"c\\\\ \\x41 \\u00e9\"\nd: \"\" # e\n",
		"quotes on lines":      "a: 'b\n  c\n\n  d'\ne: \"f \\\n  g\n  h\"\ni: j\n",
		"literal":              "a: |\n  b: c\n    - d\n\n  # no comment\ne: f\n",
		"folded":               "a: >-\n    b\n    c\n\n# d\ne: >\n\n  f\n",
		"block indicators":     "a: |2\n    b\n  c\nd: |-2\n   e\nf: >+\n  g\n\nh: |+2 # i\n  j\nk: |\nl: |-\n  m",
		"block in a sequence":  "a:\n- |\n  b\n   c\n- d: |\n    e\n  f: >\n   g\n",
		"block with tabs":      "a: |\n  b\tc\n  \td\n# \te\n",
		"flow":                 "a: {}\nb: []\nc: [d, \"e\", 'f', 1, -2, g h]\ni: {j: k, \"l\": m, 'n o': [p, {q: r}], s: http://t:1/u}\n",
		"json in flow":         "a: {\"b\":\"c\",\"d\":[1,2,{\"e\":null}],\"f\":true}\n",
		"flow on lines":        "a: [\n  b,\n  c,\n]\nd: {\n  e: f,\n  g:\n    h\n}\ni: j\n",
		"flow ends":            "a: [b, c, ]\nd: {e: , f: }\n",
		"keys":                 "8080: a\n\"b c\": d\n'e.f/g': h\ni-j_k.l: m\nn[0]: o\np q: r\n0: s\n.dockerconfigjson: t\nURL: u\nv#w: x\n",
		"duplicate keys":       "a: 1\nb: 2\na: {c: 3}\nb:\n  d: 4\n  d: 5\n",
		"other letters":        "ä: ö # ü\nb: \"日本\"\n",
		"deep":                 "a:\n b:\n  c:\n   d:\n    e:\n     f:\n      g:\n       - h:\n          - i: j\n",
		"dedent over levels":   "a:\n  b:\n  - c:\n      d: e\nf: g\n",
		"template in quotes":   "a: '{{ .Values.x }}'\nb: \"{{ x }}: y\"\nc: |\n  {{ z }}\n",
		"blank line of spaces": "a:\n  \n  b: c\n   \nd: |\n  e\n \n  f\n",
	}
}

// others are files that may have to be read as a whole, and files that are wrong.
func others() []string {
	return []string{
		"a: &x 1\nb: *x\n", "a: *x\n", "a: !!str 1\n", "a: {<<: b}\n", "<<: {a: b}\n", "\"<<\": 1\n", "? a\n: b\n", "a: 1\n---\nb: 2\n", "a: 1\n...\n",
		"%YAML 1.1\n---\na: b\n", "a: b\rc: d\n", "a: b\u0085c: d\n", "a: b\u2028c: d\n", "a: b\x00\n", "a: \"\x01\"\n", "a: \xff\n", "a: b\n\tc: d\n", "a:\tb\n",
		"- a\n", "a\n", "{a: b}\n", "  a: b\n", "a: b: c\n", "a: b\n  c: d\n", "a:\n  b: c\n d: e\n", "a:\n    - b\n  - c\n", "a: - b\n", "a: [b\n", "a: [b]]\n",
		"a: [b, , c]\n", "a: {b c}\n", "a: {b}\n", "a: [b: c]\n", "a: {{ b }}\n", "a: {b: {{ c }} }\n", "a: \"b\n", "a: 'b' c\n", "a: \"\\/\"\n", "a: \"\\ud800\"\n", "a: \"\\xZZ\"\n",
		"a: \"b\n---\nc\"\n", "a: [b,\n--- ]\n", "a: |\n   \n  b\n", "a: |\n\tb\n", "a: |3\n  b\n", "a: |x\n", "a: |--\n", "a: |0\n", "a: |#b\n", "a: @b\n", "a: `b`\n", "a: %b\n",
		"a: .inf\n", "a: -.INF\n", "a: .NaN\n", "a: [.nan]\n", "a: [+.inf, 1]\n", ".inf: a\n", ".nan: a\n", "~: a\n", "null: a\n", "yes: a\n", "[a]: b\n", "{a: b}: c\n", "1e3: a\n",
		"18446744073709551615: a\n", "a: {18446744073709551615: b}\n", "a: [-]\n", "a: [- b]\n", "a: [-,b]\n", "a: [?]\n", "a: [b?c]\n", "a: {b:c}\n", "a: {b:}\n", "a: {b :c}\n", "a: [b #c\n ]\n",
		"a: ,b\n", "Y::\n", ".a::\n", "a: ]\n", "a: b\n# c\n  d\n", "a: b # c\n  d\n", "a: b\n\n  c: d\n", "a:\n- b\n c: d\n", "a:\n  - b\n  c: d\n", "a: 'b'\n  c\n", "a: |\n  b\n c\n", "a: |\n  b\n # c\n  d\n",
		"a: - \n", "a:\n  -b\n", "a: \"b\": c\n", "'a'b: c\n", "'a' : b\n", "a : b\n", "a:b\n", "a: \"b\"#c\n", "a: [b]#c\n", "a: b#c\n", ":a: b\n", "a:: b\n", "a: b:\n", "- - a\n -b\n",
		"a:\n  - - b\n    c\n   - d\n", "---\n", "--- a\n", "--- # a\nb: c\n", "---\n---\na: b\n", "a: |+\n  b\n\n\nc: d\n", "a: b\n\x7f: c\n", strings.Repeat("k", 2000) + ": v\n", "a: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "\n",
		"a: \ufeffb\n", "a: b\ufffe\n", "a:\n- \ufeff\n", "a: ''\n b: c\n", "a: {b: c\n", "a: {b: c]\n", "a: [b}\n", "a: {b: 'c'd}\n", "a: {'b'c: d}\n", "a: {\"b\" : c}\n", "a: {b: c: d}\n",
		"a: {? b: c}\n", "a: {b: &c d}\n", "a: {*b: c}\n", "a: [!!str b]\n", "a: \"\\\n  b\\\n", "a: >\n\n   \n  b\n", "a: |1\n b\n  c\n", "a:\n  - |2\n  b\n", "a:\n- b: |\n  c: d\n",
	}
}

func skipAll([]string, []byte) outline.Keep { return outline.Skip }

func TestCutRecognises(t *testing.T) {
	for name, text := range recognised() {
		t.Run(name, func(t *testing.T) {
			if !checkPart(t, text) {
				t.Error("read as a whole")
			}
		})
	}
}

func TestCutOfOthers(t *testing.T) {
	for _, text := range others() {
		checkPart(t, text)
	}
}

// TestCutOfTooMuch reads a file of more values than Parse takes.
func TestCutOfTooMuch(t *testing.T) {
	if checkPart(t, "a:\n"+strings.Repeat("-\n", 1_000_001)) {
		t.Error("not read as a whole")
	}
}

// TestCutOfCorpus reads the values of the real charts.
func TestCutOfCorpus(t *testing.T) {
	files := oracle.Files(t, "corpus/*/*.values.yaml")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !checkPart(t, string(data)) {
			t.Errorf("%s is read as a whole", name)
		}
	}
}

// TestCutOfInventions goes through files made by chance, right and wrong ones.
func TestCutOfInventions(t *testing.T) {
	recognised, inventions := 0, 20_000
	if testing.Short() {
		inventions = 2_000
	}
	for seed := range inventions {
		if checkPart(t, invent(uint64(seed))) {
			recognised++
		}
	}
	if recognised < inventions/4 {
		t.Errorf("%d of %d are recognised: these do not try much", recognised, inventions)
	}
}

func FuzzCut(f *testing.F) {
	for _, text := range recognised() {
		f.Add(text)
	}
	for _, text := range others() {
		f.Add(text)
	}
	for seed := range uint64(50) {
		f.Add(invent(seed))
	}
	f.Fuzz(func(t *testing.T, text string) { checkPart(t, text) })
}

// checkPart reads parts of a file and compares them with the whole. It reports
// whether the file was recognised.
func checkPart(t *testing.T, text string) bool {
	t.Helper()
	part, err := values.ParsePart("v.yaml", []byte(text), skipAll)
	if err != nil || !part.Partial() {
		full, fullErr := values.Parse("v.yaml", []byte(text))
		if fmt.Sprint(err) != fmt.Sprint(fullErr) || err == nil && !reflect.DeepEqual(part.Root.Data(), full.Root.Data()) {
			t.Fatalf("%q: read as a whole, but differs from Parse: %v, %v", text, err, fullErr)
		}
		return false
	}
	full, err := part.Complete()
	if err != nil {
		t.Fatalf("%q: taken for good YAML, but %v", text, err)
	}
	if full.Partial() || len(full.Later) > 0 || full.Root.Kind != part.Root.Kind || len(part.Root.Fields) > 0 {
		t.Fatalf("%q: taken for one document of which nothing is wanted, but it is %v", text, full.Root.Data())
	}
	for _, modulus := range []int{1, 2, 3} {
		checkWanted(t, text, modulus)
	}
	return true
}

// checkWanted asks for all, a half, or a third of the keys.
func checkWanted(t *testing.T, text string, modulus int) {
	t.Helper()
	keeps := map[string]outline.Keep{} // the most that was said of any of several
	calls := 0
	part, err := values.ParsePart("v.yaml", []byte(text), func(path []string, _ []byte) outline.Keep {
		calls++
		keep := outline.Skip
		if calls%modulus == 0 {
			keep = []outline.Keep{outline.All, outline.Descend}[calls/modulus%2]
		}
		at := strings.Join(path, "\n")
		keeps[at] = max(keeps[at], keep)
		return keep
	})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	full, err := part.Complete()
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if part.Partial() {
		compare(t, text, part.Root, full.Root, nil, keeps)
	}
}

func compare(t *testing.T, text string, part, full *values.Value, path []string, keeps map[string]outline.Keep) {
	t.Helper()
	if part.Kind == values.Null && len(path) > 0 {
		part = &values.Value{Kind: values.Map}
	}
	for _, name := range full.Order {
		at := slices.Concat(path, []string{name})
		keep, asked := keeps[strings.Join(at, "\n")]
		if !asked {
			t.Fatalf("%q: nobody asked whether %q is wanted", text, at)
		}
		p, f := part.Field(name), full.Field(name)
		switch {
		case keep == outline.Skip:
			if p != nil {
				t.Fatalf("%q: %q is there, though not wanted", text, at)
			}
			continue
		case keep == outline.Descend && len(at) == 1 && f.Kind == values.Map && !isFlow(f):
			if !hasOtherKind(full, name) {
				compare(t, text, p, f, at, keeps)
			}
		case !reflect.DeepEqual(p, f):
			t.Fatalf("%q: %q differs: %+v, in the whole %+v", text, at, p, f)
		}
		if got, want := duplicates(part, name), duplicates(full, name); got != want {
			t.Fatalf("%q: %q stands twice %d times, in the whole %d times", text, at, got, want)
		}
	}
}

// isFlow reports whether a mapping is written in braces, so that it is kept as a whole.
func isFlow(v *values.Value) bool { return strings.HasPrefix(v.Body.Text(), "{") }

// hasOtherKind is for a duplicate of which one is a mapping to descend into, but not the other.
func hasOtherKind(parent *values.Value, name string) bool {
	return slices.ContainsFunc(parent.Duplicates, func(d values.Duplicate) bool {
		return d.Name == name && (d.First.Kind != values.Map || isFlow(d.First))
	})
}

func duplicates(v *values.Value, name string) int {
	n := 0
	for _, d := range v.Duplicates {
		if d.Name == name {
			n++
		}
	}
	return n
}

// invention writes a values file by chance.
type invention struct {
	*rand.Rand
	strings.Builder
}

// invent returns a file of nested mappings and lists in every style, which in most
// cases is then damaged in a place or two.
func invent(seed uint64) string {
	w := &invention{Rand: rand.New(rand.NewPCG(seed, 1))}
	if w.IntN(8) == 0 {
		w.WriteString(w.one("---\n", "# x\n---\n", "\ufeff", "# only a comment\n\n"))
	}
	w.mapping(0, 0)
	text := w.String()
	for range w.IntN(3) {
		text = w.damage(text)
	}
	if w.IntN(10) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

func (w *invention) one(of ...string) string { return of[w.IntN(len(of))] }

func (w *invention) line(indent int, text string) {
	fmt.Fprintf(w, "%s%s\n", strings.Repeat(" ", indent), text)
	for w.IntN(6) == 0 {
		w.WriteString(w.one("\n", "# c: d\n", "   \n", strings.Repeat(" ", indent)+"# e\n", "      # f\n", "\n\n"))
	}
}

func (w *invention) mapping(indent, depth int) {
	for range 1 + w.IntN(3) {
		w.entry(indent, depth, w.one("a", "b", "c d", "\"e\"", "'f'", "8080", "g.h/i", "global", "j-k", "ä")+":")
	}
}

func (w *invention) sequence(indent, depth int) {
	for range 1 + w.IntN(3) {
		switch w.IntN(5) {
		case 0: // a compact mapping
			w.entry(indent, depth+1, "- a:")
			w.mapping(indent+2, depth+1)
		case 1: // a sequence in a sequence
			w.entry(indent, depth+1, "- -")
		default:
			w.entry(indent, depth, "-")
		}
	}
}

// entry writes a key or a dash and its value.
func (w *invention) entry(indent, depth int, key string) {
	inner := indent + len(key) - len(strings.TrimLeft(key, "- ")) // of "- key:" the key counts
	if strings.Trim(key, "- ") == "" {
		inner = indent + len(key) - 1
	}
	kind := w.IntN(12)
	if depth > 3 && kind < 4 {
		kind = 11
	}
	switch kind {
	case 0, 1:
		w.line(indent, key+w.one("", " # c", "  "))
		w.mapping(inner+1+w.IntN(4), depth+1)
	case 2:
		w.line(indent, key)
		w.sequence(inner+w.IntN(3), depth+1)
	case 3:
		w.line(indent, key)
		w.sequence(inner+1+w.IntN(2), depth+1)
	case 4:
		w.line(indent, key+" "+w.one("|", ">", "|-", ">-", "|+", ">+", "|2", "|+1", ">-1", "| # c"))
		for range w.IntN(4) {
			w.line(inner+2+w.IntN(2), w.one("x", "y: z", "- q", "# no", "\tt", "", "'"))
		}
	case 5:
		w.line(indent, key+" "+w.one("{}", "[]", "[x, y]", "{x: y, z: [1, -2]}", "[\"x\", 'y']", "{\"x\":1,\"y\": }", "[x,\n y,\n]", "{x: y,\nz: q}", "[ [x], {y: z}, ]"))
	case 6:
		w.line(indent, key+" "+w.one(`"x"`, `"x\n\"y\" # z"`, `'it''s: x'`, `""`, "\"x\n  y\"", "'x\n\ny'", `"\x41\u00e9"`, "\"x\\\n  y\"")+w.one("", " # c"))
	case 7:
		w.line(indent, key+" x")
		w.line(inner+1+w.IntN(3), w.one("y", "- z", "q # c", "\"r\"", "{s}"))
	case 8:
		w.line(indent, key)
		w.line(inner+1+w.IntN(3), w.one("y", "\"z\"", "[q]", "'r' # c", "|\n   s", "t\n    u"))
	default:
		w.line(indent, key+" "+w.one("x", "1", "x y", "-5", "true", "~", "http://x:80/#y", "x#y", "a,b", ":x", "0x1F", "1e3", "it's", "10Gi")+w.one("", "", " # c", "  "))
	}
}

// damage changes one place of a text.
func (w *invention) damage(text string) string {
	i := w.IntN(len(text) + 1)
	switch w.IntN(6) {
	case 0: // lose a character
		return text[:max(i-1, 0)] + text[i:]
	case 1: // move a line
		start := strings.LastIndexByte(text[:i], '\n') + 1
		return text[:start] + strings.Repeat(" ", 1+w.IntN(3)) + text[start:]
	case 2: // move it to the left
		start := strings.LastIndexByte(text[:i], '\n') + 1
		return text[:start] + strings.TrimPrefix(text[start:], w.one(" ", "  "))
	case 3: // cut a line in two
		return text[:i] + "\n" + text[i:]
	}
	return text[:i] + w.one(":", ": ", "#", " #", "-", "- ", "\"", "'", "[", "]", "{", "}", ",", "&a ", "*a", "!", "|", ">", "?", "? ", "%", "@", "`", "\t", "\r", "\\", "\n", "---\n", "...\n", "\n---", "<<: ", ".inf", "~", "=", "\u0085", "\u2028", "\ufeff", "\x00", "\xff", "ü", "  ", "null: ", "+") + text[i:]
}
