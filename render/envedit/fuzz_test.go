package envedit_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// oddTags reports whether a document has tags that go.yaml.in/yaml/v2 and /v3 see
// differently: "!" alone, and what is no tag of YAML's own.
func oddTags(in []byte) bool {
	return bytes.Contains(knownTags.ReplaceAll(in, nil), []byte("!"))
}

var knownTags = regexp.MustCompile(`!!(str|map|seq|null|bool|int)([\s,\[\]{}]|$)`)

// FuzzEnvEdit makes edits in documents of any layout. What the API server reads
// afterwards must be what it read before with the edits made, and nothing else.
func FuzzEnvEdit(f *testing.F) {
	for _, tt := range append(append(blockShapes(), flowShapes()...), sharedShapes()...) {
		f.Add([]byte(tt.in), uint8(0), "admin")
		f.Add([]byte(strings.ReplaceAll(tt.in, "\n", "\r\n")), uint8(7), "true")
	}
	f.Fuzz(func(t *testing.T, in []byte, which uint8, text string) {
		doc, err := yamldoc.Parse(in)
		if err != nil || len(in) > 4096 || oddTags(in) {
			return
		}
		wants := fuzzWants(which, text)
		for _, path := range []yamldoc.Path{c0, containerAt("containers", 1)} {
			container := path.Find(doc.Root)
			if container == nil || !readable(in, path) {
				continue
			}
			before := bytes.Clone(in)
			out, err := envedit.Apply(doc, target(path, wants))
			if !bytes.Equal(before, in) {
				t.Fatal("the input changed")
			}
			if err != nil {
				continue // refused: odd, but safe
			}
			check(t, in, out, path, wants)
			if yamldoc.EndsLine(in) && !yamldoc.EndsLine(out) {
				t.Error("the last line end is lost")
			}
			if t.Failed() {
				t.Fatalf("%q\n->\n%q", in, out)
			}
			if vars := readBack(t, out, path); vars != "" {
				t.Fatalf("%q\n->\n%q\n%s", in, out, vars)
			}
		}
	})
}

// fuzzWants picks edits by the bits of a number.
func fuzzWants(which uint8, text string) []want {
	text = strings.ToValidUTF8(text, "?")
	var wants []want
	if which&1 == 0 {
		wants = append(wants, value("USER", text))
	} else {
		wants = append(wants, ref("USER", "s", "k"))
	}
	switch which >> 1 & 3 {
	case 0:
		wants = append(wants, ref("TOKEN", "new-secret", text, which&8 == 0))
	case 1:
		wants = append(wants, remove("A"))
	case 2:
		wants = append(wants, value("A", text), remove("Z"))
	case 3:
		wants = append(wants, remove("USER2"), ref("TOKEN", text, "k"))
	}
	return wants
}

// readable reports whether the API server reads the document, and in it a
// container at path whose env is a list of mappings with names that are texts.
func readable(in []byte, path yamldoc.Path) bool {
	var v any
	if k8syaml.Unmarshal(in, &v) != nil {
		return false
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return false
			}
			v = list[step]
		}
	}
	m, ok := v.(map[string]any)
	return ok && m != nil
}

// readBack compares what Vars sees with what was read by sigs.k8s.io/yaml.
func readBack(t *testing.T, out []byte, path yamldoc.Path) string {
	doc, err := yamldoc.Parse(out)
	if err != nil {
		return err.Error()
	}
	vars := envedit.Vars(path.Find(doc.Root))
	env := takeEnv(t, decode(t, out), path)
	got, want := map[string]string{}, map[string]string{}
	for name, v := range vars {
		if v.Origin == envedit.Literal {
			got[name] = v.Value
		}
	}
	for _, e := range env {
		m, _ := e.(map[string]any)
		name, ok := m["name"].(string)
		if !ok {
			continue
		}
		delete(want, name)
		if value, isText := m["value"].(string); m["valueFrom"] == nil && (isText || m["value"] == nil) {
			want[name] = value
		}
	}
	return cmp.Diff(want, got)
}
