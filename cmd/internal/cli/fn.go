package cli

import "github.com/spf13/cobra"

// fnProgram is the function for kustomize and its kin. It stands apart because they
// start it by its path alone, and because no other command should pay for what reading
// their lists takes.
const fnProgram = "runtime-auth-fn"

// fnCommand goes on as that program.
func fnCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:                "fn",
		Short:              "Wire the Argo CD credentials into a ResourceList, as a function for kustomize",
		DisableFlagParsing: true, // --help too is the other program's
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := programPath(fnProgram)
			if err != nil {
				return err
			}
			return handOver(path, args, env)
		},
	}
}
