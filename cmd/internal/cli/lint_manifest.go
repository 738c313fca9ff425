package cli

import (
	"fmt"
	"regexp"
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
	files, folders, failed := fleet.Expand(args, l.onlyRuntimes)
	l.out.summary = len(folders) > 0 || l.onlyRuntimes
	l.out.search.empty = folders
	l.files = map[string]fleet.File{}
	for _, f := range files {
		names = append(names, f.Name)
		l.files[f.Name] = f
	}
	if l.fix {
		names = distinct(names)
	}
	l.names = names
	return names, failed
}

// manifest is a manifest that was linted, with what --fix makes of it.
type manifest struct {
	releases []fleet.Release // as they are to be printed

	old, data     []byte
	before, after []fleet.Release
	fixed         []diag.Diagnostic
}

// check lints a file for what it holds.
func (l *lint) check(f fleet.File, name string, data []byte) result {
	var m *mended
	c, err := fleet.Check(f, name, data, func(data []byte) (r schema.Result, err error) {
		if !l.fix && !l.diff {
			return l.lintValues(name, data)
		}
		r, m, err = l.mend(name, data, func(data []byte) (schema.Result, error) { return l.lintValues(name, data) })
		return r, err
	}, &l.linter, l.opts)
	switch {
	case err != nil:
		return result{err: err}
	case c.Values != nil:
		return result{Result: *c.Values, mended: m, isValues: true}
	case len(c.Releases) == 0:
		return result{notRead: c.NotRead}
	}
	found := &manifest{releases: c.Releases, old: data, data: data, before: c.Releases, after: c.Releases}
	if l.fix || l.diff {
		err = l.mendManifest(f, name, found)
	}
	return result{manifest: found, err: err}
}

// mendManifest finds out what --fix makes of a manifest. It writes nothing yet.
func (l *lint) mendManifest(f fleet.File, name string, m *manifest) (err error) {
	m.data, m.fixed, err = inline.Mend(name, m.old, &l.linter, l.opts)
	if err != nil || len(m.fixed) == 0 {
		return err
	}
	c, err := fleet.Check(f, name, m.data, func([]byte) (schema.Result, error) { return schema.Result{}, nil }, &l.linter, l.opts)
	if err != nil {
		return err
	}
	m.after = c.Releases
	if l.fix {
		m.releases = m.after
	}
	return nil
}

// finishManifest prints what became of a manifest, whose name in findings is name, and
// fixes it.
func (l *lint) finishManifest(f fleet.File, name string, m *manifest) error {
	hasBlock, isRead := false, true
	for _, r := range m.releases {
		isPartly := l.takeRemarks(name, r)
		hasBlock = hasBlock || r.Block != "" || len(r.Diagnostics) > 0
		isRead = isRead && !isPartly
		l.out.search.runtimes.add(r.Diagnostics, isPartly)
		if err := l.out.takeRelease(name, r); err != nil {
			return err
		}
	}
	l.out.search.add(f, hasBlock, isRead)
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
	for _, d := range r.Diagnostics {
		o.manifestsElsewhere = o.manifestsElsewhere || d.File != name
	}
	if r.Version == nil || r.Chart != schema.ChartName {
		o.note(r.Result.Result)
	}
	return o.takeFrom(name, r.Result.Result, r.Lines)
}

// takeRemarks notes what of a release could not be looked into. It reports whether that
// leaves open what the release declares.
func (l *lint) takeRemarks(name string, r fleet.Release) (isPartly bool) {
	place := fmt.Sprintf("%s:%d: %s", name, r.At.Range().Start.Line, r)
	elsewhere := strings.Join(r.Elsewhere(l.names), " and ")
	why := ""
	switch {
	case !r.IsPartly():
	case r.Unread != "":
		why = r.Unread
	case r.Refused:
		why = "a parameter that helm cannot read"
	case elsewhere != "":
		why = "values in " + elsewhere
	}
	switch {
	case why != "":
		l.out.search.notRead = append(l.out.search.notRead, fmt.Sprintf("%s (%s)", place, why))
	case elsewhere != "":
		l.out.elsewhere.add(fmt.Sprintf("takes values from %s too, which lint does not see: it says nothing of what is missing here", elsewhere), place)
	}
	if r.Unused {
		l.out.elsewhere.add("has both values and valuesObject: Argo CD takes valuesObject alone, and so does lint", place)
	}
	return why != ""
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
		plain:    regexp.MustCompile(`^[ -]*((spec|chart|sources?|helm|template|values|valuesObject|valuesInline|valuesContent|helmCharts|releases|forProvider|parameters|metadata|destination):( \|-?)?)?\r?$`),
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
