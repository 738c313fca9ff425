package values_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// describe returns the documents of a file with the places of their values.
func describe(f *values.File) string {
	var b strings.Builder
	for i, doc := range append([]*values.Value{f.Root}, f.Later...) {
		data, _ := json.Marshal(doc.Data()) // always marshals
		fmt.Fprintf(&b, "%s", data)
		if i > 0 && f.IsDropped(i-1) {
			b.WriteString(" dropped")
		}
		for _, name := range doc.Order {
			v := doc.Fields[name]
			at := v.Body.Range()
			fmt.Fprintf(&b, " %s@%d:%d-%d:%d", name, at.Start.Line, at.Start.Column, at.End.Line, at.End.Column)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestDropped holds which documents count; TestValuesFilesLikeHelm of the examples asks
// the real clients.
func TestDropped(t *testing.T) {
	for text, want := range map[string]string{
		"a: b\n...\n":                             `{"a":"b"} a@1:4-1:5`,
		"a: b\n...\n# no more\n\n":                `{"a":"b"} a@1:4-1:5`,
		"a: b\n...\nc: d\n":                       `{"a":"b"} a@1:4-1:5` + "\n" + `{"c":"d"} dropped c@3:4-3:5`,
		"a: b\n... # x\nc: d\n":                   `{"a":"b"} a@1:4-1:5` + "\n" + `{"c":"d"} dropped c@3:4-3:5`,
		"a: b\n...\n---\nc: d\n":                  `{"a":"b"} a@1:4-1:5` + "\n" + `{"c":"d"} c@4:4-4:5`,
		"a: b\n...\nc: d\n---\ne: f\n":            `{"a":"b"} a@1:4-1:5` + "\n" + `{"e":"f"} e@5:4-5:5` + "\n" + `{"c":"d"} dropped c@3:4-3:5`,
		"a: b\n...\nc: d\n...\ne: f\n":            `{"a":"b"} a@1:4-1:5` + "\n" + `{"c":"d"} dropped c@3:4-3:5` + "\n" + `{"e":"f"} dropped e@5:4-5:5`,
		"a: b\n---\nc: d\n...\ne: f\n":            `{"a":"b"} a@1:4-1:5` + "\n" + `{"c":"d"} c@3:4-3:5` + "\n" + `{"e":"f"} dropped e@5:4-5:5`,
		"a: b\r\n...\r\nc: d\r\n":                 `{"a":"b"} a@1:4-1:5` + "\n" + `{"c":"d"} dropped c@3:4-3:5`,
		"a: |\n  x\n  ...\n  y\nc: d\n":           `{"a":"x\n...\ny\n","c":"d"} a@1:4-4:4 c@5:4-5:5`,
		"a: b\n...x: y\nc: d\n":                   `{"...x":true,"a":"b","c":"d"} a@1:4-1:5 ...x@2:7-2:8 c@3:4-3:5`,
		"a: b\n...\n%YAML 1.1\n---\nc: d\n":       `{"a":"b"} a@1:4-1:5` + "\n" + `{"c":"d"} c@5:4-5:5`,
		"a: b\n...\nc: d\n%YAML 1.1\n---\ne: f\n": `{"a":"b"} a@1:4-1:5` + "\n" + `{"e":"f"} e@6:4-6:5` + "\n" + `{"c":"d"} dropped c@3:4-3:5`,
		"%YAML 1.1\n---\na: b\n...\nc: d\n":       `{"a":"b"} a@3:4-3:5` + "\n" + `{"c":"d"} dropped c@5:4-5:5`,
		"  ...\n---\nc: d\n":                      `"..."` + "\n" + `{"c":"d"} c@3:4-3:5`,
		"# nothing\n---\n---\nc: d\n":             "null\n" + `{"c":"d"} c@4:4-4:5`,
		"a: b\n...\n\ufeffc: d\n":                 `{"a":"b"} a@1:4-1:5` + "\n" + "{\"\ufeffc\":\"d\"} dropped \ufeffc@3:5-3:6",
		"a: b\n...\nc:\n- d\n- e: f\n...\n...":    `{"a":"b"} a@1:4-1:5` + "\n" + `{"c":["d",{"e":"f"}]} dropped c@4:1-5:7`,
	} {
		f, err := values.Parse("v.yaml", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if got := strings.TrimSuffix(describe(f), "\n"); got != want {
			t.Errorf("%q reads as\n%s\nnot\n%s", text, got, want)
		}
	}
}

// TestDroppedMustParse refuses a file whose ignored part is no YAML: nobody can tell what
// is lost in it.
func TestDroppedMustParse(t *testing.T) {
	_, err := values.Parse("v.yaml", []byte("a: b\n...\nc: [\n"))
	var syntax *values.SyntaxError
	if !errors.As(err, &syntax) || syntax.Span.Range().Start.Line != 3 || !strings.Contains(syntax.Hint, "ignores") {
		t.Errorf("%+v", err)
	}
}

// TestHelm3Only finds what Helm 4.3.1 refuses and Helm 3.22.0 reads.
func TestHelm3Only(t *testing.T) {
	for text, want := range map[string]int{ // the line
		"a: b\n": 0, "a: b\n---\nc: d\n": 0, "--- # x\na: b\n": 0, "a: b\n---\t\nc: d\n": 0, "a: b\n---\n": 0, "a: |\n  --- x\n": 0, "\ufeff--- {a: b}\n": 0,
		"--- {a: b}\n": 1, "a: b\n--- {c: d}\n": 2, "---x: y\n": 1, "a: b\n---x: y\n": 2, "a: \"b\n---c\"\n": 2,
		"a: b\n---\n- c\n": 3, "a: b\n---\nc\n": 3, "a: b\n---\n# c\n": 0, "a: b\n...\n- c\n": 0,
		"%YAML 1.1\n---\na: b\n": 1, "%YAML 1.1\n---\na: b\n...\nc: d\n": 1, "a: b\n...\n%YAML 1.1\n---\nc: d\n": 0, "a: \"b\n%c\"\n": 0,
	} {
		f, err := values.Parse("v.yaml", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got := 0
		if f.Helm3Only != nil {
			got = f.Helm3Only.Span.Range().Start.Line
		}
		if got != want {
			t.Errorf("%q: line %d, want %d: %+v", text, got, want, f.Helm3Only)
		}
	}
}
