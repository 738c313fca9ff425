package report

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// maxAnnotations is how many annotations of one kind GitHub keeps of a step. We stop
// there for all kinds together: who sees ten goes to the log for the rest anyway.
const maxAnnotations = 10

// GitHub prints findings as annotations of a GitHub Actions run: one for each of the most
// serious findings, otherwise in their order, and a line that counts all of them. Where
// there are none it writes nothing. The error is that of the writer.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func GitHub(to io.Writer, l Lint) error {
	if len(l.Findings) == 0 {
		return nil
	}
	sorted := slices.Clone(l.Findings)
	slices.SortStableFunc(sorted, func(a, b diag.Diagnostic) int { return int(a.Severity) - int(b.Severity) })
	w := bufio.NewWriter(to)
	for _, d := range sorted[:min(len(sorted), maxAnnotations)] {
		annotate(w, d)
	}
	w.WriteString(counted(sorted).String())
	if more := len(sorted) - maxAnnotations; more > 0 {
		fmt.Fprintf(w, "; %d of them annotated, %d left out: run helm runtime-auth lint to see them all", maxAnnotations, more)
	}
	w.WriteByte('\n')
	return w.Flush()
}

// annotate writes one workflow command. A command ends with its line, so nothing
// that is escaped can start another one.
func annotate(w *bufio.Writer, d diag.Diagnostic) {
	fmt.Fprintf(w, "::%s ", lookOf(d.Severity).command)
	message := withHint(d)
	if isFile(d.File) {
		fmt.Fprintf(w, "file=%s,", escapeProperty(slashed(d.File, filepath.Separator)))
		writeLines(w, d.Range)
	} else if d.File != "" {
		message = place(d.File, d.Range) + ": " + message
	}
	fmt.Fprintf(w, "title=%s::%s\n", escapeProperty(d.Rule), escapeData(message))
}

// writeLines writes the place in the file. The ends of an annotation are inclusive,
// and it may have columns only where it is on one line.
func writeLines(w *bufio.Writer, r diag.Range) {
	if r.Start.Line < 1 {
		return
	}
	end := max(r.End.Line, r.Start.Line)
	if end > r.Start.Line && r.End.Column <= 1 { // it ends with the line before
		end--
	}
	fmt.Fprintf(w, "line=%d,endLine=%d,", r.Start.Line, end)
	if end > r.Start.Line {
		return
	}
	fmt.Fprintf(w, "col=%d,", max(r.Start.Column, 1))
	if r.End.Line == end {
		fmt.Fprintf(w, "endColumn=%d,", max(r.End.Column-1, r.Start.Column, 1))
	}
}

// escapeData escapes the message of a command as actions/toolkit does. Line breaks
// survive; other control characters would only confuse the log.
func escapeData(s string) string {
	return printable.Line(strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s))
}

// escapeProperty escapes the value of a property.
func escapeProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escapeData(s))
}
