package cli

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

func isFormat(name string) bool {
	return slices.Contains([]string{"text", "json", "sarif", "github"}, name)
}

// output takes results file by file, in the order of their names, and writes them
// in one of the formats. Text is written at once, so that a long run needs no more
// memory than a short one; the other formats are one document.
type output struct {
	format string
	env    Env
	text   report.Text

	files    int
	errors   int
	warnings int
	oldPlace int // how many blocks stand where charts up to 0.25 read them
	// search is for the summary, which only a run has that searches for Runtimes.
	search    search
	summary   bool
	elsewhere notes
	// manifestsElsewhere is set if a release has a finding in another file.
	manifestsElsewhere bool

	findings []diag.Diagnostic
	// shared holds findings in files that belong to the whole run, such as the
	// chart's defaults: each linted file comes up with the same ones.
	shared []diag.Diagnostic
	masks  report.Sources
}

func newOutput(format string, env Env, color bool) output {
	return output{format: format, env: env, text: report.Text{W: env.Stdout, Color: color}}
}

// take is for the result of one file, by the name that its findings carry. The error is that of the writer.
func (o *output) take(name string, r schema.Result) error {
	o.note(r)
	if r.Encrypted {
		o.elsewhere.add("is encrypted with SOPS: only its keys were checked", name)
	}
	return o.takeFrom(name, r, report.Sources{r.Masks})
}

// takeFrom prints the findings in one file and keeps those in others for the end.
func (o *output) takeFrom(name string, r schema.Result, lines report.Lines) error {
	var own []diag.Diagnostic
	for _, d := range r.Diagnostics {
		if d.File == name {
			own = append(own, d)
		} else {
			o.shared = append(o.shared, d)
		}
	}
	if len(own) < len(r.Diagnostics) {
		o.shared = diag.Sort(o.shared)
		if len(o.masks) == 0 {
			o.masks = append(o.masks, r.Masks)
		}
	}
	text := o.text
	if name == shownName("-") {
		o.text.FixBy = "" // there is no file to mend
	}
	err := o.print(own, lines)
	o.text = text
	return err
}

// takeShared is for the result of a file that belongs to the whole run.
func (o *output) takeShared(r schema.Result) {
	o.shared = append(o.shared, r.Diagnostics...)
	o.masks = append(o.masks, r.Masks)
}

// canMend reports whether a finding in that file, which belongs to the whole run, has a fix.
func (o *output) canMend(file string) bool {
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
	o.note(r)
	return o.print(r.Diagnostics, report.Sources{r.Masks})
}

func (o *output) note(r schema.Result) {
	if r.Block == schema.OldBlockPath && !diag.HasErrors(r.Diagnostics) {
		o.oldPlace++
	}
}

func (o *output) print(ds []diag.Diagnostic, lines report.Lines) error {
	for _, d := range ds {
		switch d.Severity {
		case diag.Error:
			o.errors++
		case diag.Warning:
			o.warnings++
		}
	}
	if o.format != "text" {
		o.findings = append(o.findings, ds...)
		return nil
	}
	return o.text.Print(ds, lines)
}

// finish writes what is left to be written.
func (o *output) finish() error {
	if err := o.print(o.shared, o.masks); err != nil {
		return err
	}
	o.findings = diag.Sort(o.findings)
	switch o.format {
	case "json":
		return report.JSON(o.env.Stdout, o.findings, o.files)
	case "sarif":
		return report.SARIF{W: o.env.Stdout, Version: version(), Rules: schema.Rules()}.Print(o.findings)
	case "github":
		return report.GitHub{W: o.env.Stdout}.Print(o.findings)
	}
	return nil
}
