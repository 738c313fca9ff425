package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

func schemaCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [values|lint|plan|check]",
		Short: "Print the JSON schema of values files, or of what lint, plan or check print as JSON",
		Long: "Print the JSON schema of values files, for editors and other validators, or, with the argument lint, plan or\n" +
			"check, the one of what `lint --format json`, `plan --format json` and `render --report`, or `check --format json` write.",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: complete.OneOf("values", "lint", "plan", "check"),
		RunE: func(_ *cobra.Command, args []string) error {
			schemas := map[string]func() string{"values": schema.JSON, "lint": report.JSONSchema, "plan": report.PlanJSONSchema}
			name := append(args, "values")[0]
			if name == "check" {
				return toCluster([]string{"schema", "check"}, env)
			}
			text, ok := schemas[name]
			if !ok {
				return exit.Usagef("there is no schema %q, only values, lint, plan and check", name)
			}
			if _, err := io.WriteString(env.Stdout, text()); err != nil {
				return exit.Failedf("cannot write the schema: %w", err)
			}
			return nil
		},
	}
}
