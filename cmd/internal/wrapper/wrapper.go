// Package wrapper runs helm with the values checked and the post-renderer in place:
// install, upgrade, template and, of helm-diff, diff upgrade.
package wrapper

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/job"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Commands returns helm's commands with the post-renderer, and that of helm-diff.
func Commands(env program.Env) []*cobra.Command {
	diff := &cobra.Command{
		Use:   "diff",
		Short: "Run helm diff upgrade with the values checked and the post-renderer in place",
		RunE: func(*cobra.Command, []string) error {
			return exit.Hinted(exit.Usage, "call helm diff itself for the rest", "only diff upgrade renders a chart")
		},
	}
	diff.AddCommand(newCommand("upgrade", helm.DiffUpgrade, env))
	return []*cobra.Command{
		newCommand("install", helm.Install, env), newCommand("upgrade", helm.Upgrade, env), newCommand("template", helm.Template, env),
		diff,
	}
}

func newCommand(name string, command helm.Command, env program.Env) *cobra.Command {
	positional, sources := "RELEASE CHART", "those given, those of the chart, and those that helm takes from the last release"
	if command == helm.Install || command == helm.Template {
		positional, sources = "[RELEASE] CHART", "those given, and those of the chart"
	}
	cmd := &cobra.Command{
		Use:   name + " " + positional + " [helm's flags]",
		Short: fmt.Sprintf("Run helm %s with the values checked and the post-renderer in place", command),
		Long: fmt.Sprintf("Check the values that helm %s will use, then run it with the same arguments and this post-renderer.\n", command) +
			"The values are " + sources + ". What can be read only once, such as -f <(sops -d values.yaml), is read once.",
		ValidArgsFunction:     completeHelm(command, env),
		DisableFlagParsing:    true,
		DisableFlagsInUseLine: true,
	}
	own := registerOwn(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ignoreUnknown := command == helm.DiffUpgrade && env.Getenv("HELM_DIFF_IGNORE_UNKNOWN_FLAGS") == "true"
		line, err := helm.Parse(command, args, own.flags, ignoreUnknown)
		if err != nil {
			return err
		}
		if line.Is("help") {
			if _, err := fmt.Fprintf(env.Stdout, "%s\n\n%s", cmd.Long, cmd.UsageString()); err != nil {
				return exit.Failedf("cannot write the help: %w", err)
			}
			return nil
		}
		w := &wrapper{env: env, own: own, line: line, private: &helm.Private{}}
		w.once = &helm.Once{Private: w.private, Stdin: env.Stdin}
		return w.run()
	}
	return cmd
}

// ownFlags are the wrapper's own; helm does not see them.
type ownFlags struct {
	flags        *pflag.FlagSet
	noLint       bool
	report       string
	allowMissing []string
	redact       bool
	override     bool
}

func registerOwn(into *pflag.FlagSet) *ownFlags {
	o := &ownFlags{flags: pflag.NewFlagSet("", pflag.ContinueOnError)}
	o.flags.BoolVar(&o.noLint, "no-lint", false, "run helm despite lint errors (the post-renderer still refuses an invalid block)")
	o.flags.StringVar(&o.report, "report", "", "write a wiring report to `file`, as JSON")
	o.flags.StringArrayVar(&o.allowMissing, "allow-missing", nil, "accept that `service` is not in the manifests (repeatable)")
	o.flags.BoolVar(&o.redact, "redact-values-config", false, "replace the credential in the chart's hook ConfigMap (Helm 4)")
	o.flags.BoolVar(&o.override, "override-stream-values", false, "use the given values where those in the manifests declare something else (Helm 4)")
	into.AddFlagSet(o.flags)
	return o
}

// rendererArgs are those flags that are the post-renderer's.
func (o *ownFlags) rendererArgs() []string {
	var args []string
	if o.report != "" {
		args = append(args, "--report="+o.report)
	}
	for _, service := range o.allowMissing {
		args = append(args, "--allow-missing="+service)
	}
	if o.redact {
		args = append(args, "--redact-values-config")
	}
	if o.override {
		args = append(args, "--override-stream-values")
	}
	return args
}

// wrapper is one run of helm.
type wrapper struct {
	env     program.Env
	own     *ownFlags
	line    *helm.Line
	client  helm.Client
	private *helm.Private
	once    *helm.Once
	// chart is what lint and the post-renderer read of the chart; "" where helm will
	// refuse the line.
	chart string
	// shown are the values as findings name them, given those with the files that the
	// post-renderer is to read.
	shown, given values.Options
}

