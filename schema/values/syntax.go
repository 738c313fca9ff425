package values

import (
	"bytes"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// syntaxError turns the parser's error into one that points at the right line and
// quotes nothing of the source.
func (s *Source) syntaxError(err error) *SyntaxError {
	line, message := parserMessage(err)
	if !strings.Contains(message, "end of stream") {
		// The parser names the line on which the surrounding block began. Where a
		// construct is cut off by the end of the file that is the place to look at,
		// but otherwise the reader wants the line that does not fit.
		line = s.firstBadLine(message)
	} else if _, start := s.Text.Line(line); start >= len(s.Text.Bytes()) {
		line = 1 // for the first line, the parser names the end instead of the beginning
	}
	text, start := s.Text.Line(max(line, 1))
	start += len(text) - len(bytes.TrimLeft(text, " \t"))
	end := start + len(bytes.TrimSpace(text))
	return &SyntaxError{Span: Span{Source: s, Start: start, End: end}, Message: explain(message)}
}

// firstBadLine returns the number of the first line with which the text up to
// there fails in the given way.
func (s *Source) firstBadLine(message string) int {
	data := s.Text.Bytes()
	ends := []int{}
	for off := 0; off < len(data); {
		off = s.Text.LineEnd(off)
		ends = append(ends, off)
	}
	return 1 + sort.Search(len(ends)-1, func(i int) bool {
		_, got := parserMessage(parseAll(data[:ends[i]]))
		return got == message
	})
}

// parseAll returns the first error in data, nil if there is none.
func parseAll(data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			return err
		}
	}
}

// parserMessage splits the parser's error into its line and its text.
func parserMessage(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	return line, message
}

// explain words the parser's messages for people. The one message that quotes the
// source, about an unknown anchor, is replaced: `password: *x` would print the password.
func explain(message string) string {
	switch {
	case strings.HasPrefix(message, "unknown anchor"):
		return "this value begins with *, which YAML takes for an alias to an anchor that does not exist; put it in quotes"
	case strings.Contains(message, "cannot start any token"):
		return "a value cannot begin with this character (a tab, @, % or a backtick); put it in quotes, and indent with spaces"
	case strings.Contains(message, "mapping values are not allowed"):
		return "a second \": \" on this line, or a line that is indented too far; put the value in quotes if the colon belongs to it"
	case strings.Contains(message, "did not find expected key"),
		strings.Contains(message, "did not find expected '-' indicator"):
		return "this line does not fit the block it stands in: look at its indentation"
	case strings.Contains(message, "could not find expected ':'"):
		return "a key without its colon"
	case strings.Contains(message, "did not find expected ','"):
		return "a comma, or the bracket that closes a list or mapping, is missing before this line ends"
	case strings.Contains(message, "end of stream"):
		return "the quote or bracket opened here is never closed"
	}
	if strings.ContainsAny(message, "'`\"") {
		return "not valid YAML"
	}
	return "not valid YAML: " + message
}
