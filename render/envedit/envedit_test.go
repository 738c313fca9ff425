package envedit_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// shape is a container in some layout, what it must say, and how it is written then.
type shape struct {
	name  string
	in    string
	path  yamldoc.Path
	wants []want
	out   string // "" where the document is written anew and only its meaning counts
}

func containerAt(steps ...any) yamldoc.Path { return yamldoc.Path{}.At(steps...) }

// c0 is the first container of a document that holds nothing else.
var c0 = containerAt("containers", 0)

func TestApply(t *testing.T) {
	for _, tt := range append(append(blockShapes(), flowShapes()...), sharedShapes()...) {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := yamldoc.Parse([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			out, err := envedit.Apply(doc, target(tt.path, tt.wants))
			if err != nil {
				t.Fatal(err)
			}
			check(t, []byte(tt.in), out, tt.path, tt.wants)
			if tt.out != "" {
				if diff := cmp.Diff(tt.out, string(out)); diff != "" {
					t.Errorf("document (-want +got):\n%s", diff)
				}
			}
			again, err := yamldoc.Parse(out)
			if err != nil {
				t.Fatal(err)
			}
			if twice, err := envedit.Apply(again, target(tt.path, tt.wants)); err != nil || tt.out != "" && string(twice) != string(out) {
				t.Errorf("a second time: %v\n%s", err, cmp.Diff(string(out), string(twice)))
			}
		})
	}
}

// TestApplyCRLF runs the shapes with the other line end.
func TestApplyCRLF(t *testing.T) {
	for _, tt := range append(append(blockShapes(), flowShapes()...), sharedShapes()...) {
		if strings.Contains(strings.ReplaceAll(tt.in, "\r\n", ""), "\r") {
			continue // CR alone
		}
		t.Run(tt.name, func(t *testing.T) {
			crlf := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n") }
			doc, err := yamldoc.Parse([]byte(crlf(tt.in)))
			if err != nil {
				t.Fatal(err)
			}
			out, err := envedit.Apply(doc, target(tt.path, tt.wants))
			if err != nil {
				t.Fatal(err)
			}
			if tt.out != "" {
				if diff := cmp.Diff(crlf(tt.out), string(out)); diff != "" {
					t.Errorf("document (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestApplyErrors(t *testing.T) {
	for name, in := range map[string]string{
		"no container":        "containers: []\n",
		"env is a mapping":    "containers:\n- name: a\n  env: {A: b}\n",
		"env is text":         "containers:\n- name: a\n  env: s3cr3t\n",
		"merge of a text":     "x: &x s3cr3t\nt: &c\n  <<: *x\n  name: a\ncontainers:\n- *c\n",
		"a bomb under merges": "a: &a {k: [1,1,1,1,1,1,1,1]}\n" + bomb() + "containers: [*z]\n",
	} {
		doc, err := yamldoc.Parse([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out, err := envedit.Apply(doc, target(c0, []want{value("A", "b")}))
		if err == nil {
			t.Errorf("%s: no error, but\n%s", name, out)
		} else if strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: error quotes the document: %v", name, err)
		}
	}
}

// bomb nests aliases so that z expands to more nodes than are written anew.
func bomb() string {
	var b strings.Builder
	prev := "a"
	for _, n := range []string{"b", "c", "d", "e", "z"} {
		b.WriteString(n + ": &" + n + " {x: [" + strings.Repeat("*"+prev+", ", 8) + "]}\n")
		prev = n
	}
	return b.String()
}

// TestSeveralTargets edits two containers of a list in one go.
func TestSeveralTargets(t *testing.T) {
	in := "items:\n- c:\n  - name: a\n    env:\n    - name: A\n      value: x\n- c:\n  - name: b\n  - env: []\n    name: c"
	doc, err := yamldoc.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	out, err := envedit.Apply(doc,
		target(containerAt("items", 1, "c", 0), []want{value("B", "1")}),
		target(containerAt("items", 1, "c", 1), []want{value("C", "2")}),
		target(containerAt("items", 0, "c", 0), []want{remove("A"), value("D", "")}))
	if err != nil {
		t.Fatal(err)
	}
	want := "items:\n- c:\n  - name: a\n    env:\n    - name: D\n      value: \"\"\n- c:\n  - name: b\n    env:\n    - name: B\n      value: \"1\"\n" +
		"  - env:\n    - name: C\n      value: \"2\"\n    name: c"
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

// TestNothingToDo makes edits that are made already.
func TestNothingToDo(t *testing.T) {
	for _, in := range []string{
		"containers:\n- name: a\n", "containers:\n- name: a\n  env:\n", "containers: [{name: a}]\n", "containers:\n- name: a\n  env: *x\nx: &x []\n",
	} {
		doc, err := yamldoc.Parse([]byte(in))
		if err != nil {
			continue
		}
		out, err := envedit.Apply(doc, target(c0, []want{remove("A")}))
		if err != nil || string(out) != in {
			t.Errorf("%q became %q, %v", in, out, err)
		}
	}
}

// TestCRAlone ends the document, and perhaps every line, as YAML allows but no
// editor does. The result must end a line too: another document may follow.
func TestCRAlone(t *testing.T) {
	lines := "containers:\n- name: a\n  env:\n  - name: A\n    value: x\n"
	for _, in := range []string{strings.TrimSuffix(lines, "\n") + "\r", strings.ReplaceAll(lines, "\n", "\r")} {
		for _, wants := range [][]want{adminValue(), {remove("A")}, {value("A", "y")}, tokenRef()} {
			doc, err := yamldoc.Parse([]byte(in))
			if err != nil {
				t.Fatal(err)
			}
			out, err := envedit.Apply(doc, target(c0, wants))
			if err != nil || !yamldoc.EndsLine(out) {
				t.Fatalf("%q: %v", out, err)
			}
			check(t, []byte(in), out, c0, wants)
		}
	}
}
