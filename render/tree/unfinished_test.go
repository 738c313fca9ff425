package tree_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/helm-runtime-auth/runtime-auth/render/tree"
)

// finished are documents that are whole, however they look.
var finished = []string{
	"", "a: b", "a: b\n", "a:\n- b\n- c: d\n  e: f\n- - g\n", "a: it's [x\nb: \"x\"\n", "a: \"x [ ' \\\" \\\\\"\nb: 'it''s \"'\n",
	"a: |\n  \"\n  [\n\n  x\nb: c\n", "a:\n- |\n \"\n- >-\n \"\n", "--- |\n\"\n[\n", "--- 'x'\n", "a: b c\n  \"d\n  [e\n\n  f\ng: h\n",
	"a: [b, \"]\", 'c', it's, d\n  \"e]\n", "a: {b: \"c\", \"d\":[e], f: !!str \"x\", g: &h 'x', *h : j}\n", "a: [ # \"\n  b ]\n",
	"a: b # \"\n# [\nc: d\n", "%YAML 1.2\n---\na: b\n", "{\"a\": [1, {\"b\": \"c\"}]}", "? a\n: b\n", "? \"a\n  b\"\n: - c\n", "\"a\": b\n'c': d\n[e]: f\n",
	"a: &x !!str \"b\"\nc: *x\n*x : d\n", "- a\n- \"b\n\n  c\"\n- d: [\n  e]\n", "a:\n  b\n  c \"\nd: e\n", "a:\n  b: c\n\n  d: e", "a:\r\n  - \"b\r\n    c\"\r\nd: |\r\n  [\r\n",
	"a: ''\nb: \"\"\n", "a: \"\\\"\"\n", "plain\n\"text\n", "- \"a\" \n- 'b' # c\n", "a:\n- b\nc:\n- |\n  \"", "a: >+\n\n  \"\n\n", "...\n", "a: b\n...\n# \"\n", "\ufeffa: b\n", "a:\n  - b\n  -\n    c: \"d\"\n",
	"a: -\nb: ?x\nc: :x\n", "a: b:c\nd: \"e\":\n", "-a: b\n", "a\tb: c\n", "a:\n|", "a:\n&x", "key with spaces: x\nanother: y\n",
}

// unfinished are texts that end too early.
var unfinished = []string{
	"a: \"b", "a: 'b\nc: d\n", "a: [b", "a: {b: [c]\n", "a: b\nc", "a:\n  b: c\n  d\n", "- a: \"b\\\"", "a: 'it''", "a:\n- b: c\n  d", "{\"a\": \"b\"", "a: [\"b]", "? \"a\n", "\"a", "--- [", "a: &x \"b\n", "a: b\n\"c\"",
}

// unfinishedText asks twice, the second time byte by byte.
func unfinishedText(t *testing.T, in string) bool {
	t.Helper()
	got := tree.Unfinished(strings.NewReader(in))
	if again := tree.Unfinished(iotest.OneByteReader(strings.NewReader(in))); again != got {
		t.Errorf("%q: the size of reads matters", in)
	}
	return got
}

func TestUnfinished(t *testing.T) {
	for _, in := range finished {
		if unfinishedText(t, in) {
			t.Errorf("%q is whole", in)
		}
	}
	for _, in := range unfinished {
		if !unfinishedText(t, in) {
			t.Errorf("%q is not whole", in)
		}
	}
}

// TestUnfinishedCorpus reads whole documents of a real chart, and the same cut off
// where a parser would miss the rest.
func TestUnfinishedCorpus(t *testing.T) {
	paths, _ := filepath.Glob("../../../shared/corpus/*/full.yaml")
	missed, cut := 0, 0
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range strings.Split(string(data), "\n---\n") {
			if unfinishedText(t, doc) {
				t.Fatalf("%.200q is whole", doc)
			}
			if len(doc) > 20000 {
				continue
			}
			for at := 7; at < len(doc); at += 997 {
				if _, err := tree.Parse([]byte(doc[:at])); err == nil {
					if unfinishedText(t, doc[:at]) {
						t.Fatalf("%.200q is whole", doc[:at])
					}
				} else if cut++; !unfinishedText(t, doc[:at]) {
					missed++
				}
			}
		}
	}
	if t.Logf("%d of %d missed", missed, cut); missed*20 > cut {
		t.Errorf("%d of %d texts that a parser finds broken pass for whole", missed, cut)
	}
}

// FuzzUnfinished compares with a parser: what it reads is whole.
func FuzzUnfinished(f *testing.F) {
	for _, in := range append(append([]string{}, finished...), unfinished...) {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if _, err := tree.Parse(in); err == nil && unfinishedText(t, string(in)) {
			t.Fatalf("%q is whole", in)
		}
	})
}
