//go:build cluster

package cluster

import (
	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// completeAll tells shells what the commands below root take. No call is made for
// it: what a cluster holds is not offered.
func completeAll(root *cobra.Command) {
	complete.Flags(root, map[string][]string{
		"chart-version": {"0.25.0\treads " + schema.OldBlockPath, "0.26.0\treads " + schema.NewBlockPath},
	})
	noArguments(root)
}

// noArguments says that no command takes arguments that are files.
func noArguments(c *cobra.Command) {
	if !c.HasSubCommands() {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range c.Commands() {
		noArguments(sub)
	}
}
