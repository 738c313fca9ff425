//go:build cluster

// Package checkreport prints what the preflight checks found: one file per format.
package checkreport

import (
	"io"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// layout is how reports are written one after the other: what comes first, each report,
// and what comes last. No report is the first where there are none.
type layout struct {
	begin  string
	report func(r preflight.Report, isFirst bool) (string, error)
	end    func(s Summary) (string, error)
}

// Formats are the formats of check, for New.
func Formats() format.Formats[func(color, brief bool) layout] {
	return format.Formats[func(color, brief bool) layout]{
		{Name: "text", Print: func(color, brief bool) layout { return text{color, brief}.layout() }},
		{Name: "json", Print: func(bool, bool) layout { return jsonLayout() }},
		{Name: "junit", Print: func(bool, bool) layout { return junit() }},
		{Name: "prometheus", Print: func(bool, bool) layout { return prometheus() }},
	}
}

// Summary counts Runtimes, and results by their status.
type Summary struct {
	Runtimes int `json:"runtimes"`
	OK       int `json:"ok"`
	Warnings int `json:"warnings"`
	Failed   int `json:"failed"`
	Skipped  int `json:"skipped"`
}

func (s *Summary) add(r preflight.Report) {
	s.Runtimes++
	s.OK += r.Count(preflight.OK)
	s.Warnings += r.Count(preflight.Warning)
	s.Failed += r.Count(preflight.Failed)
	s.Skipped += r.Count(preflight.Skipped)
}

// String returns "11 ok, 1 failed, 2 skipped", without what there is none of.
func (s Summary) String() string {
	return count.List(count.Are(s.OK, "ok"), count.Some(s.Warnings, "warning"),
		count.Are(s.Failed, "failed"), count.Are(s.Skipped, "skipped"))
}

// Printer writes reports as they come, and holds none of them.
type Printer struct {
	// Summary is of the reports so far.
	Summary Summary

	w      io.Writer
	layout layout
}

// New returns a printer for one of Formats. color is for text alone; brief lets text
// leave out what is right, for many Runtimes.
func New(name string, w io.Writer, color, brief bool) *Printer {
	p := &Printer{w: w}
	if of, err := Formats().Named(name); err == nil {
		p.layout = of(color, brief)
	}
	return p
}

// Report prints one report. The error is that of the writer.
func (p *Printer) Report(r preflight.Report) error {
	p.Summary.add(r)
	text, err := p.layout.report(r, p.Summary.Runtimes == 1)
	return p.write(text, err)
}

// Finish prints what comes last. The error is that of the writer.
func (p *Printer) Finish() error { return p.write(p.layout.end(p.Summary)) }

func (p *Printer) write(text string, err error) error {
	if err == nil {
		_, err = io.WriteString(p.w, p.layout.begin+text)
		p.layout.begin = ""
	}
	return err
}
