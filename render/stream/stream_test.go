package stream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/stream"
)

// splits holds streams and the documents they consist of. They also seed FuzzSplit.
var splits = []struct {
	name string
	in   string
	want []string
}{
	{"nothing", "", nil},
	{"one document", "a: b\n", []string{"a: b\n"}},
	{"no final newline", "a: b", []string{"a: b"}},
	{"a separator first", "---\na: b\n", []string{"---\na: b\n"}},
	{"two", "a: b\n---\nc: d\n", []string{"a: b\n", "---\nc: d\n"}},
	{"the end is a separator", "a: b\n---", []string{"a: b\n", "---"}},
	{"empty documents", "---\n---\n---\na: b\n", []string{"---\n", "---\n", "---\na: b\n"}},
	{"a comment before the first separator", "# c\n---\na: b\n", []string{"# c\n---\na: b\n"}},
	{"only comments", "# c\n\n# d\n", []string{"# c\n\n# d\n"}},
	{"comment-only documents", "---\n# Source: x\n---\n# HIDDEN: y\n", []string{"---\n# Source: x\n", "---\n# HIDDEN: y\n"}},
	{"comment on the separator", "a: b\n--- # c\nc: d\n", []string{"a: b\n", "--- # c\nc: d\n"}},
	{"content on the separator", "--- |\n text\n--- {a: b}\n---\ttab\n", []string{"--- |\n text\n", "--- {a: b}\n", "---\ttab\n"}},
	{"not separators", "a: |\n  ---\n ---\n----\n---x\n-- -\n", []string{"a: |\n  ---\n ---\n----\n---x\n-- -\n"}},
	{"inside a block scalar at column 0", "a: |\n  x\n---\nb: c\n", []string{"a: |\n  x\n", "---\nb: c\n"}},
	{"document end", "a: b\n...\n---\nc: d\n", []string{"a: b\n...\n", "---\nc: d\n"}},
	{"document end, comments, directive", "a: b\n...\n# c\n%YAML 1.2\n---\nc: d\n", []string{"a: b\n...\n", "# c\n%YAML 1.2\n---\nc: d\n"}},
	{"document end, then no separator", "a: b\n... # end\nc: d\n", []string{"a: b\n... # end\n", "c: d\n"}},
	{"document ends, many", "...\n...\na: b\n...\n...\n", []string{"...\n", "...\n", "a: b\n...\n", "...\n"}},
	{"document ends before a separator", "a: b\n...\n...\n--- c\n", []string{"a: b\n...\n", "...\n", "--- c\n"}},
	{"document end behind comments", "# c\n... # d\n%YAML 1.2\n--- e\n", []string{"# c\n... # d\n", "%YAML 1.2\n--- e\n"}},
	{"directive", "%YAML 1.2\n%TAG ! x\n---\na: b\n", []string{"%YAML 1.2\n%TAG ! x\n---\na: b\n"}},
	{"a percent sign in content", "a:\n%b\n---\nc: d\n", []string{"a:\n%b\n", "---\nc: d\n"}},
	{"byte order mark", "\ufeff---\na: b\n---\nc: d\n", []string{"\ufeff---\na: b\n", "---\nc: d\n"}},
	{"byte order mark before comments", "\ufeff# c\n---\na: b\n", []string{"\ufeff# c\n---\na: b\n"}},
	{"byte order mark behind a document end", "a: b\n...\n\ufeff---\nc: d\n", []string{"a: b\n...\n", "\ufeff---\nc: d\n"}},
	{"CRLF", "---\r\na: b\r\n---\r\nc: d\r\n...\r\n", []string{"---\r\na: b\r\n", "---\r\nc: d\r\n...\r\n"}},
	{"mixed line ends", "a: b\r\n---\nc: d\r\r\n---\re: f\n", []string{"a: b\r\n", "---\nc: d\r\r\n", "---\re: f\n"}},
	{"CR alone", "a: b\r---\rc: d\r", []string{"a: b\r", "---\rc: d\r"}},
	{"CR at the very end", "a: b\n---\r", []string{"a: b\n", "---\r"}},
	{"blank lines", "\n\n---\n\na: b\n\n\n---\n\n", []string{"\n\n---\n\na: b\n\n\n", "---\n\n"}},
	{"CRLF and comments on separators", "a: b\r\n--- # c\r\nd: e\r\n---\t\r\nf: g\r\n", []string{"a: b\r\n", "--- # c\r\nd: e\r\n", "---\t\r\nf: g\r\n"}},
	{"document end with CR and comments", "a: b\r... # c\r# d\re: f\r\n...\r\ng: h", []string{"a: b\r... # c\r", "# d\re: f\r\n...\r\n", "g: h"}},
	{"inside a quoted scalar, indented", "a: \"b\n ---\n  c\"\nd: 'e\n\t---\n'\n", []string{"a: \"b\n ---\n  c\"\nd: 'e\n\t---\n'\n"}},
	{"inside a quoted scalar at column 0", "a: \"b\n---\nc\"\n", []string{"a: \"b\n", "---\nc\"\n"}},
	{"inside a flow collection", "a: [b,\n --- c,\n ---]\n", []string{"a: [b,\n --- c,\n ---]\n"}},
	{"glued to the end of a line", "a: b---\nc: d ---\n---\ne: f---\n", []string{"a: b---\nc: d ---\n", "---\ne: f---\n"}},
	{"glued to the beginning of a line", "a: b\n---c: d\n---- e\n---\nf: g\n", []string{"a: b\n---c: d\n---- e\n", "---\nf: g\n"}},
	{"dashes and dots in other numbers", "a: |\n  b\n--\n....\n..\n-----\n---\n.\n", []string{"a: |\n  b\n--\n....\n..\n-----\n", "---\n.\n"}},
	{"a separator behind a comment", "a: b\n# c\n---\nd: e\n", []string{"a: b\n# c\n", "---\nd: e\n"}},
	{"a comment behind a document end", "a: b\n...\n# c\n", []string{"a: b\n...\n", "# c\n"}},
	{"a percent sign behind a separator", "---\n%a\n---\nb: c\n", []string{"---\n%a\n", "---\nb: c\n"}},
	{"byte order mark alone", "\ufeff", []string{"\ufeff"}},
	{"byte order mark inside", "a: b\n\ufeff---\nc: d\n", []string{"a: b\n\ufeff---\nc: d\n"}},
	{"only a separator's beginning", "a: b\n--", []string{"a: b\n--"}},
	{"only a document end's beginning", "a: b\n..", []string{"a: b\n.."}},
	{"a document end at the very end", "a: b\n...", []string{"a: b\n..."}},
	{"JSON on one line each", "{\"a\": \"---\"}\n--- {\"b\": 1}\n", []string{"{\"a\": \"---\"}\n", "--- {\"b\": 1}\n"}},
	{"JSON", "{\"a\": 1}\n---\n[\n]\n", []string{"{\"a\": 1}\n", "---\n[\n]\n"}},
}

