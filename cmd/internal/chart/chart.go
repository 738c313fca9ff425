// Package chart reads what the commands need of a chart: its version and its defaults.
package chart

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/pflag"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Chart is a chart as lint sees it.
type Chart struct {
	Name string
	// Version is that of the Runtime's chart: this one, or the one that this one
	// depends on; nil where neither is a Runtime.
	Version *schema.ChartVersion
	// Defaults is the chart's own values.yaml, nil if it has none.
	Defaults *values.File
}

// Read loads a chart from a folder or an archive. Errors: those of Helm's loader,
// *values.SyntaxError.
func Read(path string) (Chart, error) {
	loaded, err := loader.Load(path)
	if err != nil {
		return Chart{}, fmt.Errorf("cannot read chart %s: %w", path, err)
	}
	c := Chart{Name: loaded.Name(), Version: runtimeVersion(loaded)}
	for _, f := range loaded.Raw {
		if f.Name != "values.yaml" {
			continue
		}
		if c.Defaults, err = values.Parse(filepath.Join(path, f.Name), f.Data); err != nil {
			return Chart{}, err
		}
	}
	return c, nil
}

// runtimeVersion looks at the chart and at what it depends on: a Runtime wrapped in
// a chart of one's own reads the same `global` values.
func runtimeVersion(c *chart.Chart) *schema.ChartVersion {
	candidates := map[string]string{c.Name(): c.Metadata.Version}
	for _, d := range c.Metadata.Dependencies {
		candidates[d.Name] = d.Version // may be a range, which is no version
	}
	if c.Lock != nil {
		for _, d := range c.Lock.Dependencies {
			candidates[d.Name] = d.Version
		}
	}
	for _, d := range c.Dependencies() {
		candidates[d.Name()] = d.Metadata.Version
	}
	v, err := schema.ParseChartVersion(candidates[schema.ChartName])
	if err != nil {
		return nil
	}
	return &v
}

// Flags are --chart and --chart-version.
type Flags struct{ Path, Version string }

// Register defines the flags on fs.
func (f *Flags) Register(fs *pflag.FlagSet) {
	fs.StringVar(&f.Path, "chart", "", "lay the values over the defaults of this chart (folder or archive), and take its version")
	fs.StringVar(&f.Version, "chart-version", "", "`version` of the gitops-runtime chart the values are for")
}

// Apply reads what the flags name into opts. What it has to say beside goes to
// stderr. Errors carry their exit code.
func (f Flags) Apply(opts *schema.Options, stderr io.Writer) error {
	if f.Path != "" {
		c, err := Read(f.Path)
		if err != nil {
			return exit.Failedf("%w", err)
		}
		opts.ChartVersion, opts.Defaults = c.Version, c.Defaults
		if c.Version == nil && f.Version == "" {
			fmt.Fprintf(stderr, "runtime-auth: chart %q is neither %s nor depends on it, so its version says nothing of the block\n", c.Name, schema.ChartName)
		}
	}
	if f.Version == "" {
		return nil
	}
	v, err := schema.ParseChartVersion(f.Version)
	if err != nil {
		return exit.Usagef("--chart-version: %w", err)
	}
	if of := opts.ChartVersion; of != nil && *of != v {
		return exit.Usagef("--chart-version %s contradicts --chart, which is version %s", v, of)
	}
	opts.ChartVersion = &v
	return nil
}
