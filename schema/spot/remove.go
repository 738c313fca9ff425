package spot

import (
	"bytes"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Remove returns the edit that takes an entry out of its mapping, which must have
// others. Comments above it stay: they may be about more than the entry. One that does not
// count, because the same key stands there again, goes without changing what the file says.
func (s Spot) Remove() ([]diag.Edit, string) {
	want := s.data(func(m map[string]any, name string) { delete(m, name) })
	if want == nil {
		want = s.file.Root.Data()
	}
	cut, ok := s.entry()
	if !ok {
		return nil, becauseLayout
	}
	if s.isTied(cut, s.value) {
		return nil, becauseAnchor
	}
	edits := []diag.Edit{s.cover(cut.start, cut.end, "")}
	if !s.leads(edits, want) {
		return nil, becauseLayout
	}
	return edits, ""
}

// entry returns what has to go for the entry to be gone.
func (s Spot) entry() (stretch, bool) {
	if isFlow(s.Parent()) {
		return s.flowEntry(), true
	}
	return ownLines(s.value)
}

// flowEntry returns an entry between braces with the comma behind it or, if it is the
// last one, before it.
func (s Spot) flowEntry() stretch {
	text := s.bytes()
	cut := stretch{s.value.Key.Start, valueEnd(s.value)}
	after := cut.end + blanks(text[cut.end:])
	if after < len(text) && text[after] == ',' {
		cut.end = after + 1
		cut.end += blanks(text[cut.end:])
		return cut
	}
	before := bytes.TrimRight(text[:cut.start], " \t\r\n")
	if n := len(before); n > 0 && before[n-1] == ',' {
		cut.start = n - 1
	}
	return cut
}

// blanks returns the length of the white space that text begins with.
func blanks(text []byte) int { return len(text) - len(bytes.TrimLeft(text, " \t\r\n")) }
