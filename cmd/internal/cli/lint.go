package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/color"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// lint is one run of the command.
type lint struct {
	env     Env
	merged  *values.Options
	chart   chart.Flags
	argoCD  string
	format  string
	fix     bool
	diff    bool
	strict  bool
	noColor bool
	// onlyRuntimes has named files treated as those found in folders.
	onlyRuntimes bool

	linter schema.Linter
	opts   schema.Options
	out    output
	// files are those to be linted, by name; names are their names in order.
	files map[string]fleet.File
	names []string
	// valuesFiles are those that were found to be values files.
	valuesFiles []string
}

func lintCommand(env Env) *cobra.Command {
	l := &lint{env: env}
	cmd := &cobra.Command{
		Use:   "lint [FILE|DIR|-]...",
		Short: "Check the auth block in values files and GitOps manifests",
		Long: "Check the auth block in values files: each FILE by itself, standard input for -. A DIR is searched for files\n" +
			"that hold a Runtime's values, whatever they are called; all others are left alone. Values in manifests (Flux\n" +
			"HelmReleases, Argo CD Applications and ApplicationSets, and the forms of kustomize, k3s, helmfile, Fleet and\n" +
			"Crossplane) are checked where they are. What holds values in another form is named as not read.\n" +
			"With -f and --set, the merged values are checked, as Helm would see them, and each finding is reported at the\n" +
			"file or flag that had the last word.",
		RunE: func(_ *cobra.Command, args []string) error { return l.run(args) },
	}
	fs := cmd.Flags()
	l.merged = valuesflag.Register(fs)
	l.chart.Register(fs)
	fs.StringVar(&l.argoCD, "argo-cd", "", "check the account in Argo CD's own configuration: values of the argo-cd chart, or the ConfigMap argocd-cm, in this `file`")
	fs.StringVar(&l.format, "format", "text", "output `format`: text, json, sarif or github")
	fs.BoolVar(&l.fix, "fix", false, "apply unambiguous fixes")
	fs.BoolVar(&l.diff, "diff", false, "show what --fix would change, or has changed")
	fs.BoolVar(&l.strict, "strict", false, "exit with 1 on warnings too, on values that are not read, and if a DIR has no auth block")
	fs.BoolVar(&l.onlyRuntimes, "only-runtimes", false, "pass over each FILE that holds no Runtime's values, as in a DIR")
	fs.BoolVar(&l.noColor, "no-color", false, "never use colours")
	return cmd
}

func (l *lint) run(args []string) error {
	if err := l.checkFlags(args); err != nil {
		return err
	}
	l.out = newOutput(l.format, l.env, color.Enabled(l.env.Stdout, l.env.Getenv, l.noColor))
	l.out.text.FixBy = l.fixCommand()
	if err := l.prepare(); err != nil {
		return err
	}
	var failed []error
	var argoCD *mended
	if l.merged.IsEmpty() {
		var names []string
		names, failed = l.expand(args)
		failed = append(failed, l.each(names)...)
		// What a release has against Argo CD's configuration is not looked for again
		// while that is mended, so it would seem to be gone.
		if !l.out.manifestsElsewhere {
			var err error
			if argoCD, err = l.mendArgoCD(l.valuesFiles); err != nil {
				failed = append(failed, err)
			}
		}
	} else if err := l.mergedValues(); err != nil {
		return err
	}
	if err := l.out.finish(); err != nil {
		return exit.Failedf("cannot write the findings: %w", err)
	}
	if err := l.apply(l.argoCD, argoCD); err != nil {
		failed = append(failed, err)
	}
	return l.outcome(failed)
}

// outcome is how the run ends, once everything is printed.
func (l *lint) outcome(failed []error) error {
	l.oldPlaceHint()
	l.out.summarize()
	if len(failed) > 0 {
		return &exit.Error{Code: exit.Failed, Err: errors.Join(failed...)}
	}
	if l.out.errors > 0 || l.strict && l.out.warnings > 0 {
		return exit.Silently(exit.Findings)
	}
	if l.strict {
		return l.out.search.missing()
	}
	return nil
}

// checkFlags looks at the command line before anything is read.
func (l *lint) checkFlags(args []string) error {
	merged := !l.merged.IsEmpty()
	switch {
	case len(args) == 0 && !merged:
		return &exit.Error{Code: exit.Usage, Err: errors.New("nothing to lint"),
			Hint: "name values files or folders, - for standard input, or merge values with -f and --set"}
	case len(args) > 0 && merged:
		return &exit.Error{Code: exit.Usage, Err: errors.New("files as arguments are linted each by itself, -f and --set merged: not both at once"),
			Hint: "put -f in front of every file to lint them merged"}
	case l.onlyRuntimes && merged:
		return exit.Usagef("--only-runtimes is about files as arguments, not about merged values")
	case !isFormat(l.format):
		return exit.Usagef("unknown format %q, it must be text, json, sarif or github", l.format)
	case (l.fix || l.diff) && merged:
		return &exit.Error{Code: exit.Usage, Err: errors.New("--fix and --diff work on files by themselves, not on merged values"),
			Hint: "name the files as arguments, without -f"}
	case l.argoCD == "-" && (slices.Contains(args, "-") || slices.Contains(l.merged.Files, "-")):
		return exit.Usagef("standard input can be the values or Argo CD's configuration, not both")
	case l.fix && (l.argoCD == "-" || slices.Contains(args, "-")):
		return &exit.Error{Code: exit.Usage, Err: errors.New("standard input cannot be fixed in place"), Hint: "--diff shows what would be changed"}
	case l.diff && l.format != "text":
		return exit.Usagef("--diff is for people: it goes with --format text alone")
	}
	return nil
}

