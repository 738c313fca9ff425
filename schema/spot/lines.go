package spot

import (
	"bytes"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// stretch is a part of a file, in bytes; end is exclusive.
type stretch struct{ start, end int }

// isFlow reports whether a mapping is written in braces.
func isFlow(v *values.Value) bool { return strings.HasPrefix(v.Body.Text(), "{") }

// column returns how many spaces stand before the key of an entry; ok is false if
// anything else does.
func column(v *values.Value) (n int, ok bool) { return v.Key.Source.Text.Column(v.Key.Start) }

// valueEnd returns where the value of an entry ends, or its colon where it has none.
func valueEnd(v *values.Value) int { return max(v.Key.End, v.Body.End) }

// ownLines returns the lines of an entry of a block mapping: its key's, and all down
// to its value's last. ok is false if anything but a comment stands on them as well.
func ownLines(v *values.Value) (stretch, bool) {
	text := v.Key.Source.Text
	if _, ok := column(v); !ok {
		return stretch{}, false
	}
	end := valueEnd(v)
	lineEnd := text.LineEnd(end)
	rest := bytes.TrimSpace(text.Bytes()[end:lineEnd])
	return stretch{text.LineStart(v.Key.Start), lineEnd}, len(rest) == 0 || rest[0] == '#'
}

// withComments widens the lines of an entry by the comments that belong to it: those
// directly above its key and in its column, down from floor, where what stands before
// it ends; and those below it that are indented further than its key.
func withComments(lines stretch, v *values.Value, floor int) stretch {
	text := v.Key.Source.Text
	indent, _ := column(v)
	for lines.start > floor {
		above := text.LineStart(lines.start - 1)
		if lead, ok := text.Comment(above); above < floor || !ok || lead != indent {
			break
		}
		lines.start = above
	}
	for at := lines.end; at < len(text.Bytes()); {
		next := text.LineEnd(at)
		lead, ok := text.Comment(at)
		switch {
		case ok && lead > indent:
			lines.end = next
		case len(bytes.TrimSpace(text.Bytes()[at:next])) > 0:
			return lines
		}
		at = next
	}
	return lines
}

// floor returns where what stands before an entry of parent ends: the line of the
// entry before it, or of the parent's own key.
func floor(parent, v *values.Value) int {
	text := v.Key.Source.Text
	before := 0
	if !parent.Key.IsZero() {
		before = parent.Key.End
	}
	for _, e := range written(parent) {
		switch {
		case e.Key.Start >= v.Key.Start:
		case e.Shared: // what it is stands elsewhere
			before = e.Key.End
		default:
			before = valueEnd(e)
		}
	}
	if before == 0 {
		return 0
	}
	return text.LineEnd(before)
}

// indented moves whole lines to the right, or to the left where by is negative. It
// keeps what block scalars hold, because their text and the key that they are
// measured by move alike.
func indented(lines []byte, by int) []byte {
	var out []byte
	for line := range bytes.Lines(lines) {
		lead := yamldoc.Indent(line)
		switch {
		case lead == 0 && len(bytes.TrimRight(line, "\r\n")) == 0:
		case by < 0:
			line = line[min(-by, lead):]
		default:
			out = append(out, strings.Repeat(" ", by)...)
		}
		out = append(out, line...)
	}
	return out
}
