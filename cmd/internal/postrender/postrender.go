// Package postrender is the post-renderer's command line. It stands apart from the
// other commands so that the small binary which Helm starts links nothing else.
package postrender

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Env is what a program is given by whoever starts it.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
}

// streamCollect is how much garbage, in per cent of what is in use, is let gather in
// stream mode. Little memory is its point, and collecting more often costs nothing that
// make bench could measure.
const streamCollect = 50

// valuesVariable names values files for a renderer that is given no flags.
const valuesVariable = "RUNTIME_AUTH_VALUES"

// job is one run of the post-renderer.
type job struct {
	env        Env
	values     *values.Options
	reportFile string
	opts       render.Options

	given bool // values were given, whatever the manifests hold
	// credentials are those that the values give in plaintext, so that they can be
	// hidden in what is shown of the manifests.
	credentials []string
	linter      schema.Linter
	// masks are those of everything that was linted, for the lines in messages.
	masks report.Sources
	found []diag.Diagnostic
}

// Command returns the post-renderer as the command called name.
func Command(name string, env Env) *cobra.Command {
	j := &job{env: env}
	cmd := &cobra.Command{
		Use:   name,
		Short: "Wire the Argo CD credentials into manifests: standard input to standard output",
		Long: "Read the manifests of a Codefresh GitOps Runtime, let every service read the Argo CD credentials that\n" +
			"the values declare, and write everything else as it came. Values come from the flags, else from the\n" +
			"files in " + valuesVariable + ", else from the chart's own hook ConfigMap where it is in the manifests (Helm 4).",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return j.run(cmd.Context(), env.Stdout) },
	}
	j.register(cmd.Flags())
	// Looked for by IsHelm4, because it counts also where the rest does not parse.
	cmd.Flags().Bool("helm4", false, "report failures in the way that Helm 4 shows to its user")
	return cmd
}

func (j *job) register(fs *pflag.FlagSet) {
	j.values = valuesflag.Register(fs)
	fs.StringVar(&j.reportFile, "report", "", "write what was wired where to `file`, as JSON")
	fs.StringArrayVar(&j.opts.AllowMissing, "allow-missing", nil, "accept that `service` is not in the manifests (repeatable)")
	fs.BoolVar(&j.opts.RedactValuesConfig, "redact-values-config", false, "replace the credential in the chart's hook ConfigMap")
	fs.BoolVar(&j.opts.Strict, "strict", false, "refuse manifests that were rendered with other credentials than those given")
	fs.IntVar(&j.opts.MaxDocument, "max-document", stream.DefaultMaxDocument, "largest document that is read, in `bytes`")
	fs.BoolVar(&j.opts.Stream, "stream", false, "use little memory: write while reading, so that the exit code must be looked at")
}

// Main runs the post-renderer by itself and returns its exit code.
func Main(args []string, env Env) int {
	cmd := Command("runtime-auth-post-renderer", env)
	cmd.SetArgs(args)
	cmd.SetErr(env.Stderr)
	// Helm would take a help text on standard output for manifests.
	cmd.SetOut(env.Stderr)
	helped := false
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		helped = true
		fmt.Fprintf(env.Stderr, "%s\n\n%s", cmd.Long, cmd.UsageString())
	})
	e := exit.Execute(context.Background(), cmd)
	if helped {
		e = exit.As(exit.Usagef("help was asked for, so nothing was rendered"))
	}
	if e != nil {
		return Fail(e, IsHelm4(args), env)
	}
	return exit.OK
}

// Fail tells the user about e and returns the exit code. Helm 4 drops what a failing
// post-renderer prints on standard error, and shows only what it cannot take for
// manifests: a document that is a block of text, with exit code 0. To Helm 3 the
// same text would be a success, so it is done only where the Helm 4 manifest of the
// plugin says so (Helm 4.3, pkg/action splitAndDeannotate).
func Fail(e *exit.Error, helm4 bool, env Env) int {
	if e.Silent {
		return e.Code
	}
	text := e.Text()
	if !helm4 {
		_, _ = io.WriteString(env.Stderr, text)
		return e.Code
	}
	if _, err := io.WriteString(env.Stdout, scalarDocument(text)); err != nil {
		return exit.Failed
	}
	return exit.OK
}

// IsHelm4 reports whether args, which may not even parse, come from Helm 4.
func IsHelm4(args []string) bool {
	return slices.Contains(args, "--helm4") || slices.Contains(args, "--helm4=true")
}

// scalarDocument writes text as a YAML document that holds a literal block.
func scalarDocument(text string) string {
	var b strings.Builder
	b.WriteString("--- |\n")
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}

// run does the job and says what is worth knowing.
func (j *job) run(ctx context.Context, out io.Writer) error {
	wired, err := j.reported(ctx, out)
	if err != nil {
		return err
	}
	return j.warn(wired)
}

