package cli

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/job"
	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
	"github.com/helm-runtime-auth/runtime-auth/render"
)

// exporter is one run of the command.
type exporter struct {
	job.Job
	output             string
	force              bool
	includeCredentials bool
	as                 string
	app                export.ApplicationOptions
	image              string
}

func exportCommand(env Env) *cobra.Command {
	x := &exporter{Job: job.Job{Env: env}}
	engines := []string{"kustomize", "flux", "argocd"}
	cmd := &cobra.Command{
		Use:   "export kustomize|flux|argocd",
		Short: "Write the wiring down for a GitOps engine: manifests on standard input",
		Long: "Read manifests and values as render does, and write what render would change in a form that GitOps takes:\n" +
			"  kustomize  a Component with the patches\n" +
			"  flux       the stanza postRenderers of a HelmRelease\n" +
			"  argocd     --as application: an Application, and the kustomization in git that it is about (--output)\n" +
			"             --as plugin: a config management plugin, as a Component for the kustomization of Argo CD itself;\n" +
			"             it reads neither values nor manifests\n\n" +
			"A credential in plaintext is not written anywhere unless --include-credentials says so.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(engines, args[0]) {
				return exit.Usagef("export is for one engine: %s", strings.Join(engines, ", "))
			}
			return nil
		},
		ValidArgsFunction: complete.OneOf(engines...),
		RunE:              func(cmd *cobra.Command, args []string) error { return x.run(cmd.Context(), args[0]) },
	}
	fs := cmd.Flags()
	x.RegisterValues(fs)
	fs.StringVar(&x.output, "output", "", "write files into `folder` instead of a stream to standard output")
	complete.Folders(fs, "output")
	fs.BoolVar(&x.force, "force", false, "overwrite files in that folder that no export has made")
	fs.BoolVar(&x.includeCredentials, "include-credentials", false, "write credentials that are given in plaintext, too")
	fs.StringVar(&x.as, "as", "", "`what` to make for argocd: application or plugin")
	complete.Words(fs, "as", "application", "plugin")
	fs.StringVar(&x.app.Chart.Address, "chart", "", "`address` of the chart, for argocd: oci://HOST/FOLDER/gitops-runtime")
	fs.StringVar(&x.app.Chart.Version, "chart-version", "", "`version` of the chart, for argocd (default: that of the manifests)")
	chart.CompleteVersion(fs)
	fs.StringVar(&x.app.Name, "release", "", "`name` of the release, and of the Application (default: gitops-runtime; with --as plugin that of the Application)")
	fs.StringVar(&x.app.Namespace, "runtime-namespace", "", "`namespace` of the Runtime and the Application (default: helm's)")
	fs.StringVar(&x.app.Repository, "git-url", "", "`address` of the git repository that the Application is about")
	fs.StringVar(&x.app.Path, "git-path", ".", "`path` in that repository where the folder of the export will be")
	fs.StringVar(&x.app.Revision, "git-revision", "HEAD", "`branch`, tag or commit that the Application follows")
	fs.StringVar(&x.image, "image", "", "`image` with helm and runtime-auth in it, for --as plugin")
	return cmd
}

func (x *exporter) run(ctx context.Context, engine string) error {
	if err := x.check(engine); err != nil {
		return err
	}
	files, err := x.files(ctx, engine)
	if err != nil {
		return err
	}
	return x.write(files)
}

func (x *exporter) files(ctx context.Context, engine string) (files []export.File, _ error) {
	if x.as == "plugin" {
		return export.Plugin(x.plugin())
	}
	changes, wired, err := x.changes(ctx)
	if err != nil {
		return nil, err
	}
	switch engine {
	case "kustomize":
		files, err = export.Kustomize(changes)
	case "flux":
		files, err = export.Flux(changes)
	default:
		files, err = x.application(changes, wired)
	}
	if err == nil && changes.IsEmpty() {
		err = x.Say("the chart wires these values by itself: there is nothing to patch")
	}
	return files, err
}

// plaintext refuses to put a credential where it would be committed to git.
func plaintext(err error) error {
	return exit.Hinted(exit.Findings, "put it into a Secret and refer to that, or say --include-credentials and keep what is written out of git",
		"%w", err)
}

// plugin is what --as plugin is about.
func (x *exporter) plugin() export.PluginOptions {
	return export.PluginOptions{Chart: x.app.Chart, Image: x.image, Release: x.app.Name}
}

// changes renders, and compares what came out with what went in. Where nobody has
// declared a credential there is nothing to compare: what the manifests say may be the
// chart's default, which must not be written down as if it were meant.
func (x *exporter) changes(ctx context.Context) (export.Changes, render.Report, error) {
	var before, after bytes.Buffer
	wired, err := x.Run(ctx, io.TeeReader(x.Stdin, &before), &after)
	if err != nil {
		return export.Changes{}, wired, err
	}
	if slices.ContainsFunc(wired.Runtimes, func(r render.Runtime) bool { return r.Values == render.Witness }) {
		return export.Changes{}, wired, exit.Hinted(exit.Findings, "give the values that hold the auth block with -f or --set",
			"the values declare no Argo CD credentials, so it is not known what to export")
	}
	if err := x.Warn(wired); err != nil {
		return export.Changes{}, wired, err
	}
	changes, err := export.Compare(before.Bytes(), after.Bytes())
	if err != nil {
		return export.Changes{}, wired, exit.Failedf("compare the manifests: %w", err)
	}
	return changes, wired, nil
}
