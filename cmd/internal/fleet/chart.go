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
	if opts.Scopes == nil {
		opts.Scopes = chart.Beside(file)
	}
	return opts
}

// ofRepository returns opts for a release whose chart is a folder in a git repository:
// what that chart says of a Runtime, if it is the repository that the manifest is in.
func ofRepository(opts schema.Options, file string, r *inline.Release) schema.Options {
	inRepository := filepath.FromSlash(r.Path)
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil || file == "-" || !filepath.IsLocal(inRepository) {
		return opts
	}
	for !exists(dir, inRepository, "Chart.yaml") {
		above := filepath.Dir(dir)
		if exists(dir, ".git") || above == dir {
			return opts
		}
		dir = above
	}
	return BesideChart(opts, filepath.Join(dir, inRepository, "values.yaml"))
}

func exists(path ...string) bool {
	_, err := os.Stat(filepath.Join(path...))
	return err == nil
}
