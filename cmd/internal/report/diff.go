package report

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
)

// Version is a file before or after a change. Lines must be of a lint of that very
// text: it says what in it is a credential.
type Version struct {
	Data  []byte
	Lines Lines
}

// Diff prints what is changed in the named file, as a unified diff that `git apply` takes
// where nothing had to be hidden in it, or nothing if both versions look the same. The
// error is that of the writer.
func Diff(to io.Writer, color bool, name string, before, after Version) error {
	label := diffLabel(name)
	// The first line says what the next two say again.
	_, text, _ := bytes.Cut(diff.Diff("a/"+label, before.masked(name), "b/"+label, after.masked(name)), []byte("\n"))
	w := bufio.NewWriter(to)
	number := 0
	for line := range bytes.Lines(text) {
		number++
		look := map[byte]string{'@': cyan, '-': removed, '+': added}[line[0]]
		if isHeader := number <= 2; isHeader {
			look = bold
		}
		content := bytes.TrimRight(line, "\r\n")
		_, _ = w.WriteString(printable.Painted(color, look, string(content)) + string(line[len(content):])) // Flush reports it
	}
	return w.Flush()
}

// diffLabel writes a file's name as git does, with slashes everywhere and, if there is
// a space in it, a tab behind it.
func diffLabel(name string) string {
	label := printable.Line(strings.ReplaceAll(strings.TrimLeft(name, "/"), `\`, "/"))
	if strings.Contains(label, " ") {
		label += "\t"
	}
	return label
}

// The colours are those of git.
const (
	removed = "31"
	added   = "32"
	cyan    = "36"
)

// masked returns the text as it may be shown: without its credentials, and with every
// character replaced that a terminal might obey. Its lines, their ends, and a byte
// order mark stay as they are.
func (v Version) masked(name string) []byte {
	var b bytes.Buffer
	number := 0
	for line := range bytes.Lines(v.Data) {
		number++
		text := bytes.TrimRight(line, "\r\n")
		if number == 1 && bytes.HasPrefix(text, []byte("\ufeff")) {
			b.WriteString("\ufeff")
		}
		if len(text) > 0 {
			b.WriteString(v.shown(name, number))
		}
		end := line[len(text):]
		b.Write(end[max(len(end)-2, 0):]) // no more carriage returns than belong there
	}
	return b.Bytes()
}

// shown returns a line of the text. One that nobody can judge is hidden as a whole.
func (v Version) shown(name string, number int) string {
	pieces, ok := v.Lines.Line(name, number)
	if !ok {
		return mask.Hidden
	}
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(harmless(p.Text))
	}
	return b.String()
}

// harmless is printable, but keeps tabs, and the spaces of all languages.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || unicode.IsGraphic(r) {
			return r
		}
		return '\ufffd'
	}, s)
}
