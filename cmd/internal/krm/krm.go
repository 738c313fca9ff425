// Package krm is the command line of the function that kustomize and its kin run.
package krm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/gitops/krm"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Env is what a program is given by whoever starts it.
type Env = program.Env

// Main runs the function with the command line args (without the program's name) and
// returns the exit code, which is never 0 where a result is an error: kustomize looks at
// nothing else.
func Main(args []string, env Env) int {
	cmd := Command("runtime-auth-fn", env)
	cmd.SetArgs(args)
	cmd.SetErr(env.Stderr)
	return env.End(exit.Execute(context.Background(), cmd))
}

// Command returns the function as the command called name.
func Command(name string, env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name,
		Short: "Wire the Argo CD credentials into a ResourceList: standard input to standard output",
		Long: "Read a ResourceList of the Kubernetes Resource Model, as kustomize passes it to its functions, let every\n" +
			"service of a Codefresh GitOps Runtime in it read the Argo CD credentials that the functionConfig declares,\n" +
			"and write the list. The functionConfig is a " + krm.Kind + " of " + krm.APIVersion + ", or a ConfigMap\n" +
			"with Helm values under the key values.yaml. Where anything is wrong the list that is written holds no items.",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), env) },
	}
	cmd.SetOut(env.Stderr) // for the help: standard output is the list's
	return cmd
}

func run(ctx context.Context, env Env) error {
	err := krm.Execute(ctx, time.Now(), env.Stdin, env.Stdout)
	if err == nil {
		return nil
	}
	failed := &exit.Error{Code: exit.Failed, Err: err}
	if inConfig, ok := errors.AsType[*krm.ConfigError](err); ok {
		failed.Code, failed.Details = exit.Findings, details(inConfig.Diagnostics)
	}
	if inItems, ok := errors.AsType[*render.Error](err); ok {
		failed.Hint = krm.Hint(inItems)
		if inItems.Kind == render.ValuesError {
			failed.Code = exit.Findings
		}
	}
	return failed
}

// details lists findings by the fields that they are about: there is no file whose
// lines could be shown.
func details(ds []diag.Diagnostic) (text string) {
	for _, d := range ds {
		text += fmt.Sprintf("  %s: %s: %s [%s]\n", printable.Line(d.Path), d.Severity, printable.Line(d.Message), d.Rule)
		if d.Hint != "" {
			text += "    hint: " + printable.Line(d.Hint) + "\n"
		}
	}
	return text
}
