package values

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
)

const (
	templateMessage = "this is a Go template, not YAML: render it first"
	templateHint    = "lint what helmfile, gomplate or the like makes of it; {{ }} that is meant literally goes in quotes"
)

// isTemplateName reports whether a file is a template by its name, as helmfile has it.
func isTemplateName(name string) bool { return strings.HasSuffix(name, ".gotmpl") }

// templateError is for a file that is called a template and is one; nil for any other.
func (s *Source) templateError() *SyntaxError {
	if !isTemplateName(s.Name) {
		return nil
	}
	at := bytes.Index(s.Text.Bytes(), []byte("{{"))
	if at < 0 {
		return nil
	}
	return &SyntaxError{Span: s.lineAt(at), Message: templateMessage, Hint: templateHint}
}

// isTemplate reports whether a text that fails at the given line is a template: it would
// parse, or fail at a later line, if its {{ expressions }} were filled in. So what is in
// quotes does not make one of a file that is wrong for another reason.
func isTemplate(text []byte, line int) bool {
	if !bytes.Contains(text, []byte("{{")) {
		return false
	}
	filled := fill(text)
	err := parseAll(bytes.NewReader(filled))
	if errors.Is(err, io.EOF) {
		return true
	}
	_, message := parserMessage(err)
	return firstBadLine(filled, message) > line
}

// fill replaces every template expression by as many letters, or by spaces where
// nothing else is on its lines, as it is with conditions and loops.
func fill(text []byte) []byte {
	alone := regexp.MustCompile(`(?m)^\s*\{\{(?:[^}]|\}[^}])*\}\}\s*$`)
	other := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	with := func(filler rune) func([]byte) []byte {
		return func(expression []byte) []byte {
			return bytes.Map(func(r rune) rune {
				if r == '\n' || r == '\r' {
					return r
				}
				return filler
			}, expression)
		}
	}
	return other.ReplaceAllFunc(alone.ReplaceAllFunc(text, with(' ')), with('_'))
}
