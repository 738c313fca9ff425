package schema

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Masks hides credentials in lines of the linted sources, so that a line can be
// shown to people. Credentials are the scalars of an auth block that are no plain
// names, every other value whose key speaks of a token, a password or a secret,
// and any repetition of one of these elsewhere on a line.
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
	spans []values.Span
	open  []values.Span // what may be shown of Argo CD's configuration
	words [][]byte
}

// Piece is a part of a line: to be shown, or to be hidden.
type Piece struct {
	Text   string // what to show
	Hidden bool   // Text is a marker that stands for a credential
	Start  int    // byte offsets in the source that the piece stands for
	End    int
}

func newMasks(v *values.Values) *Masks {
	m := &Masks{sources: v.Sources(), merged: v.Root, files: v.Files}
	if v.Defaults != nil {
		m.files = append([]*values.File{v.Defaults}, m.files...)
	}
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
	if !m.ready {
		m.collect()
	}
	pieces = cut(line, start, m.hidden(m.sources[i], line, start))
	if m.partial && !m.suffices(m.sources[i], line, start, pieces) {
		m.whole()
		pieces = cut(line, start, m.hidden(m.sources[i], line, start))
	}
	return pieces, true
}

// hidden returns the stretches of a line that must not be shown, as offsets in the source.
func (m *Masks) hidden(src *values.Source, line []byte, start int) [][2]int {
	var found [][2]int
	for _, s := range m.spans {
		if s.Source == src && s.Start < start+len(line) && s.End > start {
			found = append(found, [2]int{max(s.Start, start), min(s.End, start+len(line))})
		}
	}
	for _, word := range m.words {
		for at := 0; ; {
			i := bytes.Index(line[at:], word)
			if i < 0 {
				break
			}
			found = append(found, [2]int{start + at + i, start + at + i + len(word)})
			at += i + len(word)
		}
	}
	if m.argoCD != nil && src == m.argoCD.file.Source {
		found = append(found, m.closed(line, start)...)
	}
	slices.SortFunc(found, func(a, b [2]int) int { return a[0] - b[0] })
	return found
}

// cut divides a line into what is shown and what is hidden.
func cut(line []byte, start int, hidden [][2]int) []Piece {
	var pieces []Piece
	at := start
	show := func(end int) {
		if end > at {
			pieces = append(pieces, Piece{Text: string(line[at-start : end-start]), Start: at, End: end})
		}
	}
	for _, h := range hidden {
		if h[1] <= at {
			continue
		}
		show(max(h[0], at))
		at = max(h[0], at)
		if n := len(pieces); n > 0 && pieces[n-1].Hidden && pieces[n-1].End == at {
			pieces[n-1].End = h[1]
		} else {
			pieces = append(pieces, Piece{Text: redacted, Hidden: true, Start: at, End: h[1]})
		}
		at = h[1]
	}
	show(start + len(line))
	return pieces
}

func opaqueLine(line []byte, start int) []Piece {
	key := regexp.MustCompile(`^[ \t]*(- +)*["']?[A-Za-z][\w.-]{0,40}["']?[ \t]*:([ \t]|$)`).Find(line)
	if rest := bytes.TrimSpace(line[len(key):]); len(rest) == 0 {
		return cut(line, start, nil)
	}
	indent := len(line) - len(bytes.TrimLeft(line, " \t"))
	from := start + max(len(key), indent)
	return cut(line, start, [][2]int{{from, start + len(line)}})
}

// minWord is the length from which a credential is looked for in other places too.
// Shorter ones would hide half of every line.
const minWord = 6

func (m *Masks) collect() {
	m.ready, m.spans, m.open, m.words = true, nil, nil, nil
	roots := []*values.Value{m.merged}
	for _, f := range m.files {
		roots = append(append(roots, f.Root), f.Later...)
	}
	for _, root := range roots {
		m.walk(root, "", false)
		m.blocks(root, "")
	}
	if m.argoCD != nil {
		m.collectArgoCD()
	}
}

// walk hides values by the names of their keys.
func (m *Masks) walk(v *values.Value, key string, inRef bool) {
	if v == nil {
		return
	}
	switch v.Kind {
	case values.Map:
		isRef := strings.HasSuffix(fold(key), "ref")
		for _, name := range v.Order {
			m.walk(v.Field(name), name, isRef)
		}
		for _, d := range v.Duplicates {
			m.walk(d.First, d.Name, isRef)
		}
	case values.List:
		for _, item := range v.Items {
			m.walk(item, key, inRef)
		}
	default:
		plainName := inRef && isRefField(key) && !looksSecret(v.Str())
		if !plainName && speaksOfSecrets(key) || looksSecret(v.Str()) {
			m.hide(v)
		}
	}
	m.walk(v.Overrides, key, inRef)
}

// blocks hides everything in auth blocks, wherever they stand, but types, user
// names and the fields of references.
func (m *Masks) blocks(v *values.Value, key string) {
	if v == nil || v.Kind != values.Map {
		return
	}
	isBlock := isDistinct(v) || key == "auth" || near(key, "auth")
	for _, name := range v.Order {
		f := v.Field(name)
		if looksSecret(name) && !f.Key.IsZero() { // a credential pasted as a key
			m.spans = append(m.spans, f.Key)
			m.words = append(m.words, []byte(name))
		}
		m.blocks(f, name)
		known := name == fieldType || name == fieldUsername || isRef(name)
		if isBlock && !known && f.Kind != values.Map && f.Kind != values.List {
			m.hide(f)
		}
	}
	for _, d := range v.Duplicates {
		m.blocks(d.First, d.Name)
	}
}

func (m *Masks) hide(v *values.Value) {
	if v.IsUnset() {
		return
	}
	m.spans = append(m.spans, v.Body)
	text := v.Str()
	if v.Kind == values.Number {
		text = v.Body.Text()
	}
	for line := range strings.SplitSeq(text, "\n") {
		if word := strings.TrimSpace(line); len(word) >= minWord && !isField(word) {
			m.words = append(m.words, []byte(word))
		}
	}
}

func speaksOfSecrets(key string) bool {
	folded := fold(key)
	if strings.HasSuffix(folded, "name") {
		return false // existingSecretName and its like
	}
	return hasSecretWord(folded)
}

func hasSecretWord(folded string) bool {
	for _, word := range []string{"token", "password", "passwd", "secret", "apikey", "credential", "privatekey"} {
		if strings.Contains(folded, word) {
			return true
		}
	}
	return false
}
