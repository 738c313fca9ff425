// Package job is what all commands that wire manifests have in common: values become
// settings, and settings wired manifests. Why it may not be is said in one way.
package job

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// ValuesVariable names values files for a renderer that is given no flags.
const ValuesVariable = "RUNTIME_AUTH_VALUES"

// Job is one run over a stream of manifests. Register it with the flags of a command.
type Job struct {
	program.Env
	Values *values.Options
	Chart  chart.Flags
	Render render.Options

	// Given are the values that were given, nil if none were. Found is what lint says of
	// the values that count.
	Given *values.Values
	Found []diag.Diagnostic

	given  bool // values that declare something were given
	linter schema.Linter
	masks  report.Sources // of everything that was linted, for the lines in messages
}

// RegisterValues defines the flags that say what the values are.
func (j *Job) RegisterValues(fs *pflag.FlagSet) {
	j.Values, j.Render.MaxDocument = valuesflag.Register(fs), stream.DefaultMaxDocument
	fs.BoolVar(&j.Render.OverrideStreamValues, "override-stream-values", false, "let the given values beat those that helm rendered the manifests with")
	fs.StringArrayVar(&j.Render.AllowMissing, "allow-missing", nil, "accept that `service` is not in the manifests (repeatable)")
	complete.Words(fs, "allow-missing", render.Services()...)
}

// Register defines the flags of a post-renderer.
func (j *Job) Register(fs *pflag.FlagSet) {
	j.RegisterValues(fs)
	fs.StringVar(&j.Chart.Path, "chart", "", "take the values of this `chart` (folder or archive) into account, beneath those given")
	fs.BoolVar(&j.Render.RedactValuesConfig, "redact-values-config", false, "replace the credential in the chart's hook ConfigMap")
	fs.IntVar(&j.Render.MaxDocument, "max-document", stream.DefaultMaxDocument, "largest document that is read, in `bytes`")
}

// Check looks at the command line before anything is read.
func (j *Job) Check() error {
	for _, name := range j.Render.AllowMissing {
		if !slices.Contains(render.Services(), name) {
			return exit.Usagef("--allow-missing: unknown service %q, it must be one of %s", name, strings.Join(render.Services(), ", "))
		}
	}
	if j.Render.MaxDocument <= 0 {
		return exit.Usagef("--max-document must be greater than 0")
	}
	return nil
}

// CheckTarget returns an error that says why a file must not be written: it is one of the
// streams, or the values are read from it.
func (j *Job) CheckTarget(path string) error {
	inputs := append(valuesflag.Files(*j.Values), filepath.SplitList(j.Getenv(ValuesVariable))...)
	inputs = append(inputs, j.Chart.Path) // "" leads nowhere
	return rewrite.CheckTarget(path, rewrite.Streams{In: j.Stdin, Out: j.Stdout, Err: j.Stderr}, inputs)
}

// Run wires manifests. Errors carry their exit code; nothing was written then, unless it
// is one of writing.
func (j *Job) Run(ctx context.Context, in io.Reader, out io.Writer) (render.Report, error) {
	if err := j.Check(); err != nil {
		return render.Report{}, err
	}
	settings, origin, err := j.settings()
	if err != nil {
		return render.Report{Values: origin}, err
	}
	j.given = settings != nil && settings.Declared
	j.Render.Now = time.Now()
	wired, err := render.Run(ctx, settings, in, out, j.Render)
	for _, linted := range wired.Linted {
		if linted.Masks != nil {
			j.masks = append(j.masks, linted.Masks)
		}
		if !j.given { // else the given values are what counts
			j.Found = append(j.Found, linted.Diagnostics...)
		}
	}
	if j.given {
		wired.Values = origin
		for i := range wired.Runtimes {
			wired.Runtimes[i].Values = origin
		}
	}
	return wired, j.explain(err)
}

// GivenValues returns where the values are from: the flags, else the files in
// RUNTIME_AUTH_VALUES. origin is "" where none are given.
func (j *Job) GivenValues() (o values.Options, origin string) {
	files := j.Getenv(ValuesVariable)
	switch {
	case !j.Values.IsEmpty():
		return *j.Values, "flags"
	case files != "":
		return values.Options{Files: filepath.SplitList(files)}, ValuesVariable
	case j.Chart.Path != "":
		return o, "chart"
	}
	return o, ""
}

// settings returns what the given values declare, nil where none are given.
func (j *Job) settings() (*auth.Settings, string, error) {
	o, origin := j.GivenValues()
	if origin == "" {
		return nil, "", nil
	}
	opts := schema.Options{Now: time.Now(), Rendered: true}
	if err := j.Chart.Apply(&opts, j.Stderr); err != nil {
		return nil, origin, err
	}
	given, result, err := valuesflag.Lint(&j.linter, o, valuesflag.From(nil), opts)
	if err != nil {
		return nil, origin, err
	}
	j.Given, j.Found = given, result.Diagnostics
	j.masks = append(j.masks, result.Masks)
	if slices.ContainsFunc(result.Diagnostics, schema.StopsRender) {
		return nil, origin, &exit.Error{Code: exit.Findings, Err: errors.New("cannot wire: the values have errors"), Details: j.text(result.Diagnostics)}
	}
	settings, unclear := result.Only()
	if unclear != "" {
		return nil, origin, exit.Hinted(exit.Findings, "give the values as helm gets them, for one Runtime; --chart tells which of several is switched off",
			"cannot wire: %s", unclear)
	}
	return &settings, origin, nil
}

// explain gives an error of the renderer its exit code and its findings.
func (j *Job) explain(err error) error {
	e, ok := errors.AsType[*render.Error](err)
	if !ok {
		return err
	}
	out := &exit.Error{Code: exit.Failed, Err: err, Hint: e.Hint, Details: j.text(e.Diagnostics)}
	if e.Kind == render.ValuesError {
		out.Code = exit.Findings
	}
	return out
}

func (j *Job) text(ds []diag.Diagnostic) string {
	var b strings.Builder
	_ = report.Text{W: &b}.Print(ds, j.masks) // a Builder takes everything
	return b.String()
}

// Warn prints what is worth knowing about a run that went well.
func (j *Job) Warn(wired render.Report) error {
	ds := append(slices.Clone(j.Found), wired.Warnings...)
	if err := (report.Text{W: j.Stderr}).Print(diag.Sort(ds), j.masks); err != nil {
		return exit.Failedf("cannot write to standard error: %w", err)
	}
	return nil
}
