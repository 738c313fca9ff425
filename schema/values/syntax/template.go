package syntax

import (
	"bytes"
	"errors"
	"io"
	"regexp"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// TemplateMessage and TemplateHint are said of what a template engine has yet to go through.
const (
	TemplateMessage = "this is a Go template, not YAML: render it first"
	TemplateHint    = "lint what helmfile, gomplate or the like makes of it; {{ }} that is meant literally goes in quotes"
)

// Template returns the fault of a template at its first expression.
func Template(data []byte) Fault {
	return Fault{Line: lineOf(data, bytes.Index(data, []byte("{{"))), Message: TemplateMessage, Hint: TemplateHint}
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
	_, message := yamldoc.ParserMessage(err)
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
