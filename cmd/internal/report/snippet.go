package report

import (
	"math"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
)

// maxWidth is the widest snippet, in columns of a terminal.
const maxWidth = 100

// snippet returns the line that d points into, without its indentation and with
// its credentials hidden, and what marks the range below it, with its indentation.
func snippet(d diag.Diagnostic, lines Lines) (line string, indent int, caret string, ok bool) {
	pieces, ok := lines.Line(d.File, d.Range.Start.Line)
	if !ok {
		return "", 0, "", false
	}
	whole := upTo(pieces, math.MaxInt)
	start, end := columns(upTo(pieces, d.Range.Start.Offset)), columns(upTo(pieces, d.Range.End.Offset))
	if len(pieces) > 0 && d.Range.End.Offset > pieces[len(pieces)-1].End { // it ends on another line
		end = columns(strings.TrimRight(whole, " "))
	}
	trimmed := strings.TrimLeft(whole, " ")
	cut := len(whole) - len(trimmed)
	line, start, end = crop(trimmed, max(start-cut, 0), max(end-cut, 0))
	return line, start, "^" + strings.Repeat("~", max(end-start-1, 0)), strings.TrimSpace(line) != ""
}

// upTo returns what is shown of the pieces before a byte offset. Of a hidden piece that is
// all or nothing.
func upTo(pieces []mask.Piece, offset int) string {
	var b strings.Builder
	for _, p := range pieces {
		text := p.Text
		switch inside := max(offset-p.Start, 0); {
		case p.Hidden && offset < p.End:
			text = ""
		case !p.Hidden && inside < len(text):
			text = text[:inside]
		}
		b.WriteString(printable.Line(text))
	}
	return b.String()
}

// crop cuts a long line to a window around the marked columns, and returns where they are
// in it.
func crop(line string, start, end int) (string, int, int) {
	c := terminal()
	from := 0
	if c.StringWidth(line) > maxWidth && start > maxWidth/2 {
		from = start - maxWidth/2
	}
	if from > 0 { // half of a wide character becomes a space
		line = c.TruncateLeft(line, from, "")
	}
	return c.Truncate(line, maxWidth, ""), start - from, min(end-from, maxWidth)
}

// columns returns how many columns of a terminal s takes.
func columns(s string) int { return terminal().StringWidth(s) }

// terminal measures text. Unlike the functions of the package, it does not look at
// the environment: characters of ambiguous width are narrow, as almost every
// terminal shows them, and what is printed is the same everywhere.
func terminal() *runewidth.Condition {
	return &runewidth.Condition{StrictEmojiNeutral: true}
}
