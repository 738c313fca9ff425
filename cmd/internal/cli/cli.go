// Package cli is the command line of runtime-auth: one file per subcommand, which
// turns flags and files into arguments for the libraries and results into exit codes.
package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/krm"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/postrender"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/wrapper"
)

// Env is what a program is given by whoever starts it.
type Env = program.Env

// Main runs the command line args (without the program's name) and returns the exit code.
func Main(args []string, env Env) int {
	root := Command(env)
	root.SetArgs(args)
	isHelm4 := len(args) > 0 && args[0] == "render" && postrender.IsHelm4(args)
	return postrender.End(exit.Execute(context.Background(), root), isHelm4, env)
}

// Command returns the whole command line. Of check and token it has only the names:
// they are in a program of their own.
func Command(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:           "runtime-auth",
		Short:         "Check and wire the Argo CD credentials of a Codefresh GitOps Runtime",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return exit.Usagef("no command given: one of lint, check, token, render, plan, install, upgrade, template, diff, fn, export, schema, version")
		},
	}
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.AddCommand(lintCommand(env), schemaCommand(env), versionCommand(env),
		postrender.Command("render", env), postrender.PlanCommand(env),
		clusterCommand("check", "Tell whether the credential will work in the cluster, before it is installed", env),
		clusterCommand("token", "Make, list, revoke and rotate the API keys with which a Runtime signs in to Argo CD", env),
		krm.Command("fn", env), exportCommand(env))
	root.AddCommand(wrapper.Commands(env)...)
	complete.Tree(root)
	return root
}

func versionCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if _, err := fmt.Fprintf(env.Stdout, "runtime-auth %s\n", version()); err != nil {
				return exit.Failedf("cannot write the version: %w", err)
			}
			return nil
		},
	}
}
