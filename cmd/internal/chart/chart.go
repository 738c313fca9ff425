// Package chart reads what the commands need of a chart: its version, its values, and
// where in them those of a Runtime are.
package chart

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Chart is a chart as lint sees it.
type Chart struct {
	Name string
	// Scopes is where in the chart's values those of a Runtime are; see
	// schema.Options. nil where the chart neither is a Runtime nor depends on one.
	Scopes [][]string
	// Version is that of the Runtime's chart, nil where it is not known, or where
	// the chart depends on several versions.
	Version *auth.ChartVersion
	// Defaults are the chart's own values over those of the Runtime's chart, nil if
	// there are none.
	Defaults *values.Values
}

// Read loads a chart from a folder or an archive. Errors: those of Helm's loader,
// *values.SyntaxError, and one for a path that is neither.
func Read(path string) (Chart, error) {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		err = errors.New("it is neither a folder nor a file")
	}
	var loaded *chart.Chart
	if err == nil {
		loaded, err = loader.Load(path)
	}
	w := walk{root: path}
	var outer *values.Chart
	if err == nil {
		outer, err = w.chart(loaded, nil, true)
	}
	if err != nil {
		return Chart{}, fmt.Errorf("cannot read chart %q: %w", path, input.Cause(err))
	}
	c := Chart{Name: loaded.Name(), Scopes: w.scopes, Version: w.version()}
	if d := outer.Defaults(); len(d.Files) > 0 {
		c.Defaults = d
	}
	return c, nil
}

// Beside returns where in values files those of a Runtime are, by the first Chart.yaml in
// one of their folders that tells of a Runtime; nil where none does.
func Beside(files ...string) [][]string {
	for _, file := range files {
		if input.IsStdin(file) {
			continue // it is in no folder
		}
		data, err := input.File(filepath.Join(filepath.Dir(file), "Chart.yaml"))
		var m chart.Metadata
		if err != nil || yaml.Unmarshal(data, &m) != nil {
			continue
		}
		var w walk
		_, _ = w.chart(&chart.Chart{Metadata: &m}, nil, true) // there are no values to fail on
		if w.scopes != nil {
			return w.scopes
		}
	}
	return nil
}

// walk goes through a chart and what it depends on.
type walk struct {
	root     string
	scopes   [][]string
	versions []string
}

// chart takes in a chart that is reached by path. Of one that has nothing to do with a
// Runtime the values do not matter, but for the outermost, which may be a Runtime by
// another name. Aliases mean something only where every chart on the way lists
// dependencies (processDependencyEnabled in pkg/chartutil/dependencies.go of Helm 3.22).
func (w *walk) chart(c *chart.Chart, path []string, aliases bool) (*values.Chart, error) {
	found := &values.Chart{Real: c.Name(), Listed: len(c.Metadata.Dependencies) > 0}
	if len(path) > 0 {
		found.Name = path[len(path)-1]
		if !hasRuntime(c) {
			return found, nil
		}
	}
	var err error
	if found.File, err = w.values(c, path); err != nil {
		return nil, err
	}
	if isRuntime(c) {
		version := "" // that of a chart with another name says nothing of the vendor's
		if c.Name() == auth.ChartName {
			version = c.Metadata.Version
		}
		w.scopes, w.versions = append(w.scopes, path), append(w.versions, version)
		for _, sub := range c.Dependencies() {
			found.Dependencies = append(found.Dependencies, &values.Chart{Name: sub.Name()})
		}
		return found, nil
	}
	var unlisted []*chart.Dependency
	for _, sub := range c.Dependencies() {
		if !lists(c, sub.Name()) { // Helm takes what is in charts/ all the same
			unlisted = append(unlisted, &chart.Dependency{Name: sub.Name(), Version: sub.Metadata.Version})
		}
	}
	for i, d := range slices.Concat(unlisted, c.Metadata.Dependencies) {
		if len(d.ImportValues) > 0 && dependsOnRuntime(c) {
			return nil, fmt.Errorf("the chart %q takes values from its dependency %q by import-values, and what they come to is not known here", c.Name(), d.Name)
		}
		name := d.Name
		if d.Alias != "" && aliases {
			name = d.Alias
		}
		isTaken := slices.ContainsFunc(found.Dependencies, func(d *values.Chart) bool { return d.Name == name })
		sub := loadedAs(c, d)
		switch {
		case isTaken && i >= len(unlisted): // two aliases that do not count
		case sub != nil:
			below, err := w.chart(sub, append(slices.Clone(path), name), aliases && found.Listed)
			if err != nil {
				return nil, err
			}
			if aliases { // else Helm does not look at these either
				below.Condition, below.Tags = d.Condition, d.Tags
			}
			found.Dependencies = append(found.Dependencies, below)
		case d.Name == auth.ChartName:
			w.scopes, w.versions = append(w.scopes, append(slices.Clone(path), name)), append(w.versions, locked(c, d))
		}
	}
	return found, nil
}

