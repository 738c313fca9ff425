package wrapper

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/render"
)

// completeHelm asks helm about the arguments that are its own, and adds the flags
// that it does not know.
func completeHelm(command helm.Command, env program.Env) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			switch args[len(args)-1] {
			case "--allow-missing":
				return complete.Matching(render.Services(), typed), cobra.ShellCompDirectiveNoFileComp
			case "--report":
				return nil, cobra.ShellCompDirectiveDefault
			}
		}
		own := cmd.LocalFlags()
		rest := slices.Concat(strings.Fields(string(command)), withoutFlags(own, args), []string{typed})
		words, directive := complete.Program(helmPath(env), rest, env.Environ)
		if len(typed) > 0 && typed[0] == '-' {
			own.VisitAll(func(f *pflag.Flag) {
				_, usage := pflag.UnquoteUsage(f)
				words = append(words, complete.Matching([]string{"--" + f.Name + "\t" + usage}, typed)...)
			})
		}
		return words, directive
	}
}

// withoutFlags takes flags out of a line that need not be complete.
func withoutFlags(own *pflag.FlagSet, args []string) []string {
	var rest []string
	for i := 0; i < len(args); i++ {
		name, _, inline := strings.Cut(strings.TrimPrefix(args[i], "--"), "=")
		flag := own.Lookup(name)
		switch {
		case flag == nil || name == args[i] || name == "help":
			rest = append(rest, args[i])
		case !inline && flag.NoOptDefVal == "":
			i++
		}
	}
	return rest
}
