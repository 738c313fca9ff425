package postrender

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/render"
)

// PlanCommand returns the command that shows what the post-renderer would do.
func PlanCommand(env Env) *cobra.Command {
	j := &job{env: env}
	format := "text"
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what would be wired where: manifests on standard input, a table on standard output",
		Long: "Read manifests and values as render does, and show for every service which variables are right already,\n" +
			"which would be set, replaced or removed, and from where each of them then comes. Nothing is rendered.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return exit.Usagef("unknown format %q, it must be text or json", format)
			}
			return j.plan(cmd.Context(), format)
		},
	}
	j.register(cmd.Flags())
	cmd.Flags().StringVar(&format, "format", format, "output `format`: text or json")
	return cmd
}

func (j *job) plan(ctx context.Context, format string) error {
	wired, err := j.reported(ctx, io.Discard)
	if err != nil {
		return err
	}
	if format == "json" {
		e := json.NewEncoder(j.env.Stdout)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(j.document(wired, nil))
	} else {
		err = printTable(j.env.Stdout, wired)
	}
	if err != nil {
		return exit.Failedf("cannot write the plan: %w", err)
	}
	return j.warn(wired)
}

// printTable writes a line for every variable, and then what happens to the Secrets.
func printTable(out io.Writer, wired render.Report) error {
	buffered := bufio.NewWriter(out)
	w := tabwriter.NewWriter(buffered, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SERVICE\tOBJECT\tVARIABLE\tSTATE\tNOW\tTHEN")
	for _, s := range wired.Services {
		for _, e := range s.Env {
			fmt.Fprintf(w, "%s\t%s/%s\t%s\t%s\t%s\t%s\n", s.Service, s.Kind, s.Name, e.Name, e.State, orDash(e.Before), orDash(e.After))
		}
	}
	for _, s := range wired.Secrets {
		fmt.Fprintf(w, "-\tSecret/%s\t-\t%s\t-\t-\n", s.Name, s.State)
	}
	for _, name := range wired.Missing {
		fmt.Fprintf(w, "%s\t-\t-\tmissing\t-\t-\n", name)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return buffered.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
