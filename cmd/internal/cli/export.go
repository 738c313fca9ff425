package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// exporter is one run of the command.
type exporter struct {
	env    Env
	values *values.Options
	opts   render.Options
	linter schema.Linter

	output             string
	force              bool
	includeCredentials bool
	as                 string
	app                export.ApplicationOptions
	image              string
}

func exportCommand(env Env) *cobra.Command {
	x := &exporter{env: env}
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
		ValidArgsFunction: oneOf(engines...),
		RunE:              func(cmd *cobra.Command, args []string) error { return x.run(cmd.Context(), args[0]) },
	}
	fs := cmd.Flags()
	x.values = valuesflag.Register(fs)
	fs.StringArrayVar(&x.opts.AllowMissing, "allow-missing", nil, "accept that `service` is not in the manifests (repeatable)")
	fs.StringVar(&x.output, "output", "", "write files into `folder` instead of a stream to standard output")
	fs.BoolVar(&x.force, "force", false, "overwrite files in that folder that no export has made")
	fs.BoolVar(&x.includeCredentials, "include-credentials", false, "write credentials that are given in plaintext, too")
	fs.StringVar(&x.as, "as", "", "`what` to make for argocd: application or plugin")
	fs.StringVar(&x.app.Chart.Address, "chart", "", "`address` of the chart, for argocd: oci://HOST/FOLDER/gitops-runtime")
	fs.StringVar(&x.app.Chart.Version, "chart-version", "", "`version` of the chart, for argocd (default: that of the manifests)")
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
	if x.as == "plugin" {
		files, err := export.Plugin(x.plugin())
		if err != nil {
			return exit.Failedf("%w", err)
		}
		return x.write(files)
	}
	settings, err := x.settings()
	if err != nil {
		return err
	}
	changes, wired, err := x.changes(ctx, settings)
	if err != nil {
		return err
	}
	var files []export.File
	switch engine {
	case "kustomize":
		files, err = export.Kustomize(changes)
	case "flux":
		files, err = export.Flux(changes)
	default:
		files, err = x.application(changes, wired)
	}
	if err != nil {
		return exportError(err)
	}
	if changes.IsEmpty() {
		if err := x.say("the chart wires these values by itself: there is nothing to patch"); err != nil {
			return err
		}
	}
	return x.write(files)
}

// exportError keeps the exit code that an error has.
func exportError(err error) error {
	var coded *exit.Error
	if errors.As(err, &coded) {
		return err
	}
	return exit.Failedf("%w", err)
}

// plaintext refuses to put a credential where it would be committed to git.
func plaintext(err error) error {
	return &exit.Error{Code: exit.Findings, Err: err,
		Hint: "put it into a Secret and refer to that, or say --include-credentials and keep what is written out of git"}
}

// plugin is what --as plugin is about.
func (x *exporter) plugin() export.PluginOptions {
	return export.PluginOptions{Chart: x.app.Chart, Image: x.image, Release: x.app.Name}
}

// settings returns what the given values declare, nil where none are given.
func (x *exporter) settings() (*schema.Settings, error) {
	if x.values.IsEmpty() {
		x.values.Files = filepath.SplitList(x.env.Getenv("RUNTIME_AUTH_VALUES"))
	}
	if x.values.IsEmpty() {
		return nil, nil
	}
	result, err := valuesflag.Lint(&x.linter, *x.values, nil, schema.Options{Now: time.Now(), Rendered: true})
	if err != nil {
		return nil, err
	}
	masks := report.Sources{result.Masks}
	if slices.ContainsFunc(result.Diagnostics, schema.StopsRender) {
		var details strings.Builder
		_ = report.Text{W: &details}.Print(result.Diagnostics, masks) // a Builder takes everything
		return nil, &exit.Error{Code: exit.Findings, Err: errors.New("the values are not fit to wire anything"), Details: details.String()}
	}
	return &result.Settings, report.Text{W: x.env.Stderr}.Print(result.Diagnostics, masks)
}

// changes renders, and compares what came out with what went in.
func (x *exporter) changes(ctx context.Context, settings *schema.Settings) (export.Changes, render.Report, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	x.opts.StreamValues = func(name string, data []byte) (schema.Settings, []diag.Diagnostic) {
		result, err := x.linter.LintFile(name, data, schema.Options{Now: time.Now(), Rendered: true})
		if err != nil {
			result.Diagnostics = append(result.Diagnostics, diag.Diagnostic{Severity: diag.Error, Rule: "yaml-syntax", File: name, Message: err.Error()})
		}
		return result.Settings, result.Diagnostics
	}
	var before, after bytes.Buffer
	wired, err := render.Run(ctx, settings, io.TeeReader(x.env.Stdin, &before), &after, x.opts)
	var failed *render.Error
	if errors.As(err, &failed) {
		e := &exit.Error{Code: exit.Failed, Err: err, Hint: failed.Hint}
		if failed.Kind == render.ValuesError {
			e.Code = exit.Findings
		}
		var details strings.Builder
		_ = report.Text{W: &details}.Print(failed.Diagnostics, nil)
		e.Details = details.String()
		return export.Changes{}, wired, e
	}
	if err := (report.Text{W: x.env.Stderr}).Print(diag.Sort(wired.Warnings), nil); err != nil {
		return export.Changes{}, wired, err
	}
	changes, err := export.Compare(before.Bytes(), after.Bytes())
	if err != nil {
		return export.Changes{}, wired, exit.Failedf("compare the manifests: %w", err)
	}
	return changes, wired, nil
}

// say tells the user something on standard error.
func (x *exporter) say(format string, args ...any) error {
	if _, err := fmt.Fprintf(x.env.Stderr, "runtime-auth: "+format+"\n", args...); err != nil {
		return exit.Failedf("cannot write to standard error: %w", err)
	}
	return nil
}
