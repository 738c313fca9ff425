// Package fleet finds the Runtimes of a repository: values files, and manifests of
// GitOps engines with values in them.
package fleet

import (
	"bytes"
	"errors"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Checked is what lint says of one file.
type Checked struct {
	// Values is the result for the file as a values file; nil if it is none.
	Values *schema.Result
	// Releases holds what the file has instead if it is a manifest: the releases of
	// Runtimes. There may be none.
	Releases []Release
}

// Release is a release of a Runtime with what lint says of it.
type Release struct {
	*inline.Release
	inline.Result
}

// Check lints a file, for itself or release by release. name is what findings call it.
// The error is that of the linter.
func Check(f File, name string, data []byte, linter *schema.Linter, opts schema.Options) (Checked, error) {
	if inline.Mentions(data) {
		found, err := inline.Find(name, data)
		var syntax *values.SyntaxError
		switch {
		case !errors.As(err, &syntax):
			if len(found) > 0 {
				return checkReleases(f.Name, found, linter, opts)
			}
		case f.OnlyReleases && bytes.Contains(data, []byte("{{")):
			return Checked{}, nil // a template that somebody else fills in
		default:
			r := schema.SyntaxResult(syntax)
			return Checked{Values: &r}, nil
		}
	}
	if f.OnlyReleases {
		return Checked{}, nil
	}
	r, err := linter.LintFile(name, data, BesideChart(opts, f.Name))
	return Checked{Values: &r}, err
}

func checkReleases(file string, found []*inline.Release, linter *schema.Linter, opts schema.Options) (Checked, error) {
	var c Checked
	for _, r := range found {
		result, err := r.Lint(linter, ofRepository(opts, file, r))
		if err != nil {
			return Checked{}, err
		}
		if r.IsRuntime(result) {
			c.Releases = append(c.Releases, Release{r, result})
		}
	}
	return c, nil
}
