package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/fix"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// mended is a file with what --fix makes of it.
type mended struct {
	old []byte
	fix.Outcome
}

// mend finds out what --fix makes of a file. It writes nothing yet.
func (l *lint) mend(name string, data []byte, lint fix.Lint) (schema.Result, *mended, error) {
	o, err := fix.File(name, data, lint)
	if err != nil {
		return schema.Result{}, nil, err
	}
	m := &mended{old: data, Outcome: o}
	if l.fix {
		return o.After, m, nil
	}
	return o.Before, m, nil
}

// apply writes a mended file and shows the difference, whichever is asked for.
func (l *lint) apply(name string, m *mended) error {
	if m == nil || !m.Changed() {
		return nil
	}
	if l.fix {
		if err := rewrite.File(name, m.old, m.Data); err != nil {
			return err
		}
		fmt.Fprintf(l.env.Stderr, "runtime-auth: fixed %s: %s\n", printable.Line(name), listRules(m.Fixed))
	}
	if !l.diff {
		return nil
	}
	err := report.Diff{W: l.env.Stdout, Color: l.out.text.Color}.Print(name,
		report.Version{Data: m.old, Lines: m.Before.Masks.Whole()}, report.Version{Data: m.Data, Lines: m.After.Masks.Whole()})
	if err != nil {
		return exit.Failedf("cannot write the findings: %w", err)
	}
	return nil
}

// listRules names the rules of findings, each once and in their order.
func listRules(ds []diag.Diagnostic) string {
	var names []string
	seen := map[string]bool{}
	for _, d := range ds {
		if !seen[d.Rule] {
			seen[d.Rule] = true
			names = append(names, d.Rule)
		}
	}
	return strings.Join(names, ", ")
}

// mendArgoCD finds out what --fix makes of Argo CD's configuration: the one file that
// the findings of many values files are about. It is linted with all of them again.
func (l *lint) mendArgoCD(names []string) (*mended, error) {
	if !(l.fix || l.diff) || l.argoCD == shownName("-") || !l.out.canMend(l.argoCD) {
		return nil, nil
	}
	data, err := input.File(l.argoCD)
	if err != nil {
		return nil, err
	}
	r, m, err := l.mend(l.argoCD, data, func(data []byte) (schema.Result, error) { return l.lintArgoCD(names, data) })
	if err != nil {
		return nil, err
	}
	l.out.replaceShared(l.argoCD, r)
	return m, nil
}

// lintArgoCD returns what the values files have against a text of Argo CD's configuration.
func (l *lint) lintArgoCD(names []string, data []byte) (schema.Result, error) {
	config, err := schema.ParseArgoCD(l.argoCD, data)
	var syntax *values.SyntaxError
	if errors.As(err, &syntax) {
		return schema.SyntaxResult(syntax), nil
	}
	if err != nil {
		return schema.Result{}, err
	}
	opts := l.opts
	opts.ArgoCD = config
	var all schema.Result
	for _, name := range names {
		data, err := input.File(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // standard input, or gone in the meantime: its findings are printed
		}
		if err != nil {
			return schema.Result{}, err
		}
		r, err := l.linter.LintFile(name, data, opts)
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
