package schema

import (
	"bytes"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// whole reads the files of which only a part is known as a whole, and looks for
// credentials again.
func (m *Masks) whole() {
	for i, f := range m.files {
		if complete, err := f.Complete(); err == nil { // ParsePart has ruled the error out
			m.files[i] = complete
		}
	}
	m.partial = false
	m.collect()
}

// suffices reports whether what is known of the files is enough to show a line: it
// was read itself, and repeats nothing that was not.
func (m *Masks) suffices(src *values.Source, line []byte, start int, pieces []Piece) bool {
	for _, f := range m.files {
		if f.Source == src && !f.HasRead(start, start+len(line)) {
			return false
		}
	}
	var shown []string
	for _, p := range pieces {
		if text := strings.TrimSpace(p.Text); !p.Hidden && len(text) >= minWord {
			shown = append(shown, text)
		}
	}
	return !m.mayRepeat(shown)
}

// mayRepeat reports whether a text that is about to be shown may repeat a value from
// the part of a file that nobody has read. That is rare, and reading it takes far
// longer than everything else, so it is worth a look at the bytes. It may say yes
// where nothing is repeated, or nothing that is a credential.
func (m *Masks) mayRepeat(shown []string) bool {
	if len(shown) == 0 {
		return false
	}
	return slices.ContainsFunc(m.files, func(f *values.File) bool { return f.Partial() && repeats(f, shown) })
}

// repeats looks for shown text among the values of a file that were not read. Those
// that were are known for what they are.
func repeats(f *values.File, shown []string) bool {
	data := f.Source.Text.Bytes()
	for start := 0; start < len(data); {
		end := start + bytes.IndexByte(data[start:], '\n')
		if end < start {
			end = len(data)
		}
		line := bytes.TrimSpace(data[start:end])
		if len(line) >= minWord && slices.ContainsFunc(shown, func(s string) bool { return holdsValueIn(line, s) }) && !f.HasRead(start, end) {
			return true
		}
		start = end + 1
	}
	return false
}

// holdsValueIn reports whether a value written on line may stand in shown too. Values
// begin and end at the line's ends, at quotes, at escapes, and at the signs of YAML. A
// value with a quote or backslash in it is not written as it reads, and cannot stand in
// a text that has none of them; where it could, and where a character is written by its
// number, the answer is yes.
func holdsValueIn(line []byte, shown string) bool {
	if escapes := bytes.IndexByte(line, '\\') >= 0 || bytes.Contains(line, []byte("''")); escapes {
		byNumber := bytes.Contains(line, []byte(`\x`)) || bytes.Contains(line, []byte(`\u`)) || bytes.Contains(line, []byte(`\U`))
		if byNumber || strings.ContainsAny(shown, `"\'`) {
			return true
		}
	}
	for from := 0; len(line)-from >= minWord; {
		if holdsPrefixIn(line[from:], shown) {
			return true
		}
		next := bytes.IndexAny(line[from:], ` "'[{,\`)
		if next < 0 {
			return false
		}
		if line[from+next] == '\\' {
			next++ // the character behind it belongs to the escape
		}
		from += next + 1
	}
	return false
}

// holdsPrefixIn is holdsValueIn for values that begin where text does.
func holdsPrefixIn(text []byte, shown string) bool {
	at := strings.Index(shown, string(text[:minWord]))
	if at < 0 {
		return false
	}
	for to := minWord; to <= len(text); to++ {
		isEnd := to == len(text) || strings.IndexByte(" \"',]}\\", text[to]) >= 0
		if isEnd && strings.Contains(shown, string(text[:to])) {
			return true
		}
	}
	return false
}
