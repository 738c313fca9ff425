//go:build cluster

// Package cluster is the command line of the commands that talk to a cluster and to
// Argo CD: check and token.
package cluster

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/checkreport"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
)

// Env is what a program is given by whoever starts it.
type Env = program.Env

// Main runs the command line args (without the program's name) and returns the exit code.
func Main(args []string, env Env) int {
	ctx, stop := untilSignal()
	defer stop()
	root := Command(env)
	root.SetArgs(args)
	e := exit.Execute(ctx, root)
	if signal, ok := errors.AsType[caught](context.Cause(ctx)); ok && e != nil {
		return 128 + int(signal) // as a shell shows of a program that it has ended
	}
	return env.End(e)
}

// Command returns the command line with the commands check and token.
func Command(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:           "runtime-auth",
		Short:         "Check and make the Argo CD credentials of a Codefresh GitOps Runtime in a cluster",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return exit.Usagef("no command given: one of check, token")
		},
	}
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.AddCommand(checkCommand(env), tokenCommand(env), schemaCommand(env))
	complete.Tree(root)
	return root
}

// command returns a command without arguments. validate looks at its flags before
// anything is read.
func command(use, short, long string, validate func() error, run func(context.Context) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := validate(); err != nil {
				return err
			}
			return run(cmd.Context())
		},
	}
}

// caught is the signal that ended a run.
type caught syscall.Signal

// Error names the signal.
func (c caught) Error() string { return syscall.Signal(c).String() }

// untilSignal returns a context that the first signal cancels, so that sessions are
// ended and what was begun is undone. The second one ends the program outright.
func untilSignal() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if s, ok := (<-signals).(syscall.Signal); ok {
			signal.Stop(signals)
			cancel(caught(s))
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// schemaCommand prints the JSON schema of what check writes; the other program's
// command of that name has the rest.
func schemaCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:    "schema check",
		Short:  "Print the JSON schema of what check prints as JSON",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if args[0] != "check" {
				return exit.Usagef("there is no schema %q here, only check", args[0])
			}
			if _, err := io.WriteString(env.Stdout, checkreport.JSONSchema()); err != nil {
				return exit.Failedf("cannot write the schema: %w", err)
			}
			return nil
		},
	}
}
