// Package chart reads what lint needs of a chart: its version and its defaults.
package chart

import (
	"fmt"
	"path/filepath"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

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
