// Package mask hides what may be a credential in manifests that are shown to
// people. Nobody has said of a manifest what in it is one, so it goes by what a
// document is, by what its keys are called and by what its values look like, and
// hides rather too much than too little.
package mask

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// marker is what stands where a credential stood, as everywhere in this module.
const marker = "[redacted]"

// Masker hides credentials. It may be used for any number of manifests.
type Masker struct {
	words [][]byte
	// looks match, by their first group, what is a credential by its looks.
	looks []*regexp.Regexp
	// assigned matches a name that speaks of a credential, and a value behind it.
	assigned *regexp.Regexp
	secret   *regexp.Regexp // a word for one
	flag     *regexp.Regexp // of a command line
	vouched  []string
}

// New returns a Masker that knows these credentials. Where they stand in a
// manifest, plain or in base64, they are hidden whatever the place.
func New(credentials ...string) *Masker {
	return &Masker{
		words: wordsOf(credentials),
		looks: []*regexp.Regexp{
			regexp.MustCompile(`(eyJ[\w-]{8,}[\w.-]*)`),         // a JSON Web Token
			regexp.MustCompile(`(ZXlK[\w+/-]{8,}=*)`),           // the same in base64
			regexp.MustCompile(`://([^/\s:@"']*:[^/\s@"']+)@`),  // user information in a URL
			regexp.MustCompile(`(?i)\b(?:bearer|basic) +(\S+)`), // a header of HTTP
		},
		assigned: regexp.MustCompile(`(?i)(?:` + secretPattern + `)[\w.-]*["']*[ \t]*[:=][ \t]*["']*([^\s"'].*)`),
		secret:   regexp.MustCompile(`(?i)` + secretPattern),
		flag:     regexp.MustCompile(`^--?[\w.-]+$`),
	}
}

// Vouch tells the Masker names of Secrets, keys in them and usernames that somebody has
// declared. Others are shown only if they are plain words.
func (m *Masker) Vouch(names ...string) { m.vouched = append(m.vouched, names...) }

// Manifest is one document of which lines can be shown.
type Manifest struct {
	masker *Masker
	text   *yamldoc.Text // nil where the document does not parse: no line is shown then
	spans  []span        // what is hidden, sorted
	words  [][]byte      // what was hidden in one place must not be shown in another
}

// span is a stretch of a text, from byte to byte.
type span struct{ start, end int }

// Versions prepares a document before and after a change. What is hidden in one of
// them is hidden in the other too, where it may stand at another place. The texts must
// not change afterwards.
func (m *Masker) Versions(before, after []byte) (*Manifest, *Manifest) {
	old, values := m.manifest(before)
	edited, more := m.manifest(after)
	words := wordsOf(append(values, more...))
	old.words, edited.words = words, words
	return old, edited
}

// manifest also returns the values that it hides.
func (m *Masker) manifest(raw []byte) (*Manifest, []string) {
	doc, err := yamldoc.Parse(raw)
	if err != nil {
		return &Manifest{}, nil
	}
	w := newWalk(m, doc)
	w.document()
	return &Manifest{masker: m, text: doc.Text, spans: w.sorted()}, w.values
}

// Line returns a line (from 1) of the document in pieces, without its line break;
// ok is false where no part of it may be shown. The name of the file is not looked at.
func (d *Manifest) Line(_ string, number int) (pieces []schema.Piece, ok bool) {
	if d.text == nil {
		return nil, false
	}
	line, start := d.text.Line(number)
	if len(line) == 0 {
		return nil, start <= len(d.text.Bytes())
	}
	hidden := append(d.masker.inLine(line, start), find(d.words, line, start)...)
	// The indentation is kept, so that a block of text remains one.
	first := start + len(line) - len(bytes.TrimLeft(line, " \t"))
	for _, s := range d.spans {
		if s.start < start+len(line) && s.end > start {
			hidden = append(hidden, span{max(s.start, first), min(s.end, start+len(line))})
		}
	}
	return cut(line, start, hidden), true
}

// Text returns a piece of text, such as the name of an object, without what would be
// hidden of it in any place of a manifest.
func (m *Masker) Text(text string) string {
	var b strings.Builder
	for _, p := range cut([]byte(text), 0, m.inLine([]byte(text), 0)) {
		b.WriteString(p.Text)
	}
	return b.String()
}

// inLine returns what is hidden in a line whatever is around it.
func (m *Masker) inLine(line []byte, start int) []span {
	var found []span
	for _, re := range m.looks {
		for _, at := range re.FindAllSubmatchIndex(line, -1) {
			found = append(found, span{start + at[2], start + at[3]})
		}
	}
	return append(found, find(m.words, line, start)...)
}

// find returns where words stand in a line.
func find(words [][]byte, line []byte, start int) []span {
	var found []span
	for _, word := range words {
		for at := 0; ; {
			i := bytes.Index(line[at:], word)
			if i < 0 {
				break
			}
			found = append(found, span{start + at + i, start + at + i + len(word)})
			at += i + len(word)
		}
	}
	return found
}

// cut divides a line into what is shown and what is hidden.
func cut(line []byte, start int, hidden []span) []schema.Piece {
	slices.SortFunc(hidden, func(a, b span) int { return a.start - b.start })
	var pieces []schema.Piece
	at := start
	for _, h := range hidden {
		if h.end <= at {
			continue
		}
		if h.start > at {
			pieces = append(pieces, schema.Piece{Text: string(line[at-start : h.start-start]), Start: at, End: h.start})
			at = h.start
		}
		if n := len(pieces); n > 0 && pieces[n-1].Hidden {
			pieces[n-1].End = h.end
		} else {
			pieces = append(pieces, schema.Piece{Text: marker, Hidden: true, Start: at, End: h.end})
		}
		at = h.end
	}
	if at < start+len(line) {
		pieces = append(pieces, schema.Piece{Text: string(line[at-start:]), Start: at, End: start + len(line)})
	}
	return pieces
}
