package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

func wrapperCommand(name string, env Env) *cobra.Command {
	return &cobra.Command{
		Use:   name + " [helm's arguments]",
		Short: fmt.Sprintf("Run helm %s with the values checked and the post-renderer in place", name),
		Long: fmt.Sprintf("Check the merged values, then run helm %s with the same arguments and this post-renderer,\n", name) +
			"so that the values need not be given twice.\n\nFlags of its own:\n" +
			"  --no-lint                install whatever lint says (the post-renderer still refuses a broken block)\n" +
			"  --report FILE            write what was wired where, as JSON\n" +
			"  --allow-missing SERVICE  accept that a service is not in the manifests (repeatable)\n" +
			"  --redact-values-config   take the credential out of the chart's hook ConfigMap (Helm 4)",
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, a := range args {
				if a == "-h" || a == "--help" {
					return cmd.Help()
				}
			}
			return wrap(name, args, env)
		},
	}
}

func wrap(name string, args []string, env Env) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := helm.Find(ctx, helmPath(env), env.Environ)
	if err != nil {
		return exit.Failedf("%w", err)
	}
	a := helm.Parse(args)
	if err := checkArgs(a, client); err != nil {
		return err
	}
	lintFirst := true
	var rendererArgs []string
	for _, f := range a.Own {
		if f.Name == "no-lint" {
			lintFirst = f.Value == "false"
			continue
		}
		rendererArgs = append(rendererArgs, "--"+f.Name+"="+f.Value)
	}
	if a.ReusesValues == "" {
		// With reused values the post-renderer reads the whole from the stream (Helm 4).
		if lintFirst {
			if err := lintMerged(a.Values, env); err != nil {
				return err
			}
		}
		rendererArgs = append(rendererArgs, helm.PostRendererArgs(withDefault(a.Values))...)
	}
	pluginDir, err := pluginDir(env)
	if err != nil {
		return err
	}
	cmd, err := client.Command(ctx, pluginDir, append([]string{name}, a.Rest...), rendererArgs, env.Environ)
	if err != nil {
		return exit.Failedf("%w", err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = env.Stdin, env.Stdout, env.Stderr
	return helmExit(cmd.Run())
}

// withDefault makes an installation without any values one with the chart's
// defaults: the post-renderer refuses to guess which of the two it is.
func withDefault(o values.Options) values.Options {
	if o.IsEmpty() {
		o.JSON = []string{"{}"}
	}
	return o
}

func checkArgs(a helm.Args, client helm.Client) error {
	switch {
	case a.HasPostRenderer:
		return &exit.Error{Code: exit.Usage, Err: errors.New("a post-renderer is given already, and helm takes only one"),
			Hint: "call helm itself, with a script as post-renderer that runs both"}
	case a.WritesFiles && client.Major == 3:
		return &exit.Error{Code: exit.Usage, Err: errors.New("with --output-dir Helm 3 writes the manifests as they are before the post-renderer"),
			Hint: "redirect the output into a file, or use Helm 4"}
	case a.ReusesValues != "" && client.Major == 3:
		return &exit.Error{Code: exit.Usage,
			Err:  fmt.Errorf("%s takes values from the last release, which a post-renderer of Helm 3 cannot see", a.ReusesValues),
			Hint: "give all values with -f (helm get values RELEASE shows them), or use Helm 4"}
	case a.ReusesValues != "" && !a.Values.IsEmpty():
		return nil // the stream holds the merged values
	}
	for _, name := range a.Values.Files {
		if name == "-" {
			return exit.Usagef("values on standard input cannot be given to helm and to the post-renderer both; write them to a file")
		}
	}
	return nil
}

// lintMerged stops before helm runs if the values have an error. What it finds goes
// to stderr: stdout is helm's.
func lintMerged(o values.Options, env Env) error {
	result, err := valuesflag.Lint(&schema.Linter{}, o, nil, schema.Options{Now: time.Now()})
	if err != nil {
		return err
	}
	if err := (report.Text{W: env.Stderr}).Print(result.Diagnostics, result.Masks); err != nil {
		return err
	}
	if diag.HasErrors(result.Diagnostics) {
		return &exit.Error{Code: exit.Findings, Err: errors.New("the values are not fit to install, helm was not started"),
			Hint: "mend them, or pass --no-lint"}
	}
	return nil
}

func helmPath(env Env) string {
	if path := env.Getenv("HELM_BIN"); path != "" {
		return path
	}
	return "helm"
}

// pluginDir returns the plugin's folder: the one helm names, or the one that this
// program's bin folder is in.
func pluginDir(env Env) (string, error) {
	if dir := env.Getenv("HELM_PLUGIN_DIR"); dir != "" {
		return dir, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", exit.Failedf("cannot find the plugin's folder: %w", err)
	}
	return filepath.Dir(filepath.Dir(self)), nil
}

// helmExit passes helm's own exit code on; helm has said why.
func helmExit(err error) error {
	var failed *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		return exit.Silently(max(failed.ExitCode(), exit.Findings))
	}
	return exit.Failedf("cannot run helm: %w", err)
}
