//go:build cluster

package cluster

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdflag"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/checkreport"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/kube"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/fleet"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// check is one run of the command.
type check struct {
	Env
	values  *values.Options
	chart   chart.Flags
	argoCD  argocdflag.Flags
	noLive  bool
	require bool
	wait    time.Duration
	all     bool
	release string
	format  string
	strict  bool
	noColor bool

	opts preflight.Options
}

func checkCommand(env Env) *cobra.Command {
	c := &check{Env: env}
	cmd := command("check", "Tell whether the credential will work in the cluster, before it is installed",
		"Check in the cluster and at Argo CD whether the credential that the values declare will work: that the Secret\n"+
			"is there and holds an API key, or the password in force, and that the Argo CD in the same namespace accepts it.\n"+
			"Nothing is changed. Values come from -f and --set; without them, from what Helm has recorded of the Runtime in\n"+
			"the namespace, or the Application or HelmRelease that installs it; with --all-namespaces of every one in the cluster.",
		c.validate, c.run)
	fs := cmd.Flags()
	c.values = valuesflag.Register(fs)
	c.chart.Register(fs)
	c.argoCD.Register(fs)
	fs.BoolVar(&c.noLive, "no-live", false, "do not call Argo CD, as with --all-namespaces")
	fs.BoolVar(&c.require, "require-live", false, "fail unless Argo CD has judged the credential")
	fs.DurationVar(&c.wait, "wait", 0, "check again until nothing fails, for no longer than this `duration`")
	fs.BoolVar(&c.all, "all-namespaces", false, "check every Runtime in the cluster with the values that Helm has recorded")
	fs.StringVar(&c.release, "release", "", "`name` of the Helm release whose recorded values are checked")
	checkreport.Formats().Register(fs, &c.format)
	fs.BoolVar(&c.strict, "strict", false, "exit with 1 on warnings too")
	fs.BoolVar(&c.noColor, "no-color", false, "never use colours")
	return cmd
}

// validate looks at the flags.
func (c *check) validate() error {
	if err := c.argoCD.Validate(); err != nil {
		return err
	}
	given := !c.values.IsEmpty()
	switch {
	case !slices.Contains(checkreport.Formats().Names(), c.format):
		return exit.Usagef("unknown format %q, it must be %s", c.format, strings.Join(checkreport.Formats().Names(), ", "))
	case c.all && (given || c.release != "" || c.chart != chart.Flags{} || c.wait > 0):
		return exit.Hinted(exit.Usage, "leave out -f, --set, --chart, --chart-version, --release and --wait",
			"--all-namespaces takes the values, and the chart's version, from Helm's records, and does not wait")
	case c.all && c.argoCD.IsAddressed():
		return exit.Usagef("--argo-cd-url is the address of one Argo CD: it does not go with --all-namespaces, and neither does --port-forward")
	case given && c.release != "":
		return exit.Usagef("--release takes the values from Helm's records: it does not go with -f and --set")
	case c.noLive && c.argoCD.IsAddressed():
		return exit.Usagef("--no-live contradicts --argo-cd-url and --port-forward")
	case c.require && (c.noLive || c.all):
		return exit.Usagef("--require-live is about calling Argo CD, which --no-live and --all-namespaces do not")
	case c.wait < 0:
		return exit.Usagef("--wait must not be negative")
	}
	return nil
}

func (c *check) run(ctx context.Context) error {
	c.argoCD.UserAgent = userAgent()
	if err := c.argoCD.Trust(); err != nil {
		return err
	}
	c.opts.NoLive, c.opts.RequireLive = c.noLive || c.all, c.require
	c.opts.Lint.Now = time.Now()
	if err := c.chart.Apply(&c.opts.Lint, c.Stderr); err != nil {
		return err
	}
	if err := c.load(); err != nil {
		return err
	}
	cluster, err := connect(c.Getenv, c.argoCD.Timeout)
	if err != nil {
		return err
	}
	c.argoCD.Forward(cluster.config, cluster.core, cluster.namespace)
	c.opts.Namespace, c.opts.ArgoCD = cluster.namespace, c.argoCD.Options
	out := checkreport.New(c.format, c.Stdout, c.Colors(c.Stdout, c.noColor), c.all)
	blind := false
	for r, err := range c.reports(ctx, cluster) {
		if err != nil {
			return kube.Explain(ctx, err)
		}
		blind = blind || !r.Judged()
		if err := out.Report(r); err != nil {
			return exit.Failedf("cannot write the report: %w", err)
		}
	}
	if err := out.Finish(); err != nil {
		return exit.Failedf("cannot write the report: %w", err)
	}
	if c.strict && blind && out.Summary.Failed == 0 {
		return exit.Hinted(exit.Findings, "run as somebody who may read what the skipped checks name", "nothing was judged: every check that looks beyond the values was skipped")
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
	v, broken, err := valuesflag.Load(*c.values, valuesflag.From(c.Stdin))
	if err != nil {
		return err
	}
	if v == nil {
		text := report.Text{W: c.Stderr, Color: c.Colors(c.Stderr, c.noColor)}
		if err := text.Print(broken.Diagnostics, broken.Masks); err != nil {
			return exit.Failedf("%w", err)
		}
		return exit.Hinted(exit.Findings, "", "the values do not parse, so there is nothing to check")
	}
	c.opts.Values = v
	if c.opts.Lint.Scopes == nil {
		c.opts.Lint.Scopes = chart.Beside(c.values.Files...)
	}
	return nil
}

// reports checks every Runtime, or one.
func (c *check) reports(ctx context.Context, cluster *connection) iter.Seq2[preflight.Report, error] {
	if c.all {
		return fleet.Check(ctx, cluster.core, c.opts, c.Getenv("HELM_DRIVER"))
	}
	return func(yield func(preflight.Report, error) bool) { yield(c.one(ctx, cluster)) }
}

// one checks one Runtime, and waits for it where that was asked for. Without values, it
// is the one that Helm has recorded, or else that an object of a GitOps engine declares.
func (c *check) one(ctx context.Context, cluster *connection) (preflight.Report, error) {
	opts, release, source := c.opts, "", ""
	if opts.Values == nil {
		found, err := c.deployed(ctx, cluster)
		if err != nil {
			return preflight.Report{}, err
		}
		release, source, opts.Values = found.release, found.object, found.Values
		if opts.Lint.ChartVersion == nil {
			opts.Lint.ChartVersion = found.Lint.ChartVersion
		}
		if opts.Lint.Defaults == nil {
			opts.Lint.Defaults, opts.Lint.Scopes = found.Lint.Defaults, found.Lint.Scopes
		}
	}
	r, err := until(ctx, c.wait, c.Stderr, func() (preflight.Report, error) {
		opts.Lint.Now = time.Now()
		return preflight.Run(ctx, preflight.NewReader(cluster.core), opts)
	})
	r.Release, r.Source = release, source
	return r, err
}