func TestSplit(t *testing.T) {
	for _, tt := range splits {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, rawOf(split(t, strings.NewReader(tt.in)))); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, rawOf(split(t, iotest.OneByteReader(strings.NewReader(tt.in))))); diff != "" {
				t.Errorf("documents, read byte by byte (-want +got):\n%s", diff)
			}
		})
	}
}

func split(t *testing.T, in io.Reader) []stream.Document {
	t.Helper()
	var docs []stream.Document
	for r := stream.NewReader(in, 0); ; {
		d, err := r.Next()
		if err == io.EOF {
			return docs
		}
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, d)
	}
}

func rawOf(docs []stream.Document) (raw []string) {
	for _, d := range docs {
		raw = append(raw, string(d.Bytes()))
	}
	return raw
}

func texts(docs [][]byte) (texts []string) {
	for _, d := range docs {
		texts = append(texts, string(d))
	}
	return texts
}

// TestWrite writes a stream of many segments with some of its documents replaced, and reads
// it a second time.
func TestWrite(t *testing.T) {
	var in, want strings.Builder
	var replaced []stream.Replacement
	for i := range 2000 {
		doc := fmt.Sprintf("---\nn: %d\nfill: %s\n", i, strings.Repeat("x", i%5000))
		in.WriteString(doc)
		if i%300 == 0 {
			doc = fmt.Sprintf("---\nreplaced: %d\n", i)
		}
		want.WriteString(doc)
	}
	r := stream.NewReader(strings.NewReader(in.String()), 0)
	for range 2 {
		replaced = nil
		for i := 0; ; i++ {
			d, err := r.Next()
			if err == io.EOF {
				break
			}
			if d.Index != i+1 || d.Line != 3*i+1 {
				t.Fatalf("document %d is the %d. on line %d", i, d.Index, d.Line)
			}
			if i%300 == 0 {
				replaced = append(replaced, stream.Replacement{Document: d, By: []byte(fmt.Sprintf("---\nreplaced: %d\n", i))})
			}
		}
		r.Rewind()
	}
	var out strings.Builder
	if err := r.Write(&out, replaced, ""); err != nil || out.String() != want.String() {
		t.Errorf("%d bytes were written, want %d: %v", out.Len(), want.Len(), err)
	}
}

