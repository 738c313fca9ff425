package values_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestTemplates tells files that a template engine has yet to go through from those that
// are wrong, and from those in which an expression is only text.
func TestTemplates(t *testing.T) {
	for _, test := range []struct {
		name, file, text string
		line             int // 0: it parses
		isTemplate       bool
	}{
		{"condition", "v.yaml", "a:\n{{- if x }}\n  b: c\n{{- end }}\n", 2, true},
		{"value", "v.yaml", "a: b\nc: {{ x }}\n", 2, true},
		{"value with a pipe", "v.yaml", "a: b\nc: {{ x | quote }}\n", 2, true},
		{"value with text behind", "v.yaml", "a: {{ x }}-y\n", 1, true},
		{"key", "v.yaml", "{{ x }}: b\n", 1, true},
		{"block on several lines", "v.yaml", "a: b\n{{- define \"x\"\n}}\nc: d\n{{ end }}\n", 2, true},
		{"include", "v.yaml", "a:\n  b: c\n{{ include \"x\" . | nindent 2 }}\n", 3, true},
		{"in quotes", "v.yaml", "a: '{{ x }}'\n", 0, false},
		{"inside of text", "v.yaml", "a: x{{ y }}\n", 0, false},
		{"in quotes beside a mistake", "v.yaml", "a: '{{ x }}'\nb: [c\nd: e\n", 2, false},
		{"behind a mistake", "v.yaml", "a: b: c\nd: {{ x }}\n", 1, false},
		{"before a mistake", "v.yaml", "a: {{ x }}\nb: c: d\n", 2, false},
		{"comment", "v.yaml", "# {{ x }}\na: b: c\n", 2, false},
		{"never closed", "v.yaml", "a: {{ x\n", 1, false},
		{"helmfile, by its name", "v.yaml.gotmpl", "a: b\nc: '{{ x }}'\n", 2, true},
		{"helmfile without expressions", "v.yaml.gotmpl", "a: b\n", 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, parse := range []func() (*values.File, error){
				func() (*values.File, error) { return values.Parse(test.file, []byte(test.text)) },
				func() (*values.File, error) { return values.ParsePart(test.file, []byte(test.text), skipAll) },
			} {
				_, err := parse()
				var syntax *values.SyntaxError
				switch {
				case errors.As(err, &syntax) != (test.line > 0):
					t.Error(err)
				case err == nil:
				case syntax.Span.Range().Start.Line != test.line || strings.Contains(syntax.Message, "template") != test.isTemplate:
					t.Errorf("line %d: %s", syntax.Span.Range().Start.Line, syntax.Message)
				case test.isTemplate && !strings.Contains(syntax.Hint, "helmfile"):
					t.Errorf("hint %q", syntax.Hint)
				}
			}
		})
	}
}
