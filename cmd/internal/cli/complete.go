package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// completeAll tells shells what the commands below root take.
func completeAll(root *cobra.Command, env Env) {
	complete.Flags(root, map[string][]string{
		"allow-missing": render.Services(),
		"chart-version": {"0.25.0\treads " + schema.OldBlockPath, "0.26.0\treads " + schema.NewBlockPath},
	})
	for _, c := range root.Commands() {
		switch c.Name() {
		case "lint":
			c.ValidArgsFunction = complete.Values
		case "schema":
			c.ValidArgsFunction = oneOf("values", "lint", "plan", "check")
		case "check", "token":
			c.ValidArgsFunction = completeCluster(c.Name(), env)
		case "install", "upgrade", "template":
			c.ValidArgsFunction = completeHelm(helm.Command(c.Name()), env)
		case "diff":
			c.Commands()[0].ValidArgsFunction = completeHelm(helm.DiffUpgrade, env)
		default:
			if c.ValidArgsFunction == nil && !c.HasSubCommands() {
				c.ValidArgsFunction = cobra.NoFileCompletions
			}
		}
	}
}

// oneOf offers words for the first argument and nothing after it.
func oneOf(words ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete.Matching(words, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeCluster asks the program that has the command.
func completeCluster(name string, env Env) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		path, err := clusterPath()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return complete.Program(path, slices.Concat([]string{name}, args, []string{typed}), env.Environ)
	}
}

// completeHelm asks helm about the arguments that are its own, and adds the flags
// that it does not know.
func completeHelm(command helm.Command, env Env) cobra.CompletionFunc {
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
