// Package mask shows lines of a source without its credentials. It does not look for
// them: somebody who knows the source says what may be shown, and everything else, the
// signs of YAML aside, is hidden.
package mask

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Hidden is printed in place of what is hidden.
const Hidden = "…"

// Piece is a part of a line.
type Piece struct {
	Text   string // what to print
	Hidden bool   // Text is Hidden, and stands for the bytes from Start to End
	Start  int    // byte offsets in the source
	End    int
}

// Text is a source of which something is known.
type Text struct {
	text  *yamldoc.Text
	spans []span
	// sorted is set while the spans are sorted and do not overlap.
	sorted bool
}

// span is a stretch of a source that is shown or hidden as a whole.
type span struct {
	start, end int
	hidden     bool
}

// New returns a Text of which nothing is known yet.
func New(text *yamldoc.Text) *Text { return &Text{text: text} }

// Show says that the bytes from start to end may be shown.
func (t *Text) Show(start, end int) { t.add(span{start: start, end: end}) }

// Hide says that the bytes from start to end are a value that must not be shown, even
// where something else says that they may.
func (t *Text) Hide(start, end int) { t.add(span{start: start, end: end, hidden: true}) }

func (t *Text) add(s span) {
	if s.start < s.end {
		t.spans, t.sorted = append(t.spans, s), false
	}
}

// settle sorts the spans and joins those that overlap. A joined span is hidden if any
// part of it is.
func (t *Text) settle() {
	slices.SortFunc(t.spans, func(a, b span) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	apart := t.spans[:0]
	for _, s := range t.spans {
		if n := len(apart); n > 0 && s.start < apart[n-1].end {
			last := &apart[n-1]
			last.end, last.hidden = max(last.end, s.end), last.hidden || s.hidden
			continue
		}
		apart = append(apart, s)
	}
	t.spans, t.sorted = apart, true
}

// Line returns a line (from 1) in pieces, without its line break; ok is false if there is
// no such line.
func (t *Text) Line(number int) (pieces []Piece, ok bool) {
	l, ok := t.cutter(number)
	if !ok {
		return nil, false
	}
	if !t.sorted {
		t.settle()
	}
	from := sort.Search(len(t.spans), func(i int) bool { return t.spans[i].end > l.at })
	for _, s := range t.spans[from:] {
		if s.start >= l.end() {
			break
		}
		l.gap(s.start)
		if to := min(s.end, l.end()); s.hidden {
			l.indentation()
			l.hide(to)
		} else {
			l.show(to)
		}
	}
	l.gap(l.end())
	return l.filled(), true
}

// Unknown returns a line of which only the indentation is shown, and the key in front of
// it if withKey is set and there is one.
func (t *Text) Unknown(number int, withKey bool) (pieces []Piece, ok bool) {
	l, ok := t.cutter(number)
	if !ok {
		return nil, false
	}
	l.indentation()
	if withKey {
		l.key()
	}
	l.hide(l.end())
	return l.filled(), true
}

// cutter divides a line into pieces, from left to right.
type cutter struct {
	line   []byte
	start  int // of the line in the source
	at     int // what is before it is done
	pieces []Piece
}

func (t *Text) cutter(number int) (*cutter, bool) {
	if number < 1 {
		return nil, false
	}
	line, start := t.text.Line(number)
	return &cutter{line: line, start: start, at: start}, start < len(t.text.Bytes())
}

func (l *cutter) end() int { return l.start + len(l.line) }

// rest returns what is not done up to an offset.
func (l *cutter) rest(to int) string { return string(l.line[l.at-l.start : max(l.at, to)-l.start]) }

func (l *cutter) show(to int) { l.piece(to, false) }

func (l *cutter) hide(to int) { l.piece(to, true) }

// piece ends a piece, or the one before it, at an offset.
func (l *cutter) piece(to int, hidden bool) {
	if to <= l.at {
		return
	}
	n := len(l.pieces)
	if n > 1 && hidden && l.pieces[n-2].Hidden && l.isBlank(l.pieces[n-1]) {
		n-- // what is hidden is one, whatever white space there is in it
		l.pieces = l.pieces[:n]
	}
	if n > 0 && l.pieces[n-1].Hidden == hidden {
		l.pieces[n-1].End = to
	} else {
		l.pieces = append(l.pieces, Piece{Hidden: hidden, Start: l.at, End: to})
	}
	l.at = to
}

func (l *cutter) isBlank(p Piece) bool {
	return len(bytes.TrimSpace(l.line[p.Start-l.start:p.End-l.start])) == 0
}

// filled returns the pieces with their texts.
func (l *cutter) filled() []Piece {
	for i := range l.pieces {
		if p := &l.pieces[i]; p.Hidden {
			p.Text = Hidden
		} else {
			p.Text = string(l.line[p.Start-l.start : p.End-l.start])
		}
	}
	return l.pieces
}

// indentation shows the white space that the line begins with.
func (l *cutter) indentation() {
	if l.at == l.start {
		rest := l.rest(l.end())
		l.show(l.end() - len(strings.TrimLeft(rest, " \t")))
	}
}

// key shows a key with nothing but dashes in front of it.
func (l *cutter) key() {
	rest := l.rest(l.end())
	for strings.HasPrefix(rest, "- ") {
		rest = strings.TrimLeft(rest[len("- "):], " ")
	}
	name, value, found := strings.Cut(rest, ":")
	if found && Plain(unquoted(name)) && (value == "" || value[0] == ' ') {
		l.show(l.end() - len(strings.TrimLeft(value, " ")))
	}
}

// gap shows the signs of YAML up to an offset before which nothing is known, and hides
// everything else: comments, anchors, aliases and tags, and values that got lost, as one
// does that a merge key replaces.
func (l *cutter) gap(to int) {
	for l.at < to {
		rest := l.rest(to)
		n := len(rest) - len(strings.TrimLeft(rest, " \t,:=[]{}"))
		text := rest[n:]
		switch {
		case text == "", text == "-", text == "?", text == "---", text == "...":
			l.show(to)
		case strings.HasPrefix(text, "- "), strings.HasPrefix(text, "? "):
			l.show(l.at + n + len("- "))
		case strings.HasPrefix(text, "--- "), strings.HasPrefix(text, "<<: "):
			l.show(l.at + n + len("<<: "))
		case text[0] == '#':
			l.show(to - len(strings.TrimLeft(text[1:], " \t")))
			l.hide(to)
		case strings.IndexByte("&*!", text[0]) >= 0:
			l.show(l.at + n)
			if n = strings.IndexAny(text, " \t,[]{}"); n < 0 {
				n = len(text)
			}
			l.hide(l.at + n)
		default:
			l.show(l.at + n)
			if to < l.end() {
				l.hide(to - len(text) + len(strings.TrimRight(text, " \t,:=[{")))
				l.show(to)
			} else {
				l.hide(to)
			}
		}
	}
}
