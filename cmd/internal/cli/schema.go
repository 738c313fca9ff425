package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

func schemaCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [values|lint]",
		Short: "Print the JSON schema of values files, or of what lint --format json prints",
		Long: "Print the JSON schema of values files, for editors and other validators, or, with the argument lint,\n" +
			"the one of what `lint --format json` prints.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text := schema.JSON()
			if len(args) > 0 {
				switch args[0] {
				case "values":
				case "lint":
					text = report.JSONSchema()
				default:
					return exit.Usagef("there is no schema %q, only values and lint", args[0])
				}
			}
			_, err := io.WriteString(env.Stdout, text)
			return err
		},
	}
}