func TestLineEnd(t *testing.T) {
	for in, want := range map[string]string{"": "\n", "a": "\n", "a\nb\r\n": "\n", "a\r\nb\n": "\r\n", "a\rb\r\n": "\r\n", "\n": "\n", "\r": "\n"} {
		r := stream.NewReader(strings.NewReader(in), 0)
		for err := error(nil); err == nil; {
			_, err = r.Next()
		}
		if got := r.LineEnd(); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestPlace(t *testing.T) {
	docs := split(t, strings.NewReader("# c\n---\r\na: b\r\n---\n\n---\nc: d"))
	var got []string
	for _, d := range docs {
		got = append(got, fmt.Sprintf("%d at line %d, empty %v", d.Index, d.Line, d.IsEmpty()))
	}
	want := []string{"1 at line 1, empty false", "2 at line 4, empty true", "3 at line 6, empty false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestIsEmpty(t *testing.T) {
	for in, want := range map[string]bool{
		"---\n": true, "---": true, "\ufeff# c\r\n--- # d\r\n\r\n": true, "%YAML 1.2\n---\n...\n": true,
		"--- |\n": false, "---\n{}\n": false, "---\n%a\n": false, "---\n# a\n\t # b\n": true, "a": false, "--- {}": false, "  # c\n \t\n": true,
	} {
		if got := first(t, in).IsEmpty(); got != want {
			t.Errorf("%q: IsEmpty = %v, want %v", in, got, want)
		}
	}
}

// first returns the first document of a stream.
func first(t *testing.T, in string) *stream.Document {
	t.Helper()
	if docs := split(t, strings.NewReader(in)); len(docs) > 0 {
		return &docs[0]
	}
	return &stream.Document{}
}

func TestSource(t *testing.T) {
	for in, want := range map[string]string{
		"---\n# Source: c/templates/x.yaml\nkind: A\n":    "c/templates/x.yaml",
		"# Source: c/templates/x.yaml\r\n# HIDDEN: y\r\n": "c/templates/x.yaml",
		"--- # Source: x\na: b\n":                         "x",
		"a: b\n# Source: x\n":                             "",
		"":                                                "",
	} {
		if got := first(t, in).Source(); got != want {
			t.Errorf("%q: Source = %q, want %q", in, got, want)
		}
	}
}

func TestSameBounds(t *testing.T) {
	for _, tt := range []struct {
		old, edited string
		want        bool
	}{
		{"---\na: b\n", "---\na: c\n", true},
		{"---\na: b\n", "a: b\n", false},
		{"---\na: b\n", "---\na: b", false},
		{"---\na: b\r", "---\na: b\n", true},
		{"---\na: b", "---\na: c\n", true},
		{"---\na: b", "---\na: c", true},
		{"a: b\n", "b: c\nd: e\n", true},
		{"a: b\n...\n", "a: b\n", false},
		{"a: b\n...\n", "a: c\n... # end\n", true},
		{"a: b\n", "a: b\n---\nc: d\n", false},
		{"--- {a: b}\n", "---\n{a: b}\n", true},
		{"# c\n---\na: b\n", "a: b\n", false},
		{"# c\n---\na: b\n", "# c\n---\nb: c\n", true},
	} {
		if got := stream.SameBounds([]byte(tt.old), []byte(tt.edited)); got != tt.want {
			t.Errorf("SameBounds(%q, %q) = %v", tt.old, tt.edited, got)
		}
	}
}

// TestSegments has a separator, and what is none, at every place where the pieces
// meet in which a stream is read, and looks at what the documents yield as a whole.
func TestSegments(t *testing.T) {
	const segment = 256 << 10
	for _, separator := range []string{"---\n", "---\r\n", "--- # c\n", "---x\n", "...\n", "....\n", "-\n"} {
		for shift := range len(separator) + 3 {
			head := "a: " + strings.Repeat("x", segment-3-1-shift) + "\n"
			in := head + separator + "b: c\n"
			docs := split(t, strings.NewReader(in))
			want := []string{in}
			switch (separator + "   ")[:4] {
			case "---\n", "---\r", "--- ":
				want = []string{head, separator + "b: c\n"}
			case "...\n":
				want = []string{head + separator, "b: c\n"}
			}
			if diff := cmp.Diff(want, rawOf(docs)); diff != "" {
				t.Fatalf("%q, %d bytes in front of the end: documents differ", separator, shift)
			}
			var views []string
			for v := range docs[0].Views(6) {
				views = append(views, string(v))
			}
			for i := 0; i+6 <= len(want[0]); i += 1 + max(segment-50-i, 0) {
				if !slices.ContainsFunc(views, func(v string) bool { return strings.Contains(v, want[0][i:i+6]) }) {
					t.Fatalf("%q, %d bytes in front of the end: no view holds what is at %d", separator, shift, i)
				}
			}
		}
	}
}

// TestStays reads a stream of many chunks and looks at the documents afterwards.
func TestStays(t *testing.T) {
	var in strings.Builder
	var want []string
	for i := range 3000 {
		d := fmt.Sprintf("---\nn: %d\nfill: %s\n", i, strings.Repeat("x", i%500))
		want = append(want, d)
		in.WriteString(d)
	}
	if diff := cmp.Diff(want, rawOf(split(t, iotest.HalfReader(strings.NewReader(in.String()))))); diff != "" {
		t.Error(diff)
	}
}

func TestTooLarge(t *testing.T) {
	big := "a: " + strings.Repeat("x", 200<<10) + "\n"
	for _, in := range []string{"x: y\n---\n" + big, "x: y\n---\n" + big + "---\n"} {
		r := stream.NewReader(strings.NewReader(in), 100<<10)
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		_, err := r.Next()
		var tooLarge *stream.TooLargeError
		if !errors.As(err, &tooLarge) || tooLarge.Index != 2 || tooLarge.Line != 2 {
			t.Errorf("error %v", err)
		}
	}
}

func TestReadErrors(t *testing.T) {
	cause := errors.New("broken pipe")
	r := stream.NewReader(io.MultiReader(strings.NewReader("a: b\n---\nc: d\n"), iotest.ErrReader(cause)), 0)
	if d, err := r.Next(); err != nil || string(d.Bytes()) != "a: b\n" {
		t.Fatalf("first document %q, %v", d.Bytes(), err)
	}
	if _, err := r.Next(); !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
	if _, err := stream.NewReader(stuck{}, 0).Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error of a reader that returns nothing: %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// FuzzSplit checks that no byte is lost, that the size of the reads does not
// matter, and that a YAML parser finds the same documents in the whole stream.
func FuzzSplit(f *testing.F) {
	for _, tt := range splits {
		f.Add([]byte(tt.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		docs := split(t, bytes.NewReader(in))
		raw := rawOf(docs)
		if got := strings.Join(raw, ""); got != string(in) {
			t.Fatalf("%q came back as %q", in, got)
		}
		if diff := cmp.Diff(raw, rawOf(split(t, iotest.OneByteReader(bytes.NewReader(in))))); diff != "" {
			t.Fatalf("%q: the size of reads matters:\n%s", in, diff)
		}
		if diff := cmp.Diff(raw, texts(stream.Split(in)), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q: in memory, the documents are others:\n%s", in, diff)
		}
		whole, ok := parse(in)
		if !ok || bytes.ContainsAny(in, "\u0085\u2028\u2029\ufeff\ufffe") {
			return // broken, or with line ends that only YAML 1.1 knows
		}
		var parts []string
		skipped := false
		for _, d := range docs {
			got, ok := parse(d.Bytes())
			if !ok && d.IsEmpty() {
				skipped = true // document ends are nothing, or null if a marker follows them
				continue
			}
			if !ok || len(got) > 1 || len(got) == 1 && got[0] != "null" && d.IsEmpty() {
				t.Fatalf("%q: document %q holds %q (parses: %v)", in, d.Bytes(), got, ok)
			}
			parts = append(parts, got...)
		}
		if skipped {
			isNull := func(doc string) bool { return doc == "null" }
			whole, parts = slices.DeleteFunc(whole, isNull), slices.DeleteFunc(parts, isNull)
		}
		if diff := cmp.Diff(whole, parts, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q: a parser sees other documents:\n%s", in, diff)
		}
	})
}

// parse returns the documents of a stream, each in a comparable form.
func parse(in []byte) (docs []string, ok bool) {
	for dec := yaml.NewDecoder(bytes.NewReader(in)); ; {
		var n yaml.Node
		err := dec.Decode(&n)
		if err == io.EOF {
			return docs, true
		}
		if err != nil {
			return docs, false
		}
		var b strings.Builder
		form(&b, &n)
		docs = append(docs, b.String())
	}
}

func form(b *strings.Builder, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode || n.Kind == yaml.AliasNode {
		if n.Tag == "!!null" {
			b.WriteString("null")
			return
		}
		fmt.Fprintf(b, "%q ", n.Value)
		return
	}
	for _, c := range n.Content {
		form(b, c)
	}
}

func BenchmarkSplit(b *testing.B) {
	doc := "---\n# Source: chart/templates/x.yaml\n" + strings.Repeat("  key: some value of usual length\n", 300)
	in := strings.Repeat(doc, 300)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for r := stream.NewReader(strings.NewReader(in), 0); ; {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}

// BenchmarkLongLines shows that lines are not searched again for every read.
func BenchmarkLongLines(b *testing.B) {
	for name, in := range map[string]string{"one": strings.Repeat("x", 8<<20), "cr": strings.Repeat("x: y\r", 1<<20)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				r := stream.NewReader(io.MultiReader(strings.NewReader(in)), 0)
				if _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
