// Package fleet finds the Runtimes of a repository: values files, and manifests of
// GitOps engines with values in them.
package fleet

import (
	"bytes"
	"errors"
	"path/filepath"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/syntax"
)

// Checked is what lint says of one file. All of it is empty for a file that no Runtime
// has anything to do with.
type Checked struct {
	// Releases are those of Runtimes in a manifest, or the one of a values file.
	Releases []Release
	// NotRead says what the file is if it holds a Runtime's values, or may do so, in a
	// form that is not read.
	NotRead string
}

// Release is a release of a Runtime with what lint says of it. That of a values file has an
// empty inline.Release, as there is no manifest.
type Release struct {
	*inline.Release
	inline.Result
}

func valuesFile(r schema.Result) Checked {
	return Checked{Releases: []Release{{&inline.Release{}, inline.Result{Result: r}}}}
}

// IsValuesFile reports whether the release is not one of a manifest.
func (r Release) IsValuesFile() bool { return r.Kind == "" }

// IsPartly reports whether it is not known what the release declares: there are values
// that nobody has looked at, and what they may decide is not decided by the others.
func (r Release) IsPartly() bool {
	return r.Unread || r.Refused || r.Unsettled || len(r.Unseen) > 0 && (r.Incomplete || r.Block == "")
}

// Lint lints a text as a values file, as (*schema.Linter).LintFile does.
type Lint func(name string, data []byte, opts schema.Options) (schema.Result, error)

// Check reads a file and lints it, for itself or release by release: lint lints it as a
// values file, linter the releases. What the chart beside it says of a Runtime counts,
// unless opts says it. The error is that of read or of the linter.
func Check(f File, read func(name string) ([]byte, error), lint Lint, linter *schema.Linter, opts schema.Options) (Checked, error) {
	if f.NotRead != "" {
		return Checked{NotRead: f.NotRead}, nil
	}
	name := input.Shown(f.Name)
	data, err := read(f.Name)
	if errors.Is(err, input.ErrTooLarge) && f.Found {
		if begin := (content{name, data}); !begin.mayHoldRuntime() {
			return Checked{}, nil
		}
		return Checked{NotRead: "larger than a values file can be"}, nil
	}
	if err != nil {
		return Checked{}, err
	}
	text, encoding := syntax.Decode(data)
	c := content{name: name, text: text}
	if f.Found && !c.mayHoldRuntime() {
		return Checked{}, nil
	}
	if f.Found && filepath.Ext(name) == terraformExt {
		if !bytes.Contains(text, []byte("helm_release")) || !c.namesRuntime() {
			return Checked{}, nil
		}
		return Checked{NotRead: "values in Terraform"}, nil
	}
	// Nothing takes a manifest in UTF-16, so one is told that it is.
	if encoding == "" && inline.Mentions(text) {
		checked, isManifest, err := c.manifest(f, linter, opts)
		if isManifest || err != nil {
			return checked, err
		}
	}
	if f.Found && c.isObject() {
		return Checked{NotRead: c.object()}, nil
	}
	for _, other := range append([]string{f.Name}, f.Others...) {
		opts = BesideChart(opts, other)
	}
	result, err := lint(name, data, opts)
	switch {
	case err != nil:
		return Checked{}, err
	case f.Found && !c.isRuntime(result):
		return Checked{NotRead: c.otherForm()}, nil
	}
	return valuesFile(result), nil
}

// manifest checks the file if it is a manifest.
func (c content) manifest(f File, linter *schema.Linter, opts schema.Options) (checked Checked, isManifest bool, _ error) {
	found, err := inline.Find(c.name, c.text)
	if err != nil {
		switch {
		case f.Found && !c.namesRuntime():
			return Checked{}, true, nil
		case f.Found && c.hasExpressions():
			return Checked{NotRead: "a template"}, true, nil // that somebody else fills in
		}
		result, err := schema.Unreadable(err)
		return valuesFile(result), true, err
	}
	for _, r := range found {
		release := Release{Release: r}
		if release.Result, err = r.Lint(linter, ofRepository(opts, f.Name, r)); err != nil {
			return Checked{}, true, err
		}
		if r.IsRuntime(release.Result) {
			checked.Releases = append(checked.Releases, release)
		}
	}
	// A values file may have a key that is called as those of other forms are.
	return checked, len(checked.Releases) > 0 || len(found) > 0 && c.isObject(), nil
}