// fixCommand is what findings that can be mended point to, "" where nothing can be.
func (l *lint) fixCommand() string {
	if !l.merged.IsEmpty() {
		return ""
	}
	command := "helm runtime-auth lint --fix"
	for _, flag := range [][2]string{{"--chart-version", l.chart.Version}, {"--chart", l.chart.Path}, {"--argo-cd", l.argoCD}} {
		if flag[1] != "" {
			value := flag[1]
			if strings.ContainsAny(value, " \t'\"$&;|<>()*?") {
				value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'" // for a shell
			}
			command += " " + flag[0] + " " + value
		}
	}
	return command
}

// prepare reads what the flags name beside the values.
func (l *lint) prepare() error {
	l.opts.Now = time.Now()
	if err := l.chart.Apply(&l.opts, l.env.Stderr); err != nil {
		return err
	}
	return l.readArgoCD()
}

// readArgoCD reads Argo CD's own configuration.
func (l *lint) readArgoCD() error {
	if l.argoCD == "" {
		return nil
	}
	data, err := l.read(l.argoCD)
	if err != nil {
		return exit.Failedf("%w", err)
	}
	l.argoCD = shownName(filepath.Clean(l.argoCD))
	config, err := schema.ParseArgoCD(l.argoCD, data)
	var syntax *values.SyntaxError
	var unfit *schema.ArgoCDFileError
	switch {
	case errors.As(err, &syntax):
		l.out.takeShared(schema.SyntaxResult(syntax))
		return nil // what the values say is worth knowing all the same
	case errors.As(err, &unfit):
		return &exit.Error{Code: exit.Failed, Err: err, Hint: unfit.Hint}
	case err != nil:
		return exit.Failedf("%w", err)
	}
	l.opts.ArgoCD = config
	return nil
}

// result is what became of one file. Nothing did of one that no Runtime has to do with.
type result struct {
	schema.Result
	isValues bool      // Result is that of a values file
	mended   *mended   // nil without --fix and --diff
	manifest *manifest // of a file that holds releases instead of being values
	notRead  string    // what a file is that holds values in a form that is not read
	err      error
}

// each lints files one by one. What cannot be read, or written, does not hide the
// others: its error is returned at the end.
func (l *lint) each(names []string) (failed []error) {
	defer collectSeldom()()
	p := newProgress(l.terminal(), len(names))
	for name, r := range inOrder(names, runtime.GOMAXPROCS(0), l.file) {
		p.step()
		if len(r.Diagnostics) > 0 || r.manifest != nil {
			p.clear()
		}
		if r.err = l.finishFile(name, r); r.err != nil {
			failed = append(failed, r.err)
		}
	}
	p.clear()
	return failed
}

// finishFile prints what became of a file, and mends it.
func (l *lint) finishFile(name string, r result) error {
	if r.err != nil {
		return r.err
	}
	shown := shownName(name)
	l.out.files++
	switch {
	case r.manifest != nil:
		return l.finishManifest(l.files[name], shown, r.manifest)
	case !r.isValues:
		l.out.search.add(l.files[name], false, r.notRead == "")
		if r.notRead != "" {
			l.out.search.notRead = append(l.out.search.notRead, fmt.Sprintf("%s (%s)", shown, r.notRead))
		}
		return nil
	}
	l.valuesFiles = append(l.valuesFiles, name)
	hasBlock := r.Block != "" || len(r.Diagnostics) > 0
	l.out.search.add(l.files[name], hasBlock, true)
	if hasBlock {
		l.out.search.runtimes.add(r.Diagnostics, false)
	}
	if err := l.out.take(shown, r.Result); err != nil {
		return err
	}
	return l.apply(shown, r.mended)
}

func (l *lint) file(name string) result {
	f := l.files[name]
	data, err := l.read(name)
	switch {
	case errors.Is(err, input.ErrTooLarge) && f.Found:
		return result{notRead: fleet.Large(f, data)}
	case err != nil:
		return result{err: err}
	}
	if len(data) > largeFile {
		liftMemoryLimit()
	}
	return l.check(f, shownName(name), data)
}

// lintValues lints a text as a values file.
func (l *lint) lintValues(name string, data []byte) (schema.Result, error) {
	opts := l.opts
	if opts.ArgoCD != nil && name == l.argoCD { // --fix changes it, too
		if config, err := schema.ParseArgoCD(name, data); err == nil {
			opts.ArgoCD = config
		}
	}
	return l.linter.LintFile(name, data, opts)
}

func (l *lint) read(name string) ([]byte, error) {
	if name == "-" {
		return input.Reader(shownName(name), l.env.Stdin)
	}
	return input.File(name)
}

func (l *lint) mergedValues() error {
	opts := l.opts
	for _, name := range l.merged.Files {
		opts = fleet.BesideChart(opts, name)
	}
	r, err := valuesflag.Lint(&l.linter, *l.merged, l.env.Stdin, opts)
	if err != nil {
		return err
	}
	return l.out.takeMerged(len(l.merged.Files), r)
}

// oldPlaceHint tells about the block's place once, where nobody has said which
// chart the values are for: both places are right then, and each only for some.
func (l *lint) oldPlaceHint() {
	if l.out.oldPlace == 0 || l.opts.ChartVersion != nil || l.format != "text" {
		return
	}
	fmt.Fprintf(l.env.Stderr, "hint: charts from 0.26 on read the block at %s, not at %s; with --chart-version lint checks which is right\n",
		schema.NewBlockPath, schema.OldBlockPath)
}

// terminal returns stderr if a person is looking at it.
func (l *lint) terminal() io.Writer {
	if f, ok := l.env.Stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && l.env.Getenv("TERM") != "dumb" {
		return f
	}
	return nil
}