// values returns the values file of a chart, nil where it has none.
func (w *walk) values(c *chart.Chart, path []string) (*values.File, error) {
	for _, f := range c.Raw {
		if f.Name == "values.yaml" {
			return values.Parse(filepath.Join(slices.Concat([]string{w.root}, path, []string{f.Name})...), f.Data)
		}
	}
	return nil, nil
}

// hasRuntime reports whether a chart is a Runtime's or depends on one.
func hasRuntime(c *chart.Chart) bool {
	return c.Name() == auth.ChartName || holdsBlock(c.Values) || dependsOnRuntime(c)
}

func dependsOnRuntime(c *chart.Chart) bool {
	return lists(c, auth.ChartName) || slices.ContainsFunc(c.Dependencies(), hasRuntime)
}

func lists(c *chart.Chart, name string) bool {
	return slices.ContainsFunc(c.Metadata.Dependencies, func(d *chart.Dependency) bool { return d.Name == name })
}

// isRuntime reports whether a chart is a Runtime's: by its name, or, for one that somebody
// has made of it, because its own values hold the block.
func isRuntime(c *chart.Chart) bool {
	return c.Name() == auth.ChartName || holdsBlock(c.Values) && !dependsOnRuntime(c)
}

// holdsBlock walks by itself: Helm's pkg/chartutil, which can do it, links a Kubernetes client.
func holdsBlock(v map[string]any) bool {
	for _, path := range auth.BlockPaths() {
		var at any = v
		for _, step := range path {
			m, _ := at.(map[string]any)
			at = m[step]
		}
		if m, ok := at.(map[string]any); ok && len(m) > 0 {
			return true
		}
	}
	return false
}

// loadedAs returns the chart in charts/ that a dependency names, nil if it is not there.
func loadedAs(c *chart.Chart, d *chart.Dependency) *chart.Chart {
	var found *chart.Chart
	for _, sub := range c.Dependencies() {
		if sub.Name() == d.Name && (found == nil || sub.Metadata.Version == locked(c, d)) {
			found = sub
		}
	}
	return found
}

// locked returns the version of a dependency; Chart.yaml may have a range of them.
func locked(c *chart.Chart, d *chart.Dependency) string {
	if c.Lock != nil {
		for _, l := range c.Lock.Dependencies {
			if l.Name == d.Name && l.Repository == d.Repository {
				return l.Version
			}
		}
	}
	return d.Version
}

func (w *walk) version() *auth.ChartVersion {
	slices.Sort(w.versions)
	if len(slices.Compact(w.versions)) != 1 {
		return nil
	}
	v, err := auth.ParseChartVersion(w.versions[0])
	if err != nil {
		return nil
	}
	return &v
}

// Flags are --chart and --chart-version.
type Flags struct{ Path, Version string }

// Register defines the flags on fs.
func (f *Flags) Register(fs *pflag.FlagSet) {
	fs.StringVar(&f.Version, "chart-version", "", "`version` of the gitops-runtime chart the values are for")
	CompleteVersion(fs)
	fs.StringVar(&f.Path, "chart", "", "lay the values over the defaults of this chart (folder or archive), and take its version")
	complete.Files(fs, "chart")
}

// CompleteVersion offers the versions for --chart-version of fs between which the place of
// the block changes.
func CompleteVersion(fs *pflag.FlagSet) {
	var words []string
	all := auth.Generations()
	for i, g := range all[1:] {
		before := auth.ChartVersion{Major: g.From.Major, Minor: g.From.Minor - 1}
		words = append(words, before.String()+"\treads "+strings.Join(all[i].BlockPath, "."),
			g.From.String()+"\treads "+strings.Join(g.BlockPath, "."))
	}
	complete.Words(fs, "chart-version", words...)
}

// Apply reads what the flags name into opts. What it has to say beside goes to
// stderr. Errors carry their exit code.
func (f Flags) Apply(opts *schema.Options, stderr io.Writer) error {
	if f.Path != "" {
		c, err := Read(f.Path)
		if err != nil {
			return exit.Failedf("%w", err)
		}
		opts.ChartVersion, opts.Defaults, opts.Scopes = c.Version, c.Defaults, c.Scopes
		if c.Scopes == nil && f.Version == "" {
			if _, err := fmt.Fprintf(stderr, "runtime-auth: chart %q is neither %s nor depends on it, so its version says nothing of the block\n", c.Name, auth.ChartName); err != nil {
				return exit.Failedf("cannot write to standard error: %w", err)
			}
		}
	}
	if f.Version == "" {
		return nil
	}
	v, err := auth.ParseChartVersion(f.Version)
	if err != nil {
		return exit.Usagef("--chart-version: %w", err)
	}
	if of := opts.ChartVersion; of != nil && *of != v {
		return exit.Usagef("--chart-version %s contradicts --chart, which is version %s", v, of)
	}
	opts.ChartVersion = &v
	return nil
}
