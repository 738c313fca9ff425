//go:build cluster

package checkreport

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// text prints reports for people.
type text struct{ color, brief bool }

func (t text) layout() layout { return layout{report: t.report, end: t.end} }

// report prints a heading and a line for every result, with what to do below it.
func (t text) report(r preflight.Report, isFirst bool) (string, error) {
	var s Summary
	s.add(r)
	if t.brief && s.Failed+s.Warnings == 0 {
		return fmt.Sprintf("%s: %s\n", heading(r), s), nil
	}
	var b strings.Builder
	if !isFirst && !t.brief {
		b.WriteByte('\n')
	}
	b.WriteString(printable.Painted(t.color, "1", heading(r)) + "\n")
	colors := map[preflight.Status]string{preflight.OK: "32", preflight.Warning: "1;33", preflight.Failed: "1;31"}
	for _, result := range r.Results {
		if t.brief && result.Status != preflight.Failed && result.Status != preflight.Warning {
			continue
		}
		status := printable.Painted(t.color, colors[result.Status], fmt.Sprintf("%-7s", result.Status))
		fmt.Fprintf(&b, "  %s  %-16s  %s\n", status, result.ID, printable.Line(result.Seen))
		if result.Advice != "" {
			fmt.Fprintf(&b, "  %-7s  %-16s  hint: %s\n", "", "", printable.Line(result.Advice))
		}
	}
	return b.String(), nil
}

func heading(r preflight.Report) string {
	s := "namespace " + printable.Line(r.Namespace)
	if r.Release != "" {
		s += ", release " + printable.Line(r.Release)
	}
	if r.Source != "" {
		s += ", " + printable.Line(r.Source)
	}
	return s
}

// end prints the sum.
func (t text) end(s Summary) (string, error) {
	switch {
	case !t.brief:
		return s.String() + "\n", nil
	case s.Runtimes == 0:
		return "no Runtime is deployed\n", nil
	}
	return fmt.Sprintf("%s: %s\n", count.Of(s.Runtimes, "Runtime"), s), nil
}
