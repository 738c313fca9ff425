package schema

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// extent is where a key or a scalar stands that may be shown.
type extent struct {
	stretch
	// isText is set for what is quoted and for the lines of block scalars: no comment
	// begins in there.
	isText    bool
	hidesNext bool // see show
}

// extents are the keys and scalars of a source, in order and apart from each other.
type extents struct {
	open   []extent
	hidden []stretch
}

func (m *Masks) extents(src *values.Source) *extents {
	e := m.laid[src]
	if e == nil {
		e = &extents{}
		m.laid[src] = e
	}
	return e
}

// addOpen adds an extent whose text is given. The indicator of a block scalar is one
// of its own: behind it there may be a comment.
func (e *extents) addOpen(text string, x extent) {
	x.isText = text[0] == '"' || text[0] == '\''
	if text[0] == '|' || text[0] == '>' {
		rest := strings.TrimLeft(text, "|>+-0123456789")
		indicator := x
		indicator.end = x.start + len(text) - len(rest)
		e.open = append(e.open, indicator)
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			return
		}
		x.start, x.isText = indicator.end+i+1, true
	}
	e.open = append(e.open, x)
}

// settle brings the extents in order.
func (e *extents) settle() {
	slices.SortFunc(e.hidden, func(a, b stretch) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	e.hidden = slices.CompactFunc(e.hidden, func(a, b stretch) bool { return a == b })
	apart := e.hidden[:0]
	for _, h := range e.hidden {
		if n := len(apart); n > 0 && h.start <= apart[n-1].end {
			apart[n-1].end = max(apart[n-1].end, h.end)
			continue
		}
		apart = append(apart, h)
	}
	e.hidden = apart
	slices.SortFunc(e.open, func(a, b extent) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	open := e.open[:0]
	for _, x := range e.open {
		if n := len(open); n > 0 && x.start < open[n-1].end {
			open[n-1].hidesNext = open[n-1].hidesNext || x.hidesNext
			continue // one that is shared, or one value of a flag that sets several
		}
		open = append(open, x)
	}
	e.open = open
}

// openIn and hiddenIn return the extents that overlap the bytes from start to end.
func (e *extents) openIn(start, end int) []extent {
	from := sort.Search(len(e.open), func(i int) bool { return e.open[i].end > start })
	to := sort.Search(len(e.open), func(i int) bool { return e.open[i].start >= end })
	return e.open[from:max(from, to)]
}

func (e *extents) hiddenIn(start, end int) []stretch {
	from := sort.Search(len(e.hidden), func(i int) bool { return e.hidden[i].end > start })
	to := sort.Search(len(e.hidden), func(i int) bool { return e.hidden[i].start >= end })
	var found []stretch
	for _, h := range e.hidden[from:max(from, to)] {
		found = append(found, stretch{max(h.start, start), min(h.end, end)})
	}
	return found
}

// line returns what must not be shown of a line: what is hidden, what no key or scalar
// is known to stand in, and a comment that is more than prose.
func (e *extents) line(line []byte, start int) []stretch {
	end := start + len(line)
	found := e.hiddenIn(start, end)
	covered := slices.Clone(found)
	for _, x := range e.openIn(start, end) {
		covered = append(covered, x.stretch)
	}
	slices.SortFunc(covered, func(a, b stretch) int { return a.start - b.start })
	hash := e.comment(line, start, covered)
	at := start
	for _, c := range append(covered, stretch{hash, hash}) {
		if to := min(c.start, hash); to > at {
			found = append(found, e.gap(string(line[at-start:to-start]), at)...)
		}
		at = max(at, c.end)
	}
	if hash < end && !isProse(string(line[hash-start+1:])) {
		from := end - len(bytes.TrimLeft(line[hash-start+1:], " \t"))
		found = append(found, stretch{from, end})
	}
	return found
}

// comment returns where a comment begins, the end of the line if nowhere. Outside of
// keys and scalars any # begins one, and inside of plain ones one with a space before it.
func (e *extents) comment(line []byte, start int, covered []stretch) int {
	for i, c := range line {
		if c != '#' {
			continue
		}
		at := start + i
		isSpaced := i == 0 || line[i-1] == ' ' || line[i-1] == '\t'
		open := e.openIn(at, at+1)
		switch {
		case len(e.hiddenIn(at, at+1)) > 0:
		case len(open) == 0, !open[0].isText && isSpaced:
			return at
		}
	}
	return start + len(line)
}

// gap returns what must not be shown of text that is between keys and scalars. Of that
// only the signs of YAML mean anything: the rest is something that got lost, as a value
// does that a merge key replaces.
func (e *extents) gap(text string, start int) []stretch {
	isStrict := e.isBeforeSecret(start, start+len(text))
	found := stretch{-1, -1}
	for from := 0; from < len(text); {
		n := strings.IndexAny(text[from:], " \t,[]{}")
		if n < 0 {
			n = len(text) - from
		}
		if token := text[from : from+n]; !isSign(token, isStrict) {
			if found.start < 0 {
				found.start = start + from
			}
			found.end = start + from + n
		}
		from += n + 1
	}
	if found.start < 0 {
		return nil
	}
	if isStrict { // what follows belongs to it
		found.end = start + len(text)
	}
	return []stretch{found}
}

// isBeforeSecret reports whether the bytes from start to end, in which there is no key
// or scalar, come before a credential or behind the key of one.
func (e *extents) isBeforeSecret(start, end int) bool {
	before := sort.Search(len(e.open), func(i int) bool { return e.open[i].end > start }) - 1
	if before >= 0 && e.open[before].hidesNext {
		return true
	}
	hidden := sort.Search(len(e.hidden), func(i int) bool { return e.hidden[i].start >= end })
	if hidden == len(e.hidden) {
		return false
	}
	open := sort.Search(len(e.open), func(i int) bool { return e.open[i].start >= end })
	return open == len(e.open) || e.hidden[hidden].start <= e.open[open].start
}

// isSign reports whether a part of a line is a sign of YAML that may be shown: one that
// marks a structure or, where no credential is near, a tag, an anchor or an alias with
// a plain name.
func isSign(token string, isStrict bool) bool {
	switch token = strings.Trim(token, ":"); token {
	case "", "-", "?", "---", "...", "<<", "\ufeff":
		return true
	}
	name := strings.TrimLeft(token, "!&*")
	return !isStrict && len(name) < len(token) && isPlainWord(name)
}
