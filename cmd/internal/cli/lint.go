package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
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
	names  []string // of the files to be linted
	// isSearch is set if the run looks for Runtimes, and so sums up what it has found.
	isSearch bool
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
		ValidArgsFunction: complete.Values,
		RunE:              func(_ *cobra.Command, args []string) error { return l.run(args) },
	}
	fs := cmd.Flags()
	l.merged = valuesflag.Register(fs)
	l.chart.Register(fs)
	fs.StringVar(&l.argoCD, "argo-cd", "", "check the account in Argo CD's own configuration: values of the argo-cd chart, or the ConfigMap argocd-cm, in this `file`")
	complete.Files(fs, "argo-cd")
	report.LintFormats().Register(fs, &l.format)
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
	print, err := report.LintFormats().Named(l.format)
	if err != nil {
		return err
	}
	l.out.text = report.Text{W: l.env.Stdout, Color: l.env.Colors(l.env.Stdout, l.noColor), FixBy: l.fixCommand()}
	l.out.isText = l.format == "text"
	if err := l.prepare(); err != nil {
		return err
	}
	var failed []error
	var argoCD *fixed
	if l.merged.IsEmpty() {
		failed = l.each(args)
		argoCD, err = l.fixArgoCD()
		failed = append(failed, err)
	} else {
		_, r, err := valuesflag.Lint(&l.linter, *l.merged, valuesflag.From(l.env.Stdin), l.opts)
		if err == nil {
			err = l.out.takeMerged(len(l.merged.Files), r)
		}
		if err != nil {
			return err
		}
	}
	if err := l.out.finish(func(found report.Lint) error { return print(l.env.Stdout, found) }); err != nil {
		return exit.Failedf("cannot write the findings: %w", err)
	}
	failed = append(failed, l.apply(l.argoCD, argoCD))
	return l.outcome(errors.Join(failed...))
}

// outcome is how the run ends, once everything is printed.
func (l *lint) outcome(failed error) error {
	// Where nobody has said which chart the values are for, both places of the block are
	// right, and each only for some.
	if l.out.oldPlace > 0 && l.opts.ChartVersion == nil && l.out.isText {
		fmt.Fprintf(l.env.Stderr, "hint: charts from 0.26 on read the block at %s, not at %s; with --chart-version lint checks which is right\n",
			auth.NewBlockPath, auth.OldBlockPath)
	}
	l.out.printNotes(l.env.Stderr)
	if l.isSearch && l.out.isText {
		fmt.Fprintln(l.env.Stderr, &l.out.search)
	}
	switch {
	case failed != nil:
		return exit.Failedf("%w", failed)
	case l.out.errors > 0 || l.strict && l.out.warnings > 0:
		return exit.Silently(exit.Findings)
	case l.strict:
		return l.out.missing()
	}
	return nil
}

// checkFlags looks at the command line before anything is read.
func (l *lint) checkFlags(args []string) error {
	merged := !l.merged.IsEmpty()
	switch {
	case len(args) == 0 && !merged:
		return exit.Hinted(exit.Usage, "name values files or folders, - for standard input, or merge values with -f and --set",
			"nothing to lint")
	case len(args) > 0 && merged:
		return exit.Hinted(exit.Usage, "put -f in front of every file to lint them merged",
			"files as arguments are linted each by itself, -f and --set merged: not both at once")
	case l.onlyRuntimes && merged:
		return exit.Usagef("--only-runtimes is about files as arguments, not about merged values")
	case (l.fix || l.diff) && merged:
		return exit.Hinted(exit.Usage, "name the files as arguments, without -f",
			"--fix and --diff work on files by themselves, not on merged values")
	case l.argoCD == "-" && (slices.Contains(args, "-") || slices.Contains(l.merged.Files, "-")):
		return exit.Usagef("standard input can be the values or Argo CD's configuration, not both")
	case l.fix && (l.argoCD == "-" || slices.Contains(args, "-")):
		return exit.Hinted(exit.Usage, "--diff shows what would be changed",
			"standard input cannot be fixed in place")
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
			command += " " + flag[0] + " " + shell.Argument(flag[1])
		}
	}
	return command
}

// prepare reads what the flags name beside the values: a chart, and Argo CD's own
// configuration.
func (l *lint) prepare() error {
	l.opts.Now = time.Now()
	if err := l.chart.Apply(&l.opts, l.env.Stderr); err != nil || l.argoCD == "" {
		return err
	}
	data, err := input.Named(l.argoCD, l.env.Stdin)
	if err != nil {
		return err
	}
	l.argoCD = input.Shown(filepath.Clean(l.argoCD))
	l.opts.ArgoCD, err = argocd.Parse(l.argoCD, data)
	if unfit, ok := errors.AsType[*argocd.FileError](err); ok {
		return exit.Hinted(exit.Failed, unfit.Hint, "%w", err)
	}
	if err != nil {
		var broken schema.Result
		broken, err = schema.Unreadable(err)
		l.out.takeShared(broken) // what the values say is worth knowing all the same
	}
	return err
}

// each lints the files that args name, one by one. What cannot be read, or written, does
// not hide the others: its error is returned at the end.
func (l *lint) each(args []string) (failed []error) {
	defer collectSeldom()()
	files, folders, failed := fleet.Expand(args, l.onlyRuntimes)
	l.isSearch = len(folders) > 0 || l.onlyRuntimes
	l.out.empty = folders
	for _, f := range files {
		l.names = append(append(l.names, f.Name), f.Others...)
	}
	p := newProgress(l.env, len(files))
	failed = append(failed, fleet.Each(files, l.file, func(f fleet.File, c checked) error {
		p.step()
		if slices.ContainsFunc(c.Releases, func(r fleet.Release) bool { return !r.IsValuesFile() || len(r.Diagnostics) > 0 }) {
			p.clear()
		}
		return l.finishFile(f, c)
	})...)
	p.clear()
	return failed
}
