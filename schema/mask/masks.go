package mask

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Masks shows lines of the linted sources to people: keys, booleans, the type of a block,
// the names and keys of Secrets, and what a finding vouches for. Every other value, every
// comment, and every line that lint has not read is hidden.
type Masks struct {
	sources []*values.Source
	files   []*values.File
	merged  *values.Value
	// opaque is set for a source that does not parse. Of its lines only a key in front is
	// shown.
	opaque bool
	// vouched holds what of a value may be shown, by where the value stands.
	vouched map[values.Span][]values.Span

	mu        sync.Mutex
	texts     map[*values.Source]*Text // nil until a line is asked for
	longShown int                      // bytes of long lines that were shown
}

// A file on one line can have as many findings as one on thousands, and the whole of that
// line is gone through for each. Lines of more than longLine bytes are shown until that
// has been maxLongShown bytes.
const (
	longLine     = 1 << 10
	maxLongShown = 4 << 20
)

// NewMasks returns Masks that show of the sources of v what is shown without any finding.
func NewMasks(v *values.Values) *Masks {
	return &Masks{
		sources: v.Sources(), files: slices.Concat(v.Defaults, v.Files), merged: v.Root,
		vouched: map[values.Span][]values.Span{},
	}
}

// Opaque returns Masks of a source that does not parse.
func Opaque(s *values.Source) *Masks {
	return &Masks{sources: []*values.Source{s}, opaque: true}
}

// Whole returns Masks that show the lines which lint has not read, too. It reads them,
// which takes longer than lint did.
func (m *Masks) Whole() *Masks {
	w := &Masks{sources: m.sources, merged: m.merged, opaque: m.opaque, vouched: m.vouched}
	for _, f := range m.files {
		if complete, err := f.Complete(); err == nil { // ParsePart has ruled the error out
			f = complete
		}
		w.files = append(w.files, f)
	}
	return w
}

// Add adds a file to the sources whose lines can be shown.
func (m *Masks) Add(f *values.File) {
	m.sources, m.files = append([]*values.Source{f.Source}, m.sources...), append(m.files, f)
}

// Vouch says that a part of a value, or all of it, may be shown. It must be on one line:
// between several there can be comments.
func (m *Masks) Vouch(v *values.Value, part values.Span) {
	if !strings.Contains(part.Text(), "\n") {
		m.vouched[v.Body] = append(m.vouched[v.Body], part)
	}
}

// Line returns line number (1-based) of a source in pieces, without its line break; ok is
// false if there is no such source or line.
func (m *Masks) Line(file string, number int) (pieces []Piece, ok bool) {
	i := slices.IndexFunc(m.sources, func(s *values.Source) bool { return s.Name == file })
	if i < 0 || number < 1 {
		return nil, false
	}
	src := m.sources[i]
	if m.opaque {
		return New(src.Text).Unknown(number, true)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	line, start := src.Text.Line(number)
	if len(line) > longLine {
		if m.longShown += len(line); m.longShown > maxLongShown {
			return nil, false
		}
	}
	m.prepare()
	j := slices.IndexFunc(m.files, func(f *values.File) bool { return f.Source == src })
	if j >= 0 && !m.files[j].HasRead(number) {
		return m.text(src).Unknown(number, false)
	}
	pieces, ok = m.text(src).Line(number)
	if h := slices.IndexFunc(pieces, func(p Piece) bool { return p.Hidden }); j < 0 && h >= 0 {
		// The commas of a flag may be part of a credential: only their writer knows.
		pieces = pieces[:h+1]
		pieces[h].End = start + len(line)
	}
	return pieces, ok
}

func (m *Masks) text(src *values.Source) *Text {
	t := m.texts[src]
	if t == nil {
		t = New(src.Text)
		m.texts[src] = t
	}
	return t
}

// prepare finds out what may be shown, once.
func (m *Masks) prepare() {
	if m.texts != nil {
		return
	}
	m.texts = map[*values.Source]*Text{}
	roots := []*values.Value{m.merged}
	for _, f := range m.files {
		roots = append(append(roots, f.Root), f.Later...)
	}
	for i, root := range roots {
		if !slices.Contains(roots[:i], root) {
			m.value(root, "", outside)
		}
	}
}

// Quote writes a text from the values into a message, if it is a plain name.
func Quote(s string) string {
	if s != "" && !Plain(strings.TrimSpace(s)) {
		return Hidden
	}
	return fmt.Sprintf("%q", s)
}

// Path returns a path up to the first step that is no plain name. What follows may
// be a part of the same key, which may have dots.
func Path(path string) string {
	if path == "" || Plain(path) {
		return path
	}
	for steps := strings.Split(path, "."); len(steps) > 1; {
		steps = steps[:len(steps)-1]
		if first := strings.Join(steps, "."); Plain(first) {
			return first + "." + Hidden
		}
	}
	return Hidden
}
