//go:build cluster

// Package checkreport prints what the preflight checks found: one file per format.
package checkreport

import (
	"io"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// Formats returns the names of the formats.
func Formats() []string { return []string{"text", "json", "junit"} }

// format writes reports one after the other.
type format interface {
	report(r preflight.Report) error
	finish(s Summary) error
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

// Printer writes reports as they come, and holds none of them.
type Printer struct {
	format  format
	summary Summary
}

// New returns a printer for one of Formats. color is for text alone; brief lets text
// leave out what is right, for many Runtimes.
func New(name string, w io.Writer, color, brief bool) *Printer {
	switch name {
	case "json":
		return &Printer{format: &jsonFormat{w: w}}
	case "junit":
		return &Printer{format: &junitFormat{w: w}}
	}
	return &Printer{format: &textFormat{w: w, color: color, brief: brief}}
}

// Report prints one report. The error is that of the writer.
func (p *Printer) Report(r preflight.Report) error {
	p.summary.add(r)
	return p.format.report(r)
}

// Finish prints what comes last. The error is that of the writer.
func (p *Printer) Finish() error { return p.format.finish(p.summary) }

// Failed returns how many checks have failed so far.
func (p *Printer) Failed() int { return p.summary.Failed }

// Warnings returns how many checks have given a warning so far.
func (p *Printer) Warnings() int { return p.summary.Warnings }
