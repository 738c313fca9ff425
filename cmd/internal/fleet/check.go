// Package fleet finds the Runtimes of a repository: values files, and manifests of
// GitOps engines with values in them.
package fleet

import (
	"bytes"
	"path/filepath"
	"slices"
	"sync"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/syntax"
)

// Checked is what lint says of one file. All of it is empty for a file that no Runtime
// has anything to do with.
type Checked struct {
	// Values is the result for the file as a values file; nil if it is none.
	Values *schema.Result
	// Releases holds what the file has instead if it is a manifest: the releases of
	// Runtimes. There may be none.
	Releases []Release
	// NotRead says what the file is if it holds a Runtime's values, or may do so, in a
	// form that is not read.
	NotRead string
}

// Release is a release of a Runtime with what lint says of it.
type Release struct {
	*inline.Release
	inline.Result
	// Files are the values files that the manifest names, as it writes them.
	Files []string
}

// IsPartly reports whether it is not known what the release declares: there are values
// that nobody has looked at, and what they may decide is not decided by the others.
func (r Release) IsPartly() bool {
	return r.Unread || r.Refused || len(r.Unseen) > 0 && (r.Incomplete || r.Block == "")
}

// Lint lints a text as a values file; (*schema.Linter).LintFile does, given a name.
type Lint func(data []byte, opts schema.Options) (schema.Result, error)

// Check lints a file, for itself or release by release. name is what findings call it;
// lint lints it as a values file, linter the releases. What the chart beside it says of a
// Runtime counts, unless opts says it. The error is that of the linter.
func Check(f File, name string, data []byte, lint Lint, linter *schema.Linter, opts schema.Options) (Checked, error) {
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
	result, err := lint(data, BesideChart(opts, f.Name))
	switch {
	case err != nil:
		return Checked{}, err
	case f.Found && !c.isRuntime(result):
		return Checked{NotRead: c.otherForm()}, nil
	}
	return Checked{Values: &result}, nil
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
		return Checked{Values: &result}, true, err
	}
	files := sync.OnceValue(c.valuesFiles)
	for _, r := range found {
		release := Release{Release: r}
		if release.Result, err = r.Lint(linter, ofRepository(opts, f.Name, r)); err != nil {
			return Checked{}, true, err
		}
		if !r.IsRuntime(release.Result) {
			continue
		}
		if slices.ContainsFunc(r.Unseen, namesFiles) {
			release.Files = files()
		}
		checked.Releases = append(checked.Releases, release)
	}
	// A values file may have a key that is called as those of other forms are.
	return checked, len(checked.Releases) > 0 || len(found) > 0 && c.isObject(), nil
}

// Large says what a file is that is too large to be read, given how it begins; "" if it
// may be left alone.
func Large(f File, begin []byte) string {
	if c := (content{f.Name, begin}); f.Found && !c.mayHoldRuntime() {
		return ""
	}
	return "larger than a values file can be"
}
