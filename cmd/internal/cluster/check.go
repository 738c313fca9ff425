//go:build cluster

package cluster

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/checkreport"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/color"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// check is one run of the command.
type check struct {
	env     Env
	values  *values.Options
	chart   chart.Flags
	argoCD  argoCDFlags
	noLive  bool
	wait    time.Duration
	all     bool
	release string
	format  string
	strict  bool
	noColor bool

	opts preflight.Options
}

func checkCommand(env Env) *cobra.Command {
	c := &check{env: env}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Tell whether the credential will work in the cluster, before it is installed",
		Long: "Check in the cluster and at Argo CD whether the credential that the values declare will work: that the Secret\n" +
			"is there and holds an API key, or the password in force, and that the Argo CD in the same namespace accepts it.\n" +
			"Nothing is changed. Values come from -f and --set; without them, from what Helm has recorded of the Runtime in\n" +
			"the namespace, and with --all-namespaces of every one in the cluster.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	fs := cmd.Flags()
	c.values = valuesflag.Register(fs)
	c.chart.Register(fs)
	c.argoCD.register(fs)
	fs.BoolVar(&c.noLive, "no-live", false, "do not call Argo CD, as with --all-namespaces")
	fs.DurationVar(&c.wait, "wait", 0, "check again until nothing fails, for no longer than this `duration`")
	fs.BoolVar(&c.all, "all-namespaces", false, "check every Runtime in the cluster with the values that Helm has recorded")
	fs.StringVar(&c.release, "release", "", "`name` of the Helm release whose recorded values are checked")
	fs.StringVar(&c.format, "format", "text", "output `format`: text, json or junit")
	complete.Words(fs, "format", checkreport.Formats()...)
	fs.BoolVar(&c.strict, "strict", false, "exit with 1 on warnings too")
	fs.BoolVar(&c.noColor, "no-color", false, "never use colours")
	return cmd
}

// validate looks at the command line before anything is read.
func (c *check) validate() error {
	given := !c.values.IsEmpty()
	switch {
	case !slices.Contains(checkreport.Formats(), c.format):
		return exit.Usagef("unknown format %q, it must be %s", c.format, strings.Join(checkreport.Formats(), ", "))
	case c.all && (given || c.release != "" || c.chart != chart.Flags{} || c.wait > 0):
		return hinted(exit.Usage, "leave out -f, --set, --chart, --chart-version, --release and --wait",
			"--all-namespaces takes the values, and the chart's version, from Helm's records, and does not wait")
	case c.all && c.argoCD.URL != "":
		return exit.Usagef("--argo-cd-url is the address of one Argo CD: it does not go with --all-namespaces")
	case given && c.release != "":
		return exit.Usagef("--release takes the values from Helm's records: it does not go with -f and --set")
	case c.noLive && c.argoCD.URL != "":
		return exit.Usagef("--argo-cd-url and --no-live contradict each other")
	case c.wait < 0:
		return exit.Usagef("--wait must not be negative")
	}
	return c.argoCD.validate()
}

func (c *check) run(ctx context.Context) error {
	if err := c.validate(); err != nil {
		return err
	}
	if err := c.argoCD.trust(); err != nil {
		return err
	}
	to := c.argoCD
	c.opts.Live = preflight.Live{URL: to.URL, Off: c.noLive || c.all, Roots: to.Roots, Insecure: to.Insecure, Timeout: to.Timeout}
	c.opts.Lint.Now = time.Now()
	if err := c.chart.Apply(&c.opts.Lint, c.env.Stderr); err != nil {
		return err
	}
	if err := c.load(); err != nil {
		return err
	}
	core, namespace, err := connect(c.env.Getenv, to.Timeout)
	if err != nil {
		return err
	}
	c.opts.Namespace = namespace
	out := checkreport.New(c.format, c.env.Stdout, color.Enabled(c.env.Stdout, c.env.Getenv, c.noColor), c.all)
	if c.all {
		err = c.everywhere(ctx, core, out)
	} else {
		var r preflight.Report
		if r, err = c.one(ctx, core); err == nil {
			err = write(out.Report(r))
		}
	}
	if err != nil {
		return explain(ctx, err)
	}
	if err := write(out.Finish()); err != nil {
		return err
	}
	if out.Summary.Failed > 0 || c.strict && out.Summary.Warnings > 0 {
		return exit.Silently(exit.Findings)
	}
	return nil
}

// load reads the values that are given. What does not parse is shown as lint shows it.
func (c *check) load() error {
	if c.values.IsEmpty() {
		return nil
	}
	v, broken, err := valuesflag.Load(*c.values, valuesflag.From(c.env.Stdin))
	if err != nil {
		return err
	}
	if broken != nil {
		text := report.Text{W: c.env.Stderr, Color: color.Enabled(c.env.Stderr, c.env.Getenv, c.noColor)}
		if err := text.Print(broken.Diagnostics, broken.Masks); err != nil {
			return exit.Failedf("%w", err)
		}
		return hinted(exit.Findings, "", "the values do not parse, so there is nothing to check")
	}
	c.opts.Values = v
	if c.opts.Lint.Scopes == nil {
		c.opts.Lint.Scopes = chart.Beside(c.values.Files...)
	}
	return nil
}
