// Package syntax reads the bytes of a values file as text, and says of one that does not
// parse what is wrong with it. Only messages depend on it, besides UTF-16: whoever reads
// schema/values may skip it.
package syntax

import (
	"bytes"
	"io"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Fault says why a file cannot be read. It never quotes the file: what does not parse may
// well be a credential.
type Fault struct {
	Line    int // from 1
	Message string
	Hint    string // what to do; "" where the message says all
}

// Explain turns the error of yaml.v3 about a part of data, in which every line stands where
// it stands in data, into one that points at the right line and quotes nothing.
func Explain(data, part []byte, err error) Fault {
	if fault := encodingFault(data); fault != nil {
		return *fault
	}
	line, message := yamldoc.ParserMessage(err)
	bad := firstBadLine(part, message)
	switch {
	case isTemplate(part, bad):
		return Fault{Line: bad, Message: TemplateMessage, Hint: TemplateHint}
	case !strings.Contains(message, "end of stream"):
		// The parser names the line on which the surrounding block began. Where a
		// construct is cut off by the end of the file that is the place to look at,
		// but otherwise the reader wants the line that does not fit.
		line = bad
	case line == 0 || line > lineOf(bytes.TrimSuffix(part, []byte{'\n'}), len(part)):
		line = 1 // for the first line, the parser names the end instead of the beginning
	}
	return Fault{Line: line, Message: explain(message)}
}

// lineOf returns the number of the line with the byte at an offset.
func lineOf(data []byte, at int) int { return 1 + bytes.Count(data[:min(at, len(data))], []byte{'\n'}) }

// firstBadLine returns the number of the first line with which the text up to there
// fails in the given way.
func firstBadLine(text []byte, message string) int {
	// A parser that is given line by line what it asks for has asked for few behind the
	// bad one, mostly comments: looking at those first saves parsing the text often.
	r := &lineReader{text}
	_ = parseAll(r)
	lines := bytes.SplitAfter(bytes.TrimSuffix(text[:len(text)-len(r.rest)], []byte{'\n'}), []byte{'\n'})
	fails := func(line int) bool {
		_, got := yamldoc.ParserMessage(parseAll(bytes.NewReader(bytes.Join(lines[:line], nil))))
		return got == message
	}
	high, step := len(lines), 1
	for high-step > 0 && fails(high-step) {
		high, step = high-step, 2*step
	}
	low := max(high-step, 0) // is good, or no line
	return low + 1 + sort.Search(high-low-1, func(i int) bool { return fails(low + 1 + i) })
}

// lineReader hands out a text line by line.
type lineReader struct{ rest []byte }

func (r *lineReader) Read(p []byte) (int, error) {
	n := copy(p, bytes.SplitAfterN(r.rest, []byte{'\n'}, 2)[0])
	r.rest = r.rest[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// parseAll returns the first error in a text, io.EOF if there is none.
func parseAll(r io.Reader) error {
	decoder := yaml.NewDecoder(r)
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			return err
		}
	}
}

// explain words the parser's messages for people. The one message that quotes the
// source, about an unknown anchor, is replaced: `password: *x` would print the password.
func explain(message string) string {
	const indentation = "this line does not fit the block it stands in: look at its indentation"
	for _, known := range [][2]string{
		{"unknown anchor", "this value begins with *, which YAML takes for an alias to an anchor that does not exist; put it in quotes"},
		{"cannot start any token", "a value cannot begin with this character (a tab, @, % or a backtick); put it in quotes, and indent with spaces"},
		{"mapping values are not allowed", "a second \": \" on this line, or a line that is indented too far; put the value in quotes if the colon belongs to it"},
		{"did not find expected key", indentation},
		{"did not find expected '-' indicator", indentation},
		{"could not find expected ':'", "a key without its colon"},
		{"did not find expected ','", "a comma, or the bracket that closes a list or mapping, is missing before this line ends"},
		{"end of stream", "the quote or bracket opened here is never closed"},
	} {
		if strings.Contains(message, known[0]) {
			return known[1]
		}
	}
	if strings.ContainsAny(message, "'`\"") {
		return "not valid YAML"
	}
	return "not valid YAML: " + message
}
