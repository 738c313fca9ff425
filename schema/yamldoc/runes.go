package yamldoc

import (
	"sort"
	"unicode/utf8"
)

// runeStep is how many runes lie between two marks.
const runeStep = 256

// runeMarks holds the offsets of every runeStep-th rune of a text, so that columns need
// no counting from the beginning of the line: a whole file can be one line. It is nil
// where all lines are short.
type runeMarks []int

// newRuneMarks returns the marks of data, whose lines begin at the given offsets.
func newRuneMarks(data []byte, lines []int) runeMarks {
	if !hasLongLine(data, lines) {
		return nil
	}
	marks := make(runeMarks, 0, len(data)/runeStep+1)
	for i, n := 0, 0; i < len(data); n++ {
		if n%runeStep == 0 {
			marks = append(marks, i)
		}
		_, size := utf8.DecodeRune(data[i:])
		i += size
	}
	return marks
}

func hasLongLine(data []byte, lines []int) bool {
	for i, start := range lines {
		end := len(data)
		if i+1 < len(lines) {
			end = lines[i+1]
		}
		if end-start > 4*runeStep {
			return true
		}
	}
	return false
}

// count returns how many runes of data there are from start to end, which are where
// runes begin.
func (m runeMarks) count(data []byte, start, end int) int {
	from := sort.SearchInts(m, start)
	to := sort.SearchInts(m, end+1) - 1
	if to <= from {
		return utf8.RuneCount(data[start:end])
	}
	return utf8.RuneCount(data[start:m[from]]) + (to-from)*runeStep + utf8.RuneCount(data[m[to]:end])
}

// skip returns the offset n runes behind the one at start, at most the end of data.
func (m runeMarks) skip(data []byte, start, n int) int {
	if from := sort.SearchInts(m, start); from < len(m) && n > 2*runeStep {
		n -= utf8.RuneCount(data[start:m[from]])
		to := min(from+n/runeStep, len(m)-1)
		n -= (to - from) * runeStep
		start = m[to]
	}
	for ; n > 0 && start < len(data); n-- {
		_, size := utf8.DecodeRune(data[start:])
		start += size
	}
	return start
}
