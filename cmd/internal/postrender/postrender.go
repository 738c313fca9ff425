// Package postrender is the post-renderer's command line: of `helm runtime-auth render`
// and plan, and of the program that Helm starts itself.
package postrender

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/job"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/render"
)

// Env is what a program is given by whoever starts it.
type Env = program.Env

// renderer is one run of the post-renderer.
type renderer struct {
	job.Job
	reportFile string
}

// Command returns the post-renderer as the command called name.
func Command(name string, env Env) *cobra.Command {
	r := &renderer{Job: job.Job{Env: env}}
	cmd := &cobra.Command{
		Use:   name,
		Short: "Wire the Argo CD credentials into manifests: standard input to standard output",
		Long: "Read the manifests of a Codefresh GitOps Runtime, let every service read the Argo CD credentials that\n" +
			"the values declare, and write everything else as it came. Values come from the flags, else from the\n" +
			"files in " + job.ValuesVariable + ", else from the chart's own hook ConfigMap where it is in the manifests (Helm 4).",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return r.run(cmd.Context()) },
	}
	r.register(cmd.Flags())
	// Looked for by IsHelm4, because it counts also where the rest does not parse.
	cmd.Flags().Bool("helm4", false, "report failures in the way that Helm 4 shows to its user")
	return cmd
}

func (r *renderer) register(fs *pflag.FlagSet) {
	r.Register(fs)
	fs.StringVar(&r.reportFile, "report", "", "write a wiring report as JSON to `file`")
	complete.Files(fs, "report")
	fs.Bool("strict", false, "")
	_ = fs.MarkHidden("strict") // what it asked for is so always now
}

// Main runs the post-renderer by itself and returns its exit code.
func Main(args []string, env Env) int {
	cmd := Command("runtime-auth-post-renderer", env)
	cmd.SetArgs(args)
	cmd.SetErr(env.Stderr)
	// Helm would take a help text on standard output for manifests.
	cmd.SetOut(env.Stderr)
	helped := false
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		helped = true
		fmt.Fprintf(env.Stderr, "%s\n\n%s", cmd.Long, cmd.UsageString())
	})
	e := exit.Execute(context.Background(), cmd)
	if helped {
		e = exit.As(exit.Usagef("help was asked for, so nothing was rendered"))
	}
	return End(e, IsHelm4(args), env)
}

// End tells the user about e, nil if there is no error, and returns the exit code. Helm 4
// drops what a failing post-renderer prints on standard error, and shows only what it
// cannot take for manifests: a document that is a block of text, with exit code 0. To Helm
// 3 the same text would be a success, so it is done only where the Helm 4 manifest of the
// plugin says so (Helm 4.3, pkg/action splitAndDeannotate).
func End(e *exit.Error, helm4 bool, env Env) int {
	if e == nil || e.Silent || !helm4 {
		return env.End(e)
	}
	document := "--- |\n"
	for line := range strings.Lines(e.Text()) {
		document += "  " + line
	}
	if _, err := io.WriteString(env.Stdout, document); err != nil {
		return exit.Failed
	}
	return exit.OK
}

// IsHelm4 reports whether args, which may not even parse, come from Helm 4.
func IsHelm4(args []string) bool {
	return slices.Contains(args, "--helm4") || slices.Contains(args, "--helm4=true")
}

// run does the job and says what is worth knowing.
func (r *renderer) run(ctx context.Context) error {
	wired, err := r.reported(ctx, r.Stdin, r.Stdout)
	if err != nil {
		return err
	}
	return r.Warn(wired)
}

// reported renders and writes the report, after a failure too. The error carries
// its exit code.
func (r *renderer) reported(ctx context.Context, in io.Reader, out io.Writer) (render.Report, error) {
	if err := r.checkReport(); err != nil {
		return render.Report{}, err
	}
	wired, err := r.Run(ctx, in, out)
	if reportErr := r.writeReport(wired, err); err == nil {
		err = reportErr
	}
	return wired, err
}
