package mask

import (
	"bytes"
	"slices"
	"sort"
)

// comments hides what comments say of credentials: entries that somebody has taken
// out of force often hold one. In a comment that names one, and in those right below
// it, everything behind the first colon or equals sign is hidden.
func (w *walk) comments() {
	slices.SortFunc(w.scalars, func(a, b span) int { return a.start - b.start })
	spoke := false
	for number := 1; ; number++ {
		line, start := w.text.Line(number)
		if start >= len(w.text.Bytes()) {
			return
		}
		at := w.comment(line, start)
		if at < 0 {
			spoke = false
			continue
		}
		text := line[at:]
		alone := len(bytes.TrimSpace(line[:at])) == 0
		isSource := bytes.HasPrefix(text, []byte("# Source: ")) // Helm's own
		spoke = !isSource && (spoke && alone || w.masker.secret.Match(text))
		if sign := bytes.IndexAny(text, ":="); spoke && sign >= 0 {
			from := start + at + sign + 1
			rest := w.text.Bytes()[from : start+len(line)]
			from += len(rest) - len(bytes.TrimLeft(rest, " \t"))
			w.spans = append(w.spans, span{from, start + len(line)})
		}
	}
}

// comment returns where in a line its comment begins, or -1.
func (w *walk) comment(line []byte, start int) int {
	for at := 0; ; at++ {
		i := bytes.IndexByte(line[at:], '#')
		if i < 0 {
			return -1
		}
		at += i
		if (at == 0 || line[at-1] == ' ' || line[at-1] == '\t') && !w.inScalar(start+at) {
			return at
		}
	}
}

// inScalar reports whether an offset is inside of a scalar. The scalars are sorted.
func (w *walk) inScalar(offset int) bool {
	next := sort.Search(len(w.scalars), func(i int) bool { return w.scalars[i].start > offset })
	return next > 0 && offset < w.scalars[next-1].end
}
