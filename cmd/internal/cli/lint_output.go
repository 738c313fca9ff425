package cli

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// output takes results file by file, in the order of their names. Text is printed at
// once, so that a long run needs no more memory than a short one; the other formats are
// one document at the end.
type output struct {
	text   report.Text
	isText bool
	search

	errors   int
	warnings int
	oldPlace int // how many blocks stand where charts up to 0.25 read them
	// releasesElsewhere is set if a release has a finding in another file.
	releasesElsewhere bool

	findings []diag.Diagnostic
	// shared holds findings in files that belong to the whole run, such as the
	// chart's defaults: each linted file comes up with the same ones.
	shared []diag.Diagnostic
	masks  report.Sources
}

// take is for one release in the file called name: it prints the findings in that file and
// keeps those in others for the end. The error is that of the writer.
func (o *output) take(name string, r fleet.Release) error {
	if r.Version == nil || r.Chart != auth.ChartName {
		o.countPlace(r.Result.Result)
	}
	var lines report.Lines = r.Lines
	if r.IsValuesFile() {
		lines = report.Sources{r.Masks}
		if r.Encrypted {
			o.note(name, "is encrypted with SOPS: only its keys were checked")
		}
	}
	var own []diag.Diagnostic
	for _, d := range r.Diagnostics {
		if d.File == name {
			own = append(own, d)
		} else {
			o.shared = append(o.shared, d)
		}
	}
	if len(own) < len(r.Diagnostics) {
		o.releasesElsewhere = o.releasesElsewhere || !r.IsValuesFile()
		o.shared = diag.Sort(o.shared)
		if len(o.masks) == 0 {
			o.masks = append(o.masks, r.Masks)
		}
	}
	text := o.text
	if name == input.Stdin {
		text.FixBy = "" // there is no file to fix
	}
	return o.print(text, own, lines)
}

// takeShared is for the result of a file that belongs to the whole run.
func (o *output) takeShared(r schema.Result) {
	o.shared = append(o.shared, r.Diagnostics...)
	o.masks = append(o.masks, r.Masks)
}

// canFixShared reports whether a finding in that file, which belongs to the whole run, has a fix.
func (o *output) canFixShared(file string) bool {
	return slices.ContainsFunc(o.shared, func(d diag.Diagnostic) bool { return d.File == file && len(d.Fix) > 0 })
}

// replaceShared puts the findings of r in the place of those in the given file.
func (o *output) replaceShared(file string, r schema.Result) {
	o.shared = slices.DeleteFunc(o.shared, func(d diag.Diagnostic) bool { return d.File == file })
	o.shared = append(o.shared, r.Diagnostics...)
	if r.Masks != nil {
		o.masks = append(report.Sources{r.Masks}, o.masks...)
	}
}

// takeMerged is for the one result of merged values.
func (o *output) takeMerged(files int, r schema.Result) error {
	o.files = files
	o.countPlace(r)
	return o.print(o.text, r.Diagnostics, report.Sources{r.Masks})
}

func (o *output) countPlace(r schema.Result) {
	if r.Block == auth.OldBlockPath && !diag.HasErrors(r.Diagnostics) {
		o.oldPlace++
	}
}

func (o *output) print(text report.Text, ds []diag.Diagnostic, lines report.Lines) error {
	for _, d := range ds {
		switch d.Severity {
		case diag.Error:
			o.errors++
		case diag.Warning:
			o.warnings++
		}
	}
	if o.isText {
		return text.Print(ds, lines)
	}
	o.findings = append(o.findings, ds...)
	return nil
}

// finish prints what is left to be printed.
func (o *output) finish(whole func(report.Lint) error) error {
	if err := o.print(o.text, o.shared, o.masks); err != nil || o.isText {
		return err
	}
	return whole(report.Lint{Findings: diag.Sort(o.findings), Files: o.files, Version: version(), Rules: schema.Rules()})
}
