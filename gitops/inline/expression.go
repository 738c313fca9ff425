package inline

import (
	"bytes"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// expression is how something begins and ends that is replaced before anybody reads
// the values: what it will be is not known. The zero value never occurs.
type expression struct {
	open, shut string
	hasLogic   bool // one alone on its line may be a condition or a loop
}

// inText returns the same for values that parse as they are: what is alone on a line
// of them is text.
func (e expression) inText() expression {
	e.hasLogic = false
	return e
}

// blank stands for every byte of an expression: YAML takes it for a letter, and people
// for something that is to be filled in.
const blank = '_'

// Blanks is found in every value of which an expression is a part: the shortest
// expression there is, ${x}, has as many bytes.
const Blanks = "____"

// errLogic says that a text is a template with lines of its own.
type errLogic struct{}

func (errLogic) Error() string { return "its values are a template with conditions or loops" }

// stretch is a part of a text: byte offsets, end exclusive.
type stretch struct{ start, end int }

// withBlanks returns text with every expression made blank, and where they stood. The
// error says that there is an expression alone on its line: what the lines around it
// mean depends on it.
func (e expression) withBlanks(text []byte) ([]byte, []stretch, error) {
	var found []stretch
	out := text
	for at := 0; e.open != ""; {
		start := bytes.Index(text[at:], []byte(e.open))
		if start < 0 {
			break
		}
		start += at
		length := bytes.Index(text[start:], []byte(e.shut))
		if length < 0 {
			break
		}
		end := start + length + len(e.shut)
		if e.isAlone(text, start, end) {
			return nil, nil, errLogic{}
		}
		if found == nil {
			out = bytes.Clone(text)
		}
		for i := start; i < end; i++ {
			if out[i] != '\n' && out[i] != '\r' {
				out[i] = blank
			}
		}
		found = append(found, stretch{start, end})
		at = end
	}
	return out, found, nil
}

// isAlone reports whether nothing else stands on the lines of an expression.
func (e expression) isAlone(text []byte, start, end int) bool {
	from := bytes.LastIndexByte(text[:start], '\n') + 1
	to := len(text)
	if n := bytes.IndexByte(text[end:], '\n'); n >= 0 {
		to = end + n
	}
	return e.hasLogic && len(bytes.TrimSpace(text[from:start])) == 0 && len(bytes.TrimSpace(text[end:to])) == 0
}

// overlaps reports whether a range has a byte in common with any of the stretches.
func overlaps(r diag.Range, stretches []stretch) bool {
	for _, s := range stretches {
		if r.Start.Offset < s.end && s.start < max(r.End.Offset, r.Start.Offset+1) {
			return true
		}
	}
	return false
}
