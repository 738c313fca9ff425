package yamldoc

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Document is one parsed YAML document and the bytes it was read from.
type Document struct {
	Text *Text
	Root *yaml.Node // the content; nil where the document is empty
}

// SyntaxError says that a document is not YAML, and where. It does not say what
// the parser found there: that could be a credential.
type SyntaxError struct {
	Line int // of the document, from 1; 0 if the parser names none
	// Several is set where the text holds more than one document by the line ends
	// of YAML 1.1, which the API server takes for one.
	Several bool
}

// Error returns the message without its place in the stream.
func (e *SyntaxError) Error() string {
	switch {
	case e.Several:
		return "holds more than one YAML document"
	case e.Line > 0:
		return fmt.Sprintf("is not valid YAML near its line %d", e.Line)
	}
	return "is not valid YAML"
}

// Parse parses the one document in data, which must not change afterwards. Its error is a
// *SyntaxError, or says which limit is exceeded. Neither says where the document is.
func Parse(data []byte) (*Document, error) {
	if len(data) > MaxSize {
		return nil, exceeds(0, "is larger than %d bytes, which is the most that is parsed", MaxSize)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	d := &Document{Text: New(data)}
	err := dec.Decode(&doc)
	if err == io.EOF {
		return d, nil
	}
	if err == nil {
		d.Root = doc.Content[0]
		if err := measure(d.Root); err != nil {
			return nil, err
		}
		if err = dec.Decode(&second); err == io.EOF {
			return d, nil
		}
		if err == nil {
			return nil, &SyntaxError{Several: true}
		}
	}
	line, message := ParserMessage(err)
	if strings.Contains(message, "exceeded max depth") { // of the parser itself, above ours
		return nil, tooDeep(line)
	}
	return nil, &SyntaxError{Line: line}
}

// ParserMessage splits an error of yaml.v3 into its line, 0 if it names none, and its
// text, which may quote the source.
func ParserMessage(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	return line, message
}

// EndsLine reports whether a text ends with a line break, so that another document
// can follow. CR alone is one, as in YAML.
func EndsLine(text []byte) bool {
	return len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r')
}
