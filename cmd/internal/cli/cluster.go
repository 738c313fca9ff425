package cli

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// clusterProgram holds the commands that need a Kubernetes client. It stands apart
// so that no other command pays for linking one at every start.
const clusterProgram = "runtime-auth-cluster"

// clusterCommand hands a command over to that program, as it was given.
func clusterCommand(name, short string, env Env) *cobra.Command {
	return &cobra.Command{
		Use:                name,
		Short:              short,
		DisableFlagParsing: true, // --help too is the other program's
		ValidArgsFunction: func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			path, err := clusterPath()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return complete.Program(path, slices.Concat([]string{name}, args, []string{typed}), env.Environ)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return toCluster(append([]string{name}, args...), env)
		},
	}
}

// toCluster goes on as the other program.
func toCluster(args []string, env Env) error {
	path, err := clusterPath()
	if err != nil {
		return err
	}
	return handOver(path, args, env)
}

// clusterPath finds that program, beside this one.
func clusterPath() (string, error) {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return "", exit.Failedf("cannot find the folder of this program: %w", err)
	}
	name := clusterProgram
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); err != nil {
		return "", exit.Hinted(exit.Failed, "install the plugin anew, or put that program beside this one in "+filepath.Dir(self),
			"%s is missing, which this command is in: %w", clusterProgram, errors.Unwrap(err))
	}
	return path, nil
}
