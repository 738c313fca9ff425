// Package report prints findings and plans: one file per format.
package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Lines returns a line of a linted source, cut into what may be shown and what
// may not; *schema.Masks does.
type Lines interface {
	Line(file string, number int) (pieces []schema.Piece, ok bool)
}

// Sources finds a line in whichever of several results has it.
type Sources []*schema.Masks

// Line implements Lines.
func (s Sources) Line(file string, number int) ([]schema.Piece, bool) {
	for _, m := range s {
		if pieces, ok := m.Line(file, number); ok {
			return pieces, true
		}
	}
	return nil, false
}

// Text prints findings for people, each with the line it is about.
type Text struct {
	W     io.Writer
	Color bool
}

// The colours are those of compilers: red, yellow and blue for the severities,
// green for the caret, bold for the place.
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
	green  = "1;32"
)

// Print writes ds in their order. The error is that of the writer.
func (t Text) Print(ds []diag.Diagnostic, lines Lines) error {
	w := bufio.NewWriter(t.W)
	for _, d := range ds {
		t.one(w, d, lines)
	}
	return w.Flush()
}

func (t Text) one(w *bufio.Writer, d diag.Diagnostic, lines Lines) {
	fmt.Fprintf(w, "%s %s %s [%s]\n",
		t.paint(bold, place(d.File, d.Range)+":"), t.paint(severityColor(d.Severity), d.Severity.String()+":"), printable(d.Message), d.Rule)
	if line, caret, ok := snippet(d, lines); ok {
		fmt.Fprintf(w, "    %s\n    %s\n", line, t.paintCaret(caret))
	}
	for _, r := range d.Related {
		fmt.Fprintf(w, "  note: %s: %s\n", place(r.File, r.Range), printable(r.Message))
	}
	if d.Hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", printable(d.Hint))
	}
}

func place(file string, r diag.Range) string {
	if r.Start.Line == 0 { // about the whole of it
		return printable(file)
	}
	return fmt.Sprintf("%s:%d:%d", printable(file), r.Start.Line, r.Start.Column)
}

func severityColor(s diag.Severity) string {
	switch s {
	case diag.Error:
		return red
	case diag.Warning:
		return yellow
	}
	return blue
}

func (t Text) paint(color, s string) string {
	if !t.Color {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

func (t Text) paintCaret(caret string) string {
	blank := len(caret) - len(strings.TrimLeft(caret, " "))
	return caret[:blank] + t.paint(green, caret[blank:])
}

// maxWidth is the widest snippet, in columns of a terminal.
const maxWidth = 100

// snippet returns the line that d points into, without its indentation and with
// its credentials hidden, and a second line that marks the range below it.
func snippet(d diag.Diagnostic, lines Lines) (line, caret string, ok bool) {
	if lines == nil {
		return "", "", false
	}
	pieces, ok := lines.Line(d.File, d.Range.Start.Line)
	if !ok {
		return "", "", false
	}
	var text strings.Builder
	start, end := -1, -1
	for _, p := range pieces {
		if start < 0 && d.Range.Start.Offset < p.End {
			start = width(&text, p, d.Range.Start.Offset)
		}
		if start >= 0 && end < 0 && d.Range.End.Offset <= p.End {
			end = width(&text, p, d.Range.End.Offset)
		}
		text.WriteString(printable(p.Text))
	}
	whole := text.String()
	if start < 0 {
		start = runewidth.StringWidth(whole)
	}
	if end < 0 {
		end = runewidth.StringWidth(strings.TrimRight(whole, " "))
	}
	trimmed := strings.TrimLeft(whole, " ")
	indent := len(whole) - len(trimmed)
	line, caret = crop(trimmed, max(start-indent, 0), max(end-indent, 0))
	return line, caret, strings.TrimSpace(line) != ""
}

// width returns the display column of a byte offset inside piece p, which follows
// what text holds. Inside a hidden piece it is the piece's nearer end.
func width(text *strings.Builder, p schema.Piece, offset int) int {
	before := runewidth.StringWidth(text.String())
	inside := max(offset-p.Start, 0)
	switch {
	case p.Hidden && inside == 0, inside == 0:
		return before
	case p.Hidden && offset < p.End:
		return before
	case p.Hidden, inside >= len(p.Text):
		return before + runewidth.StringWidth(printable(p.Text))
	}
	return before + runewidth.StringWidth(printable(p.Text[:inside]))
}

// crop cuts a long line to a window around the marked columns.
func crop(line string, start, end int) (string, string) {
	from := 0
	if runewidth.StringWidth(line) > maxWidth && start > maxWidth/2 {
		from = start - maxWidth/2
	}
	var b strings.Builder
	column := 0
	for _, r := range line {
		w := runewidth.RuneWidth(r)
		if column >= from && column+w <= from+maxWidth {
			b.WriteRune(r)
		}
		column += w
	}
	start, end = start-from, min(end-from, maxWidth)
	return b.String(), strings.Repeat(" ", start) + "^" + strings.Repeat("~", max(end-start-1, 0))
}

// printable makes text from a file safe to print on a terminal and one line long.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return '\ufffd'
	}, s)
}
