package report

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
)

// Diff prints what is changed in a file, as a unified diff that `git apply` takes
// where nothing had to be hidden in it.
type Diff struct {
	W     io.Writer
	Color bool
}

// Version is a file before or after a change. Lines must be of a lint of that very
// text: it says what in it is a credential.
type Version struct {
	Data  []byte
	Lines Lines
}

// Print writes the diff of the named file, or nothing if both versions look the same.
// The error is that of the writer.
func (d Diff) Print(name string, before, after Version) error {
	label := diffLabel(name)
	text := diff.Diff("a/"+label, before.masked(name), "b/"+label, after.masked(name))
	w := bufio.NewWriter(d.W)
	inHeader := true
	for line := range bytes.Lines(text) {
		switch {
		case bytes.HasPrefix(line, []byte("diff ")) && inHeader:
			continue // says what the next two lines say again
		case bytes.HasPrefix(line, []byte("@@ ")):
			inHeader = false
		}
		d.line(w, string(line), inHeader)
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

func (d Diff) line(w *bufio.Writer, line string, inHeader bool) {
	color := ""
	switch {
	case inHeader:
		color = bold
	case strings.HasPrefix(line, "@@ "):
		color = cyan
	case line[0] == '-':
		color = removed
	case line[0] == '+':
		color = added
	}
	if !d.Color || color == "" {
		_, _ = w.WriteString(line) // Flush reports it
		return
	}
	text := strings.TrimRight(line, "\r\n")
	_, _ = w.WriteString(Text{Color: true}.paint(color, text) + line[len(text):])
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
		b.Write(lineBreak(line[len(text):]))
	}
	return b.Bytes()
}

// shown returns a line of the text. One that nobody can judge is hidden as a whole.
func (v Version) shown(name string, number int) string {
	pieces, ok := v.Lines.Line(name, number)
	if !ok {
		return hidden
	}
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(harmless(p.Text))
	}
	return b.String()
}

// lineBreak returns what ends a line, without more carriage returns than belong there.
func lineBreak(end []byte) []byte {
	if n := len(end); n > 2 {
		return end[n-2:]
	}
	return end
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
