package schema

import (
	"bytes"
	"regexp"
	"slices"
	"sync"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Masks hides credentials in lines of the linted sources, so that a line can be
// shown to people. Of a file nothing is shown but what lint knows the meaning of: keys
// and values that are no credentials by their place and looks, the signs of YAML
// between them, and comments in plain prose. What repeats a credential is hidden
// wherever it stands.
type Masks struct {
	sources []*values.Source
	merged  *values.Value
	files   []*values.File
	// partial is set while only a part of the files is known; see whole.
	partial bool
	// opaque is set for a source that does not parse: of its lines only a leading
	// key is shown, since nobody can tell what the rest is.
	opaque bool
	// argoCD is Argo CD's configuration, nil where none is given; see with.
	argoCD *ArgoCDConfig

	mu    sync.Mutex
	ready bool
	spans []values.Span // what must not be shown
	open  []values.Span // what may be shown of Argo CD's configuration
	words [][]byte      // credentials, to be found wherever they are repeated
	index wordIndex     // of words
	laid  map[*values.Source]*extents
	// cleaned counts the findings that were looked at; see clean.
	cleaned   int
	longShown int // bytes of long lines that were shown; see maxLongShown
}

// A file on one line can have as many findings as one on thousands, and the whole of that
// line is gone through for each. Lines of more than longLine bytes are shown until that
// has been maxLongShown bytes.
const (
	longLine     = 1 << 10
	maxLongShown = 4 << 20
)

// Piece is a part of a line: to be shown, or to be hidden.
type Piece struct {
	Text   string // what to show
	Hidden bool   // Text is a marker that stands for a credential
	Start  int    // byte offsets in the source that the piece stands for
	End    int
}

func newMasks(v *values.Values) *Masks {
	m := &Masks{sources: v.Sources(), merged: v.Root, files: v.Files}
	m.files = slices.Concat(v.Defaults, v.Files)
	m.partial = slices.ContainsFunc(m.files, (*values.File).Partial)
	return m
}

func opaque(s *values.Source) *Masks {
	return &Masks{sources: []*values.Source{s}, opaque: true}
}

// Line returns line number (1-based) of a source in pieces, without its line
// break; ok is false if there is no such source or line.
func (m *Masks) Line(file string, number int) (pieces []Piece, ok bool) {
	i := slices.IndexFunc(m.sources, func(s *values.Source) bool { return s.Name == file })
	if i < 0 || number < 1 {
		return nil, false
	}
	line, start := m.sources[i].Text.Line(number)
	if start >= len(m.sources[i].Text.Bytes()) {
		return nil, false
	}
	if m.opaque {
		return opaqueLine(line, start), true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(line) > longLine {
		if m.longShown += len(line); m.longShown > maxLongShown {
			return nil, false
		}
	}
	m.prepare()
	pieces = cut(line, start, m.hidden(m.sources[i], line, start))
	if m.partial && !m.suffices(m.sources[i], line, start, pieces) {
		m.whole()
		pieces = cut(line, start, m.hidden(m.sources[i], line, start))
	}
	return pieces, true
}

// hidden returns the stretches of a line that must not be shown, as offsets in the source.
func (m *Masks) hidden(src *values.Source, line []byte, start int) []stretch {
	var found []stretch
	switch {
	case m.argoCD != nil && src == m.argoCD.file.Source:
		for _, c := range m.closed(line, start) {
			found = append(found, stretch{c[0], c[1]})
		}
		found = append(found, m.extents(src).hiddenIn(start, start+len(line))...)
	case m.isFlag(src):
		found = m.flag(src, start, start+len(line))
	default:
		found = m.extents(src).line(line, start)
	}
	found = append(found, m.repeated(line, start)...)
	slices.SortFunc(found, func(a, b stretch) int { return a.start - b.start })
	return found
}

// repeated returns where credentials stand on a line, with the whole of the word that
// each is a part of: what is left of the word would tell what is missing in it.
func (m *Masks) repeated(line []byte, start int) []stretch {
	var found []stretch
	for _, word := range m.index.find(line, false) {
		from, to := word.start, word.end
		if n := len(found) - 1; n >= 0 && start+to <= found[n].end {
			continue // in the same word as the one before
		}
		for from > 0 && isNameByte(line[from-1]) {
			from--
		}
		for to < len(line) && isNameByte(line[to]) {
			to++
		}
		found = append(found, stretch{start + from, start + to})
	}
	return found
}

// isNameByte reports whether a byte belongs to a name. Every byte of a letter that is
// not ASCII does.
func isNameByte(c byte) bool { return c == '-' || c == '_' || c >= 0x80 || isAlphanumeric(c) }

// cut divides a line into what is shown and what is hidden.
func cut(line []byte, start int, hidden []stretch) []Piece {
	var pieces []Piece
	at := start
	show := func(end int) {
		if end > at {
			pieces = append(pieces, Piece{Text: string(line[at-start : end-start]), Start: at, End: end})
		}
	}
	for _, h := range hidden {
		if h.end <= at {
			continue
		}
		show(max(h.start, at))
		at = max(h.start, at)
		if n := len(pieces); n > 0 && pieces[n-1].Hidden && pieces[n-1].End == at {
			pieces[n-1].End = h.end
		} else {
			pieces = append(pieces, Piece{Text: redacted, Hidden: true, Start: at, End: h.end})
		}
		at = h.end
	}
	show(start + len(line))
	return pieces
}

func opaqueLine(line []byte, start int) []Piece {
	key := regexp.MustCompile(`^[ \t]*(- +)*["']?[A-Za-z][\w.-]{0,40}["']?[ \t]*:([ \t]|$)`).Find(line)
	if looksSecret(string(key)) {
		key = nil
	}
	if rest := bytes.TrimSpace(line[len(key):]); len(rest) == 0 {
		return cut(line, start, nil)
	}
	indent := len(line) - len(bytes.TrimLeft(line, " \t"))
	from := start + max(len(key), indent)
	return cut(line, start, []stretch{{from, start + len(line)}})
}

// minWord is the length from which a credential is looked for in other places too.
// Shorter ones would hide half of every line.
const minWord = 6

// prepare looks for credentials, unless that is done.
func (m *Masks) prepare() {
	if !m.ready {
		m.collect()
	}
}

func (m *Masks) collect() {
	m.ready, m.spans, m.open, m.words = true, nil, nil, nil
	m.laid = map[*values.Source]*extents{}
	var roots []*values.Value
	for _, f := range m.files {
		roots = append(append(roots, f.Root), f.Later...)
	}
	if !slices.Contains(roots, m.merged) {
		roots = append(roots, m.merged)
	}
	for _, root := range roots {
		m.walk(root, place{})
		m.steps(root)
	}
	if m.argoCD != nil {
		m.collectArgoCD()
	}
	for _, s := range m.spans {
		e := m.extents(s.Source)
		e.hidden = append(e.hidden, stretch{s.Start, s.End})
	}
	for _, e := range m.laid {
		e.settle()
	}
	slices.SortFunc(m.words, bytes.Compare)
	m.words = slices.CompactFunc(m.words, bytes.Equal)
	m.index = newWordIndex(m.words)
}
