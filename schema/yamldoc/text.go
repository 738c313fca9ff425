package yamldoc

import (
	"bytes"
	"encoding/binary"
	"sort"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Text is one file or document with its lines indexed.
type Text struct {
	data []byte
	// first is where the text begins: behind a byte order mark, which YAML allows in front
	// of a document and parsers do not count as a column.
	first int
	// yaml holds the offset at which each line begins as YAML 1.1 counts lines
	// (LF, CRLF, CR, NEL, LS and PS end one): it is what node positions refer to.
	yaml []int
	// editor holds the same for LF alone, which is what editors and people count.
	editor []int
	// ascii is set where every rune of the lines is one byte, so that a column needs
	// no counting: in JSON on one line every position is far behind the line's start.
	ascii bool
	// marks holds the offsets of every runeStep-th rune where a column does need counting
	// and a line is long: a whole file can be one line.
	marks []int
}

// runeStep is how many runes lie between two marks.
const runeStep = 256

// New indexes data, which must not change afterwards.
func New(data []byte) *Text {
	rest := bytes.TrimPrefix(data, []byte("\ufeff"))
	t := &Text{data: data, first: len(data) - len(rest), ascii: isASCII(rest)}
	t.editor = make([]int, 1, bytes.Count(data, []byte{'\n'})+1)
	isLong := false
	for i := t.first; ; {
		n := bytes.IndexByte(data[i:], '\n')
		if n < 0 {
			isLong = isLong || len(data)-i > 4*runeStep
			break
		}
		isLong = isLong || n > 4*runeStep
		i += n + 1
		t.editor = append(t.editor, i)
	}
	t.yaml = t.editor // both count the same in nearly every file
	if hasLoneReturn(data) || !t.ascii && hasUnicodeBreak(data) {
		t.yaml = yamlLines(data)
	}
	if isLong && !t.ascii {
		t.marks = runeMarks(data)
	}
	return t
}

// runeMarks returns the offsets of every runeStep-th rune.
func runeMarks(data []byte) []int {
	marks := make([]int, 0, len(data)/runeStep+1)
	for i, n := 0, 0; i < len(data); n++ {
		if n%runeStep == 0 {
			marks = append(marks, i)
		}
		_, size := utf8.DecodeRune(data[i:])
		i += size
	}
	return marks
}

// yamlLines returns the offset at which each line of YAML 1.1 begins.
func yamlLines(data []byte) []int {
	lines := []int{0}
	for i := 0; i < len(data); {
		n := breakLen(data, i)
		i += max(n, 1)
		if n > 0 {
			lines = append(lines, i)
		}
	}
	return lines
}

func isASCII(data []byte) bool {
	for len(data) >= 8 {
		if binary.LittleEndian.Uint64(data)&0x8080808080808080 != 0 {
			return false
		}
		data = data[8:]
	}
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// hasLoneReturn reports whether a CR ends a line without an LF.
func hasLoneReturn(data []byte) bool {
	n := bytes.Count(data, []byte{'\r'})
	return n > 0 && n != bytes.Count(data, []byte("\r\n"))
}

// hasUnicodeBreak searches for each break by itself, which is quicker than one look
// at every byte.
func hasUnicodeBreak(data []byte) bool {
	return bytes.Contains(data, []byte("\u0085")) || bytes.Contains(data, []byte("\u2028")) || bytes.Contains(data, []byte("\u2029"))
}

// breakLen returns the length in bytes of the YAML line break at i, 0 if there is none.
func breakLen(data []byte, i int) int {
	switch data[i] {
	case '\n':
		return 1
	case '\r':
		if i+1 < len(data) && data[i+1] == '\n' {
			return 2
		}
		return 1
	case 0xC2: // NEL, U+0085
		if i+1 < len(data) && data[i+1] == 0x85 {
			return 2
		}
	case 0xE2: // LS and PS, U+2028 and U+2029
		if i+2 < len(data) && data[i+1] == 0x80 && (data[i+2] == 0xA8 || data[i+2] == 0xA9) {
			return 3
		}
	}
	return 0
}

// Bytes returns the text itself.
func (t *Text) Bytes() []byte { return t.data }

// Offset returns the byte offset of a node's position: line and column as a YAML
// parser reports them, 1-based, the column in runes. A position outside the text
// is moved to its nearest end.
func (t *Text) Offset(line, column int) int {
	if line < 1 {
		return t.first
	}
	if line > len(t.yaml) {
		return len(t.data)
	}
	off, runes := max(t.yaml[line-1], t.first), max(column, 1)-1
	if t.ascii {
		return min(off+runes, len(t.data))
	}
	if t.marks != nil {
		runes += t.runesBefore(off)
		mark := min(runes/runeStep, len(t.marks)-1)
		off, runes = t.marks[mark], runes-mark*runeStep
	}
	for ; runes > 0 && off < len(t.data); runes-- {
		_, size := utf8.DecodeRune(t.data[off:])
		off += size
	}
	return off
}

// runesBefore returns how many runes there are before an offset, where there are marks.
func (t *Text) runesBefore(offset int) int {
	mark := sort.SearchInts(t.marks, offset+1) - 1
	return mark*runeStep + utf8.RuneCount(t.data[t.marks[mark]:offset])
}

// Position returns the line and column, as an editor shows them, of a byte offset.
func (t *Text) Position(offset int) diag.Position {
	offset = min(max(offset, 0), len(t.data))
	line := sort.SearchInts(t.editor, offset+1)
	start := max(t.editor[line-1], min(t.first, offset))
	column := 1
	switch {
	case t.ascii:
		column += offset - start
	case t.marks != nil:
		column += t.runesBefore(offset) - t.runesBefore(start)
	default:
		column += utf8.RuneCount(t.data[start:offset])
	}
	return diag.Position{Line: line, Column: column, Offset: offset}
}

// Range returns the range between two byte offsets, end exclusive.
func (t *Text) Range(start, end int) diag.Range {
	return diag.Range{Start: t.Position(start), End: t.Position(max(start, end))}
}

// LineStart returns the offset at which the (editor) line holding offset begins, behind a
// byte order mark.
func (t *Text) LineStart(offset int) int {
	return max(bytes.LastIndexByte(t.data[:offset], '\n')+1, min(t.first, offset))
}

// LineEnd returns the offset just behind the line holding offset, its line break included.
func (t *Text) LineEnd(offset int) int {
	if i := bytes.IndexByte(t.data[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(t.data)
}

// Column returns how many bytes of its line stand in front of an offset. isFirst is set
// where all of them are spaces.
func (t *Text) Column(offset int) (n int, isFirst bool) {
	before := t.data[t.LineStart(offset):offset]
	return len(before), Indent(before) == len(before)
}

// Comment reports whether nothing but a comment stands on the line that begins at an
// offset, and how far it is indented.
func (t *Text) Comment(start int) (indent int, ok bool) {
	line := t.data[start:t.LineEnd(start)]
	indent = Indent(line)
	return indent, indent < len(line) && line[indent] == '#'
}

// Break returns what ends the line that holds an offset, or the line before it where the
// text ends without a line break.
func (t *Text) Break(offset int) string {
	end := t.LineEnd(offset)
	if end == len(t.data) && !EndsLine(t.data) {
		end = t.LineStart(offset)
	}
	if bytes.HasSuffix(t.data[:end], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// Indent returns how many spaces a line begins with.
func Indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// Line returns the editor's line n (1-based) without its line break and without
// a byte order mark, and the offset at which it begins.
func (t *Text) Line(n int) (line []byte, start int) {
	if n < 1 || n > len(t.editor) {
		return nil, len(t.data)
	}
	start = max(t.editor[n-1], t.first)
	return bytes.TrimRight(t.data[start:t.LineEnd(start)], "\r\n"), start
}
