package yamldoc_test

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// documents hold one way each to write scalars and flow collections.
var documents = []string{
	"a: b\n",
	"a: b # comment\n",
	"a: 'it''s' # c\nb: \"x\\\"y\"\n",
	"a: one two  three\n   four\n\n   five # end\nb: c\n",
	"a: |\n  text\n   more\n\n  last\n\nb: 1\n",
	"a: >-  # folded\n  text\n\n\nb: 1\n",
	"a: |2\n    two spaces more\n  x\nb: 1\n",
	"- a: |\n    text\n  b: 1\n- |\n  entry\n- x\n",
	"a: &anchor value\nb: *anchor\nc: !!str 12\n",
	"a: &x 'q'\nb: &y |\n  t\n",
	"a: {b: c, d: [e, 'f]', \"g}\"], h: it's} # x\nb: 1\n",
	"a: [x, # ] comment\n  y]\n",
	"{\"a\": \"b\", \"c\": [1, 2]}\n",
	"a:\nb: ~\nc:\n  - \n",
	"a: x\r\nb: |\r\n  t\r\n  u\r\nc: 'y'\r\n",
	"\ufeffa: ünï\nb: 'ö' # ü\nü: x\n",
	"a: x\u2028b: y\u0085c: z\n",
	"a: {k: v:w, u: http://x, e: }\n",
	"a: [b: c, \"e\": [f: {}]] # ]\n",
	"a: {b, \"c\":d, e: [f]# ]\n ,# }\n }\n",
	"a: *x]\n",
	"--- |\n top\n",
	"a: |\nb: 1\n",
	"a: |+\n  t\n\n",
	"a: x:y#z\n",
	"a: [*b, &c d, !!str e]\nb: &b 1\n",
	"a: &x\nb: !!str # c\nc: &y !!null\n&z d: [&v , !!str ]\n",
	"a: ! x # c\nb: ! \"y\" # d\n",
}

// TestExtent cuts every scalar and flow collection out of its document and
// parses the piece by itself: it must give the value of the node.
func TestExtent(t *testing.T) {
	for _, doc := range documents {
		var root yaml.Node
		if yaml.Unmarshal([]byte(doc), &root) != nil {
			continue // the position code must not panic, which FuzzExtent shows
		}
		walk(&root, func(n *yaml.Node) { checkPiece(t, doc, n) })
	}
}

func checkPiece(t *testing.T, doc string, n *yaml.Node) {
	text := yamldoc.New([]byte(doc))
	if n.Kind != yaml.ScalarNode && n.Style&yaml.FlowStyle == 0 {
		return
	}
	start, end := text.Extent(n)
	piece := doc[start:end]
	if n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0 {
		if piece != "" {
			t.Errorf("%q: empty scalar at %d:%d covers %q", doc, n.Line, n.Column, piece)
		}
		return
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		checkBlock(t, doc, piece, n)
		return
	}
	var got yaml.Node
	wrapped := "- " + piece + "\n"
	for _, anchor := range []string{"b", "x"} {
		if strings.Contains(piece, "*"+anchor) {
			wrapped = "- &" + anchor + " 1\n" + wrapped
		}
	}
	if err := yaml.Unmarshal([]byte(wrapped), &got); err != nil {
		t.Errorf("%q: piece %q does not parse: %v", doc, piece, err)
		return
	}
	entries := got.Content[0].Content
	if last := entries[len(entries)-1]; !equal(last, n) {
		t.Errorf("%q: piece %q is not the node at %d:%d", doc, piece, n.Line, n.Column)
	}
}

// checkBlock looks at a block scalar by its lines: all of the value's text and nothing else.
func checkBlock(t *testing.T, doc, piece string, n *yaml.Node) {
	_, body, _ := strings.Cut(piece, "\n")
	if got, want := strings.Fields(body), strings.Fields(n.Value); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%q: block scalar covers %q, its value is %q", doc, body, n.Value)
	}
}

func equal(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !equal(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

func walk(n *yaml.Node, visit func(*yaml.Node)) {
	visit(n)
	for _, c := range n.Content {
		walk(c, visit)
	}
}

func TestPosition(t *testing.T) {
	text := yamldoc.New([]byte("\ufeffaü: x\r\nb\u2028c\n"))
	for off, want := range map[int]diag.Position{
		3:  {Line: 1, Column: 1, Offset: 3},
		6:  {Line: 1, Column: 3, Offset: 6},
		11: {Line: 2, Column: 1, Offset: 11},
		15: {Line: 2, Column: 3, Offset: 15}, // an editor does not end a line at U+2028
		99: {Line: 3, Column: 1, Offset: 17},
	} {
		if got := text.Position(off); got != want {
			t.Errorf("Position(%d) = %+v, want %+v", off, got, want)
		}
	}
	if got := text.Offset(3, 1); got != 15 { // a YAML parser does
		t.Errorf("Offset(3, 1) = %d, want 15", got)
	}
	if line, start := text.Line(1); string(line) != "aü: x" || start != 3 {
		t.Errorf("Line(1) = %q at %d", line, start)
	}
}

// TestOffset compares positions in texts that are ASCII with the same in texts
// that are not, where columns have to be counted.
func TestOffset(t *testing.T) {
	for _, doc := range []string{"", "a: b\n", "\ufeffa: b\r\nc\n\nd", "a\rb\n"} {
		ascii, counted := yamldoc.New([]byte(doc)), yamldoc.New([]byte(doc+"\nü"))
		for line := -1; line < 6; line++ {
			for column := -1; column < 4; column++ {
				got, want := ascii.Offset(line, column), min(counted.Offset(line, column), len(doc))
				if got != want {
					t.Errorf("%q: Offset(%d, %d) = %d, want %d", doc, line, column, got, want)
				}
			}
		}
	}
}

// FuzzExtent checks that no document and no position, right or wrong, leaves the text.
func FuzzExtent(f *testing.F) {
	for _, d := range documents {
		f.Add(d, 1, 1)
	}
	f.Fuzz(func(t *testing.T, doc string, line, column int) {
		text := yamldoc.New([]byte(doc))
		var root yaml.Node
		if yaml.Unmarshal([]byte(doc), &root) == nil {
			walk(&root, func(n *yaml.Node) {
				if start, end := text.Extent(n); start < 0 || end < start || end > len(doc) {
					t.Fatalf("a node from %d to %d of %d bytes", start, end, len(doc))
				}
			})
		}
		for _, n := range []yaml.Node{
			{Kind: yaml.ScalarNode, Value: doc}, {Kind: yaml.ScalarNode, Tag: "!x", Style: yaml.TaggedStyle},
			{Kind: yaml.AliasNode}, {Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Anchor: "x"},
		} {
			n.Line, n.Column = line%1000, column%1000
			start, end := text.Extent(&n)
			if start < 0 || end < start || end > len(doc) {
				t.Fatalf("%+v from %d to %d of %d bytes", n, start, end, len(doc))
			}
			text.Position(end)
		}
	})
}