func (w *wrapper) run() (err error) {
	signals := helm.CatchSignals()
	defer signals.Stop()
	defer func() {
		if left := w.private.Remove(); left != nil && err == nil {
			err = exit.Failedf("cannot remove the private copies of the values: %w", left)
		}
	}()
	if err := signals.Do(w.prepare); err != nil {
		return err
	}
	dir, err := pluginDir(w.env)
	if err != nil {
		return err
	}
	cmd, err := w.client.Command(dir, w.line, w.rendererArgs())
	if err != nil {
		return err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = w.env.Stdin, w.env.Stdout, w.env.Stderr
	if w.once.UsesStdin() {
		cmd.Stdin = nil
	}
	return signals.Run(cmd)
}

// prepare learns all values that helm will use, and lints them.
func (w *wrapper) prepare(ctx context.Context) error {
	if err := w.find(ctx); err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return err
	}
	path, err := w.client.Chart(ctx, w.line, w.private)
	if err != nil || path == "" {
		return err
	}
	w.chart = path
	if w.shown, err = w.once.Replace(ctx, w.line); err != nil {
		return err
	}
	w.given = w.line.Values()
	if err := valuesflag.Local(w.given); err != nil {
		return err
	}
	if err := w.reuse(ctx); err != nil {
		return err
	}
	if w.own.noLint {
		return nil
	}
	return w.lint()
}

// find finds helm. What it takes from the environment must not tell the post-renderer of
// other values.
func (w *wrapper) find(ctx context.Context) error {
	client := helm.Client{Path: helmPath(w.env), Stderr: w.env.Stderr}
	client.Stdin, _ = w.env.Stdin.(*os.File)
	if slices.ContainsFunc(w.line.Values().Files, input.IsStdin) {
		client.Stdin = nil
	}
	client.Environ = slices.DeleteFunc(slices.Clone(w.env.Environ), func(e string) bool { return strings.HasPrefix(e, job.ValuesVariable+"=") })
	var err error
	w.client, err = helm.Find(ctx, client)
	return err
}

func (w *wrapper) check() error {
	switch {
	case w.line.Has("post-renderer") || w.line.Has("post-renderer-args"):
		return exit.Hinted(exit.Usage, "call helm itself, with a script as post-renderer that runs both",
			"a post-renderer is given already, and helm takes only one")
	case w.line.Has("output-dir") && w.client.Major == 3:
		return exit.Hinted(exit.Usage, "redirect the output into a file, or use Helm 4",
			"with --output-dir Helm 3 writes the manifests as they are before the post-renderer")
	case len(w.line.Unknown) > 0 && len(w.line.Positional) > 2:
		return exit.Hinted(exit.Usage, "write --"+w.line.Unknown[0]+"=VALUE if it takes a value",
			"unknown flag --%s: it is not clear which argument is the chart", w.line.Unknown[0])
	}
	return nil
}

// rendererArgs are the arguments of the post-renderer. The chart tells it that the values
// are known, even if none are given.
func (w *wrapper) rendererArgs() []string {
	args := w.own.rendererArgs()
	if w.chart != "" {
		path := w.chart
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		args = append(args, "--chart="+path)
	}
	return append(args, helm.PostRendererArgs(w.given)...)
}

// lint stops before helm runs if the values have an error. What it finds goes to stderr:
// stdout is helm's.
func (w *wrapper) lint() error {
	opts := schema.Options{Now: time.Now()}
	if err := (chart.Flags{Path: w.chart}).Apply(&opts, w.env.Stderr); err != nil {
		return err
	}
	_, result, err := valuesflag.Lint(&schema.Linter{}, w.shown, w.read, opts)
	if err != nil {
		return err
	}
	return w.show(result)
}

// show prints findings, and returns an error if there is one among them.
func (w *wrapper) show(result schema.Result) error {
	if err := (report.Text{W: w.env.Stderr}).Print(result.Diagnostics, result.Masks); err != nil {
		return exit.Failedf("cannot write the findings: %w", err)
	}
	if diag.HasErrors(result.Diagnostics) {
		hint := "fix them, or pass --no-lint"
		if w.own.noLint { // values that do not parse cannot be merged with those of the last release
			hint = "fix them"
		}
		return exit.Hinted(exit.Findings, hint, "the values have errors; helm was not run")
	}
	return nil
}

// read reads a values file by its name in w.shown.
func (w *wrapper) read(name string) ([]byte, error) {
	return input.File(w.once.Path(name))
}

func helmPath(env program.Env) string {
	if path := env.Getenv("HELM_BIN"); path != "" {
		return path
	}
	return "helm"
}

// pluginDir returns the plugin's folder: the one helm names, or the one that this
// program's bin folder is in.
func pluginDir(env program.Env) (string, error) {
	if dir := env.Getenv("HELM_PLUGIN_DIR"); dir != "" {
		return dir, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", exit.Failedf("cannot find the plugin's folder: %w", err)
	}
	return filepath.Dir(filepath.Dir(self)), nil
}
