package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// expand returns the names of the files to lint.
func (l *lint) expand(args []string) (names []string, failed []error) {
	files, hasFolder, failed := fleet.Expand(args)
	l.out.summary = hasFolder
	l.onlyReleases = map[string]bool{}
	for _, f := range files {
		names = append(names, f.Name)
		if f.OnlyReleases {
			l.onlyReleases[f.Name] = true
		}
	}
	if l.fix {
		names = distinct(names)
	}
	return names, failed
}

// valuesOf leaves out the names of manifests.
func (l *lint) valuesOf(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return l.onlyReleases[name] })
}

// manifest is a manifest that was linted, with what --fix makes of it.
type manifest struct {
	releases []fleet.Release // as they are to be printed

	old, data     []byte
	before, after []fleet.Release
	fixed         []diag.Diagnostic
}

// manifest lints a file for the releases in it; ok is false if it is to be linted as
// a values file.
func (l *lint) manifest(name string, data []byte) (r result, ok bool) {
	f := fleet.File{Name: name, OnlyReleases: l.onlyReleases[name]}
	name = shownName(name)
	c, err := fleet.Check(f, name, data, &l.linter, l.opts)
	switch {
	case err != nil:
		return result{err: err}, true
	case c.Values != nil && !f.OnlyReleases:
		return result{}, false
	case c.Values != nil:
		return result{Result: *c.Values}, true
	case len(c.Releases) == 0:
		return result{ignored: true}, true
	}
	m := &manifest{releases: c.Releases, old: data, data: data, before: c.Releases, after: c.Releases}
	if l.fix || l.diff {
		err = l.mendManifest(f, name, m)
	}
	return result{manifest: m, err: err}, true
}

// mendManifest finds out what --fix makes of a manifest. It writes nothing yet.
func (l *lint) mendManifest(f fleet.File, name string, m *manifest) (err error) {
	m.data, m.fixed, err = inline.Mend(name, m.old, &l.linter, l.opts)
	if err != nil || len(m.fixed) == 0 {
		return err
	}
	c, err := fleet.Check(f, name, m.data, &l.linter, l.opts)
	if err != nil {
		return err
	}
	m.after = c.Releases
	if l.fix {
		m.releases = m.after
	}
	return nil
}

// finishManifest prints what became of a manifest, and mends it.
func (l *lint) finishManifest(name string, m *manifest) error {
	l.out.files++
	for _, r := range m.releases {
		if err := l.out.takeRelease(name, r); err != nil {
			return err
		}
	}
	if len(m.fixed) == 0 {
		return nil
	}
	if l.fix {
		if err := rewrite.File(name, m.old, m.data); err != nil {
			return err
		}
		fmt.Fprintf(l.env.Stderr, "runtime-auth: fixed %s: %s\n", printable.Line(name), listRules(m.fixed))
	}
	if !l.diff {
		return nil
	}
	err := report.Diff{W: l.env.Stdout, Color: l.out.text.Color}.Print(name,
		report.Version{Data: m.old, Lines: newManifestLines(m.old, m.before)}, report.Version{Data: m.data, Lines: newManifestLines(m.data, m.after)})
	if err != nil {
		return exit.Failedf("cannot write the findings: %w", err)
	}
	return nil
}

// takeRelease is for the result of one release in the file called name.
func (o *output) takeRelease(name string, r fleet.Release) error {
	o.runtimes.add(name, r.Diagnostics)
	for _, d := range r.Diagnostics {
		o.manifestsElsewhere = o.manifestsElsewhere || d.File != name
	}
	if r.Version == nil || r.Chart != schema.ChartName {
		o.note(r.Result.Result)
	}
	for _, remark := range remarks(r) {
		o.elsewhere.add(remark, fmt.Sprintf("%s:%d: %s", name, r.At.Range().Start.Line, r))
	}
	return o.takeFrom(name, r.Result.Result, r.Lines)
}

// remarks says what of a release could not be looked into.
func remarks(r fleet.Release) []string {
	var found []string
	if len(r.Unseen) > 0 {
		found = append(found, fmt.Sprintf("takes values from %s too, which lint does not see: it says nothing of what is missing here", strings.Join(r.Unseen, " and ")))
	}
	if r.Unread != "" {
		found = append(found, r.Unread+": nothing was looked at")
	}
	if r.Unused {
		found = append(found, "has both values and valuesObject: Argo CD takes valuesObject alone, and so does lint")
	}
	if r.Refused {
		found = append(found, "has a parameter that helm cannot read, which was left out")
	}
	return found
}

// manifestLines shows the lines of a manifest: those of values as their release has
// them, and of the rest only keys that say what stands below them.
type manifestLines struct {
	lines    []string
	plain    *regexp.Regexp
	releases []fleet.Release
}

func newManifestLines(data []byte, releases []fleet.Release) manifestLines {
	return manifestLines{
		lines:    strings.Split(string(data), "\n"),
		plain:    regexp.MustCompile(`^[ -]*((spec|chart|sources?|helm|template|values|valuesObject|parameters|metadata|destination):( \|-?)?)?\r?$`),
		releases: releases,
	}
}

// Line implements report.Lines.
func (m manifestLines) Line(file string, number int) ([]schema.Piece, bool) {
	for _, r := range m.releases {
		if r.Lines.Has(number) {
			return r.Lines.Line(file, number)
		}
	}
	if number < 1 || number > len(m.lines) || !m.plain.MatchString(m.lines[number-1]) {
		return nil, false
	}
	return []schema.Piece{{Text: strings.TrimSuffix(m.lines[number-1], "\r")}}, true
}
