package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// lint is one run of the command.
type lint struct {
	env          Env
	merged       *values.Options
	chartVersion string
	format       string
	strict       bool
	noColor      bool

	linter   schema.Linter
	opts     schema.Options
	findings []diag.Diagnostic
	masks    report.Sources
	files    int
}

func lintCommand(env Env) *cobra.Command {
	l := &lint{env: env}
	cmd := &cobra.Command{
		Use:   "lint [FILE|DIR|-]...",
		Short: "Check the auth block in values files",
		Long: "Check the auth block in values files: each FILE by itself, every values*.yaml below a DIR,\n" +
			"standard input for -. With -f and --set, the merged values are checked, as Helm would see them.",
		RunE: func(_ *cobra.Command, args []string) error { return l.run(args) },
	}
	fs := cmd.Flags()
	l.merged = valuesflag.Register(fs)
	fs.StringVar(&l.chartVersion, "chart-version", "", "`version` of the gitops-runtime chart the values are for")
	fs.StringVar(&l.format, "format", "text", "output `format`: text or json")
	fs.BoolVar(&l.strict, "strict", false, "exit with 1 on warnings too")
	fs.BoolVar(&l.noColor, "no-color", false, "never use colours")
	return cmd
}

func (l *lint) run(args []string) error {
	if err := l.check(args); err != nil {
		return err
	}
	var failed error
	if l.merged.IsEmpty() {
		failed = l.each(args)
	} else if err := l.mergedValues(); err != nil {
		return err
	}
	if err := l.print(); err != nil {
		return exit.Failedf("cannot write the findings: %w", err)
	}
	if failed != nil {
		return failed
	}
	for _, d := range l.findings {
		if d.Severity == diag.Error || l.strict && d.Severity == diag.Warning {
			return exit.Silently(exit.Findings)
		}
	}
	return nil
}

// check looks at the command line before anything is read.
func (l *lint) check(args []string) error {
	switch {
	case len(args) == 0 && l.merged.IsEmpty():
		return &exit.Error{Code: exit.Usage, Err: errors.New("nothing to lint"),
			Hint: "name values files or folders, - for standard input, or merge values with -f and --set"}
	case len(args) > 0 && !l.merged.IsEmpty():
		return &exit.Error{Code: exit.Usage, Err: errors.New("files as arguments are linted each by itself, -f and --set merged: not both at once"),
			Hint: "put -f in front of every file to lint them merged"}
	case l.format != "text" && l.format != "json":
		return exit.Usagef("unknown format %q, it must be text or json", l.format)
	}
	if l.chartVersion != "" {
		v, err := schema.ParseChartVersion(l.chartVersion)
		if err != nil {
			return exit.Usagef("--chart-version: %w", err)
		}
		l.opts.ChartVersion = &v
	}
	return nil
}

// each lints the named files one by one. A file that cannot be read does not hide
// the others: its error is returned at the end.
func (l *lint) each(args []string) error {
	var failed []error
	for _, arg := range args {
		names, err := expand(arg)
		if err != nil {
			failed = append(failed, err)
		}
		for _, name := range names {
			if err := l.file(name); err != nil {
				failed = append(failed, err)
			}
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &exit.Error{Code: exit.Failed, Err: errors.Join(failed...)}
}

func (l *lint) file(name string) error {
	var data []byte
	var err error
	if name == "-" {
		name = "<stdin>"
		data, err = io.ReadAll(l.env.Stdin)
	} else {
		data, err = os.ReadFile(name)
	}
	if err != nil {
		return err
	}
	result, err := l.linter.LintFile(name, data, l.opts)
	if err != nil {
		return err
	}
	l.keep(result)
	l.files++
	return nil
}

func (l *lint) mergedValues() error {
	result, err := valuesflag.Lint(&l.linter, *l.merged, l.env.Stdin, l.opts)
	if err != nil {
		return err
	}
	l.keep(result)
	l.files = len(l.merged.Files)
	return nil
}

func (l *lint) keep(r schema.Result) {
	if len(r.Diagnostics) > 0 {
		l.findings = append(l.findings, r.Diagnostics...)
		l.masks = append(l.masks, r.Masks)
	}
}

func (l *lint) print() error {
	l.findings = diag.Sort(l.findings)
	if l.format == "json" {
		return report.JSON(l.env.Stdout, l.findings, l.files)
	}
	return report.Text{W: l.env.Stdout, Color: useColor(l.env, l.noColor)}.Print(l.findings, l.masks)
}

// useColor follows the conventions of no-color.org and force-color.org.
func useColor(env Env, never bool) bool {
	switch {
	case never || env.Getenv("NO_COLOR") != "":
		return false
	case env.Getenv("FORCE_COLOR") != "":
		return true
	case env.Getenv("TERM") == "dumb":
		return false
	}
	f, ok := env.Stdout.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// expand returns the values files that an argument stands for.
func expand(arg string) ([]string, error) {
	if arg == "-" {
		return []string{arg}, nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{arg}, nil
	}
	var names []string
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != arg && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if !d.IsDir() && isValuesName(d.Name()) {
			names = append(names, path)
		}
		return nil
	})
	return names, err
}

func isValuesName(name string) bool {
	ext := filepath.Ext(name)
	return strings.HasPrefix(name, "values") && (ext == ".yaml" || ext == ".yml")
}
