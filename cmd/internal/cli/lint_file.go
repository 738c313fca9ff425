package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/fix"
)

// checked is what became of one file.
type checked struct {
	fleet.Checked // as it is to be printed
	fixed         *fixed
}

// fixed is a text before and after the fixes of findings.
type fixed struct {
	findings      []diag.Diagnostic
	before, after report.Version
}

// file lints a file for what it holds, and finds out what --fix makes of it. It writes
// nothing yet.
func (l *lint) file(f fleet.File) (c checked, err error) {
	var data []byte
	read := func(name string) (_ []byte, err error) {
		if data, err = input.Named(name, l.env.Stdin); err == nil && len(data) > largeFile {
			liftMemoryLimit()
		}
		return data, err
	}
	lintOrFix := func(name string, data []byte, opts schema.Options) (r schema.Result, err error) {
		if !l.fix && !l.diff {
			return l.values(name, data, opts)
		}
		r, c.fixed, err = l.fixed(name, data, func(data []byte) (schema.Result, error) { return l.values(name, data, opts) })
		return r, err
	}
	c.Checked, err = fleet.Check(f, read, lintOrFix, &l.linter, l.opts)
	if err == nil && (l.fix || l.diff) && len(c.Releases) > 0 && !c.Releases[0].IsValuesFile() {
		err = l.fixManifest(f, data, &c)
	}
	return c, err
}

// values lints a text as a values file.
func (l *lint) values(name string, data []byte, opts schema.Options) (schema.Result, error) {
	if opts.ArgoCD != nil && name == l.argoCD { // --fix changes it, too
		if config, err := argocd.Parse(name, data); err == nil {
			opts.ArgoCD = config
		}
	}
	return l.linter.LintFile(name, data, opts)
}

// fixed returns the result for a text that is to be printed, and what --fix makes of it.
func (l *lint) fixed(name string, data []byte, lint fix.Lint) (schema.Result, *fixed, error) {
	o, err := fix.File(name, data, lint)
	if err != nil || !o.Changed() {
		return o.Before, nil, err
	}
	f := &fixed{o.Fixed, report.Version{Data: data, Lines: o.Before.Masks.Whole()}, report.Version{Data: o.Data, Lines: o.After.Masks.Whole()}}
	if l.fix {
		return o.After, f, nil
	}
	return o.Before, f, nil
}

// fixManifest finds out what --fix makes of a manifest.
func (l *lint) fixManifest(f fleet.File, data []byte, c *checked) error {
	out, findings, err := inline.Mend(input.Shown(f.Name), data, &l.linter, l.opts)
	if err != nil || len(findings) == 0 {
		return err
	}
	read := func(string) ([]byte, error) { return out, nil }
	noValues := func(string, []byte, schema.Options) (schema.Result, error) { return schema.Result{}, nil }
	after, err := fleet.Check(f, read, noValues, &l.linter, l.opts)
	if err != nil {
		return err
	}
	c.fixed = &fixed{findings, manifestVersion(data, c.Releases), manifestVersion(out, after.Releases)}
	if l.fix {
		c.Checked = after
	}
	return nil
}

// finishFile prints what became of a file, and writes what is fixed in it.
func (l *lint) finishFile(f fleet.File, c checked) error {
	name := input.Shown(f.Name)
	l.out.files++
	hasBlock, isRead := false, c.NotRead == ""
	if !isRead {
		l.out.addNotRead(name, c.NotRead)
	}
	for _, r := range c.Releases {
		if r.IsValuesFile() {
			l.valuesFiles = append(l.valuesFiles, f.Name)
		}
		isPartly := l.remark(name, r)
		hasBlock = hasBlock || r.Block != "" || len(r.Diagnostics) > 0
		isRead = isRead && !isPartly
		if r.IsRuntime(r.Result) {
			l.out.addRuntime(r.Diagnostics, isPartly)
		}
		if err := l.out.take(name, r); err != nil {
			return err
		}
	}
	l.out.addFile(f, hasBlock, isRead)
	if len(c.Releases) == 0 {
		return nil
	}
	return l.apply(name, c.fixed)
}

