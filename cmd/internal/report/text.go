// Package report prints findings and plans: one file per format.
package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
)

// Lines returns a line of a linted source, cut into what may be shown and what
// may not; *mask.Masks does.
type Lines interface {
	Line(file string, number int) (pieces []mask.Piece, ok bool)
}

// Sources finds a line in whichever of several results has it.
type Sources []*mask.Masks

// Line implements Lines.
func (s Sources) Line(file string, number int) ([]mask.Piece, bool) {
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
	// FixBy is the command that applies the fixes of the findings; "" where none can.
	FixBy string
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
	if at := place(d.File, d.Range); at != "" {
		fmt.Fprintf(w, "%s ", printable.Painted(t.Color, bold, at+":"))
	}
	fmt.Fprintf(w, "%s %s [%s]\n", printable.Painted(t.Color, lookOf(d.Severity).color, d.Severity.String()+":"), printable.Line(d.Message), d.Rule)
	if line, indent, caret, ok := snippet(d, lines); ok {
		fmt.Fprintf(w, "    %s\n    %*s%s\n", line, indent, "", printable.Painted(t.Color, green, caret))
	}
	for _, r := range d.Related {
		at := place(r.File, r.Range)
		if at != "" {
			at += ": "
		}
		fmt.Fprintf(w, "  note: %s%s\n", at, printable.Line(r.Message))
	}
	hint := d.Hint
	if t.FixBy != "" && len(d.Fix) > 0 {
		hint = strings.TrimSpace(hint + " (" + t.FixBy + ")")
	}
	if hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", printable.Line(hint))
	}
}

// place returns "file:line:column", the file alone where all of it is meant, "" where
// there is none.
func place(file string, r diag.Range) string {
	if r.Start.Line == 0 || file == "" {
		return printable.Line(file)
	}
	return fmt.Sprintf("%s:%d:%d", printable.Line(file), r.Start.Line, r.Start.Column)
}

// look is how a severity is shown: its colour, GitHub's command and SARIF's level.
type look struct{ color, command, level string }

func lookOf(s diag.Severity) look {
	switch s {
	case diag.Error:
		return look{red, "error", "error"}
	case diag.Warning:
		return look{yellow, "warning", "warning"}
	}
	return look{blue, "notice", "note"}
}
