package fleet

import (
	"os"
	"path/filepath"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// BesideChart returns opts for the values in a file: what the chart in whose folder it is
// says of a Runtime, unless another chart was given.
func BesideChart(opts schema.Options, file string) schema.Options {
	if opts.Scopes == nil && file != "-" {
		opts.Scopes = chart.Beside(file)
	}
	return opts
}

// ofRepository returns opts for a release whose chart is a folder in a git repository:
// what that chart says of a Runtime, if it is the repository that the manifest is in.
func ofRepository(opts schema.Options, file string, r *inline.Release) schema.Options {
	if opts.Scopes != nil || file == "-" || !filepath.IsLocal(filepath.FromSlash(r.Path)) {
		return opts
	}
	dir, err := filepath.Abs(filepath.Dir(file))
	for err == nil {
		folder := filepath.Join(dir, filepath.FromSlash(r.Path))
		if _, missing := os.Stat(filepath.Join(folder, "Chart.yaml")); missing == nil {
			opts.Scopes = chart.Beside(filepath.Join(folder, "values.yaml"))
			return opts
		}
		_, notRoot := os.Stat(filepath.Join(dir, ".git"))
		if above := filepath.Dir(dir); notRoot != nil && above != dir {
			dir = above
			continue
		}
		break
	}
	return opts
}