// remark notes what of a release could not be looked into. It reports whether that leaves
// open what the release declares.
func (l *lint) remark(name string, r fleet.Release) (isPartly bool) {
	place := fmt.Sprintf("%s:%d: %s", name, r.At.Range().Start.Line, r)
	elsewhere := strings.Join(r.Elsewhere(l.names), " and ")
	why := ""
	switch {
	case !r.IsPartly():
	case r.Unread:
		why = "its values are a template, which is no YAML before it is filled in"
	case r.Refused:
		why = "a parameter that helm cannot read"
	case elsewhere != "":
		why = "values in " + elsewhere
	case r.Unsettled:
		why = "a key on the way to the auth block, or in it, is filled in later"
	}
	switch {
	case why != "":
		l.out.addNotRead(place, why)
	case elsewhere != "":
		l.out.note(place, "takes values from "+elsewhere+" too, which lint does not see: it says nothing of what is missing here")
	}
	if r.Unused {
		l.out.note(place, "has both values and valuesObject: Argo CD takes valuesObject alone, and so does lint")
	}
	return why != ""
}

// apply writes a fixed file and shows the difference, whichever is asked for.
func (l *lint) apply(name string, f *fixed) error {
	if f == nil {
		return nil
	}
	if l.fix {
		if err := rewrite.File(name, f.before.Data, f.after.Data); err != nil {
			return err
		}
		var rules []string // each once and in their order
		for _, d := range f.findings {
			if !slices.Contains(rules, d.Rule) {
				rules = append(rules, d.Rule)
			}
		}
		fmt.Fprintf(l.env.Stderr, "runtime-auth: fixed %s: %s\n", printable.Line(name), strings.Join(rules, ", "))
	}
	if !l.diff {
		return nil
	}
	if err := report.Diff(l.env.Stdout, l.out.text.Color, name, f.before, f.after); err != nil {
		return exit.Failedf("cannot write the findings: %w", err)
	}
	return nil
}

// fixArgoCD finds out what --fix makes of Argo CD's configuration: the one file that the
// findings of many values files are about. It is linted with all of them again.
func (l *lint) fixArgoCD() (*fixed, error) {
	// What a release has against the configuration is not looked for again, so it would
	// seem to be gone.
	if !(l.fix || l.diff) || l.argoCD == input.Stdin || l.out.releasesElsewhere || !l.out.canFixShared(l.argoCD) {
		return nil, nil
	}
	data, err := input.File(l.argoCD)
	if err != nil {
		return nil, err
	}
	r, f, err := l.fixed(l.argoCD, data, l.lintArgoCD)
	if err == nil {
		l.out.replaceShared(l.argoCD, r)
	}
	return f, err
}

// lintArgoCD returns what the values files have against a text of Argo CD's configuration.
func (l *lint) lintArgoCD(data []byte) (schema.Result, error) {
	config, err := argocd.Parse(l.argoCD, data)
	if err != nil {
		return schema.Unreadable(err)
	}
	opts := l.opts
	opts.ArgoCD = config
	var all schema.Result
	for _, name := range l.valuesFiles {
		data, err := input.File(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // standard input, or gone in the meantime: its findings are printed
		}
		if err != nil {
			return schema.Result{}, err
		}
		r, err := l.linter.LintFile(name, data, fleet.BesideChart(opts, name))
		if err != nil {
			return schema.Result{}, err
		}
		all.Masks = r.Masks
		for _, d := range r.Diagnostics {
			if d.File == l.argoCD {
				all.Diagnostics = append(all.Diagnostics, d)
			}
		}
	}
	all.Diagnostics = diag.Sort(all.Diagnostics)
	return all, nil
}
