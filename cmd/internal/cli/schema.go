package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

func schemaCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of the auth block, for editors and other validators",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(env.Stdout, schema.JSON())
			return err
		},
	}
}
