package postrender

import (
	"bytes"
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/job"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
)

// plan is one run of the command.
type plan struct {
	renderer
	format  string
	diff    bool
	noColor bool
}

// PlanCommand returns the command that shows what the post-renderer would do.
func PlanCommand(env Env) *cobra.Command {
	p := &plan{renderer: renderer{Job: job.Job{Env: env}}}
	cmd := &cobra.Command{
		Use:   "plan [FILE|DIR|-]...",
		Short: "Show what would be wired where: manifests on standard input, a table on standard output",
		Long: "Read manifests and values as render does, and show for every service which variables are right already,\n" +
			"which would be set, replaced or removed, and from where each of them then comes. Nothing is rendered:\n" +
			"credentials are hidden in every format, and where render fails, so does plan, with the same exit code.\n\n" +
			"With --format mermaid it is a diagram for a comment of a pull request: put it between a line ```mermaid and a line ```.\n\n" +
			"With files or folders as arguments it is about a repository: it finds Runtimes as lint does, in values files\n" +
			"and in the manifests of GitOps engines, and shows which credential each declares.",
		ValidArgsFunction: complete.Values,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return p.inventory(cmd, args)
			}
			return p.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	p.register(fs)
	report.PlanFormats().Register(fs, &p.format)
	fs.BoolVar(&p.diff, "diff", false, "show how the manifests would change, too")
	fs.BoolVar(&p.noColor, "no-color", false, "never use colours")
	return cmd
}

func (p *plan) run(ctx context.Context) error {
	print, err := report.PlanFormats().Named(p.format)
	switch {
	case err != nil:
		return err
	case p.diff && p.format != "text":
		return exit.Usagef("--diff is for people: it goes with --format text alone")
	}
	in, out := p.Stdin, io.Discard
	var before, after bytes.Buffer // kept only if the difference is wanted
	if p.diff {
		in, out = io.TeeReader(in, &before), &after
	}
	wired, err := p.reported(ctx, in, out)
	if err != nil {
		return err
	}
	colored := p.Colors(p.Stdout, p.noColor)
	err = print(p.Stdout, report.NewPlan(wired, p.Found, nil), colored)
	if err == nil && p.diff {
		err = report.PlanDiff(p.Stdout, colored, wired, before.Bytes(), after.Bytes())
	}
	if err != nil {
		return exit.Failedf("cannot write the plan: %w", err)
	}
	return p.Warn(wired)
}
