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
func fill(data []byte) []byte {
	out := bytes.Clone(data)
	from, seen, to := 0, 0, 0 // of the lines on which an expression stands
	for _, at := range regexp.MustCompile(`(?s)\{\{.*?\}\}`).FindAllIndex(data, -1) {
		if n := bytes.LastIndexByte(data[seen:at[0]], '\n'); n >= 0 {
			from = seen + n + 1
		}
		if to < at[1] {
			to = len(data)
			if n := bytes.IndexByte(data[at[1]:], '\n'); n >= 0 {
				to = at[1] + n
			}
		}
		seen = at[0]
		filler := byte('_')
		if len(bytes.TrimSpace(data[from:at[0]]))+len(bytes.TrimSpace(data[at[1]:to])) == 0 {
			filler = ' '
		}
		for i := at[0]; i < at[1]; i++ {
			if out[i] != '\n' && out[i] != '\r' {
				out[i] = filler
			}
		}
	}
	return out
}
