//go:build cluster

package checkreport

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// textFormat prints reports for people.
type textFormat struct {
	w     io.Writer
	color bool
	brief bool
	any   bool
}

// report prints a heading and a line for every result, with what to do below it.
func (f *textFormat) report(r preflight.Report) error {
	w := bufio.NewWriter(f.w)
	var s Summary
	s.add(r)
	heading := heading(r)
	if f.brief && s.Failed+s.Warnings == 0 {
		fmt.Fprintf(w, "%s: %s\n", heading, s)
		return w.Flush()
	}
	if f.any && !f.brief {
		fmt.Fprintln(w)
	}
	f.any = true
	fmt.Fprintln(w, f.paint("1", heading))
	for _, result := range r.Results {
		if f.brief && result.Status != preflight.Failed && result.Status != preflight.Warning {
			continue
		}
		f.result(w, result)
	}
	return w.Flush()
}

func heading(r preflight.Report) string {
	s := "namespace " + printable.Line(r.Namespace)
	if r.Release != "" {
		s += ", release " + printable.Line(r.Release)
	}
	return s
}

func (f *textFormat) result(w io.Writer, r preflight.Result) {
	status := fmt.Sprintf("%-7s", r.Status)
	fmt.Fprintf(w, "  %s  %-16s  %s\n", f.paint(statusColor(r.Status), status), r.ID, printable.Line(r.Seen))
	if r.Advice != "" {
		fmt.Fprintf(w, "  %-7s  %-16s  hint: %s\n", "", "", printable.Line(r.Advice))
	}
}

// finish prints the sum.
func (f *textFormat) finish(s Summary) error {
	text := s.String()
	if f.brief {
		noun := "Runtimes"
		if s.Runtimes == 1 {
			noun = "Runtime"
		}
		text = fmt.Sprintf("%d %s: %s", s.Runtimes, noun, text)
		if s.Runtimes == 0 {
			text = "no Runtime is deployed"
		}
	}
	_, err := fmt.Fprintln(f.w, text)
	return err
}

// String returns "11 ok, 1 failed, 2 skipped", without what there is none of.
func (s Summary) String() string {
	var parts []string
	for _, c := range []struct {
		n    int
		one  string
		many string
	}{{s.OK, "ok", "ok"}, {s.Warnings, "warning", "warnings"}, {s.Failed, "failed", "failed"}, {s.Skipped, "skipped", "skipped"}} {
		switch c.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+c.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.many))
		}
	}
	return strings.Join(parts, ", ")
}

func (f *textFormat) paint(color, s string) string {
	if !f.color || color == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

func statusColor(s preflight.Status) string {
	switch s {
	case preflight.OK:
		return "32"
	case preflight.Warning:
		return "1;33"
	case preflight.Failed:
		return "1;31"
	}
	return ""
}