// reported renders and writes the report, after a failure too. The error carries
// its exit code.
func (j *job) reported(ctx context.Context, out io.Writer) (render.Report, error) {
	wired, err := j.render(ctx, out)
	if reportErr := j.writeReport(wired, err); err == nil {
		err = reportErr
	}
	return wired, err
}

// render reads the values and wires the manifests.
func (j *job) render(ctx context.Context, out io.Writer) (render.Report, error) {
	if err := j.check(); err != nil {
		return render.Report{}, err
	}
	settings, origin, err := j.settings()
	if err != nil {
		return render.Report{Values: origin}, err
	}
	if j.given = settings != nil; j.given {
		j.note(*settings)
	}
	j.opts.StreamValues = j.lintStream
	if j.opts.Stream {
		defer debug.SetGCPercent(debug.SetGCPercent(streamCollect))
	}
	wired, err := render.Run(ctx, settings, j.env.Stdin, out, j.opts)
	if origin != "" {
		wired.Values = origin
	}
	return wired, j.explain(err)
}

func (j *job) check() error {
	if err := j.checkReport(); err != nil {
		return err
	}
	for _, name := range j.opts.AllowMissing {
		if !slices.Contains(render.Services(), name) {
			return exit.Usagef("--allow-missing: unknown service %q, it must be one of %s", name, strings.Join(render.Services(), ", "))
		}
	}
	if j.opts.MaxDocument <= 0 {
		return exit.Usagef("--max-document must be greater than 0")
	}
	if j.opts.Stream && j.values.IsEmpty() && j.env.Getenv(valuesVariable) == "" {
		return &exit.Error{Code: exit.Usage, Err: errors.New("--stream cannot look for values in manifests that it has not read yet"),
			Hint: "give them with -f or --set, or in " + valuesVariable}
	}
	return nil
}

// settings returns what the given values declare, nil where none are given.
func (j *job) settings() (s *schema.Settings, origin string, err error) {
	o, origin := *j.values, "flags"
	if o.IsEmpty() {
		files := j.env.Getenv(valuesVariable)
		if files == "" {
			return nil, "", nil
		}
		o.Files, origin = filepath.SplitList(files), valuesVariable
	}
	result, err := valuesflag.Lint(&j.linter, o, nil, schema.Options{Now: time.Now(), Rendered: true})
	if err != nil {
		return nil, origin, err
	}
	j.found = result.Diagnostics
	j.masks = append(j.masks, result.Masks)
	if slices.ContainsFunc(result.Diagnostics, schema.StopsRender) {
		return nil, origin, j.invalid(errors.New("the values are not fit to wire anything"), result.Diagnostics)
	}
	return &result.Settings, origin, nil
}

// lintStream lints the values that the chart's hook ConfigMap carries.
func (j *job) lintStream(name string, data []byte) (schema.Settings, []diag.Diagnostic) {
	result, err := j.linter.LintFile(name, data, schema.Options{Now: time.Now(), Rendered: true})
	if err != nil {
		result.Diagnostics = append(result.Diagnostics, diag.Diagnostic{Severity: diag.Error, Rule: "yaml-syntax", File: name, Message: err.Error()})
	}
	if result.Masks != nil {
		j.masks = append(j.masks, result.Masks)
	}
	if !j.given { // else the given values are what counts
		j.found = append(j.found, result.Diagnostics...)
	}
	j.note(result.Settings)
	return result.Settings, result.Diagnostics
}

func (j *job) note(s schema.Settings) {
	if s.Auth.IsPlaintext() {
		j.credentials = append(j.credentials, s.Auth.Plaintext.Reveal())
	}
}

// explain gives an error of the renderer its exit code and its findings.
func (j *job) explain(err error) error {
	if err == nil {
		return nil
	}
	var e *render.Error
	if !errors.As(err, &e) {
		return exit.Failedf("%w", err)
	}
	out := &exit.Error{Code: exit.Failed, Err: err, Hint: e.Hint}
	if e.Kind == render.ValuesError {
		out.Code = exit.Findings
	}
	out.Details = j.text(e.Diagnostics)
	return out
}

func (j *job) invalid(err error, ds []diag.Diagnostic) error {
	return &exit.Error{Code: exit.Findings, Err: err, Details: j.text(ds)}
}

func (j *job) text(ds []diag.Diagnostic) string {
	var b strings.Builder
	_ = report.Text{W: &b}.Print(ds, j.masks) // a Builder takes everything
	return b.String()
}

// warn prints what is worth knowing about a run that went well.
func (j *job) warn(wired render.Report) error {
	ds := append(slices.Clone(j.found), wired.Warnings...)
	return report.Text{W: j.env.Stderr}.Print(diag.Sort(ds), j.masks)
}
