package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// generationRules are the rules on which block counts.
func generationRules() []Rule {
	return []Rule{
		{ID: "moved-block", Severity: diag.Error, Fixable: true, Keys: true, Block: moved},
		{ID: "both-blocks", Severity: diag.Error, After: []string{AnyError}, Choice: bothBlocks},
		{ID: "lost-block", Severity: diag.Warning, Class: Advice, Choice: lostBlock},
	}
}

// moved reports a block where the given chart does not read it.
func moved(p *Pass, b block.Block) {
	v := p.opts.ChartVersion
	if v == nil {
		return
	}
	at, path := b.Value.KeySpan(), b.Where()
	g := v.Generation()
	if g == nil {
		p.report(at, path, fmt.Sprintf("chart %s has no such block: it came with %s", v, auth.Generations()[0].From), "upgrade the chart")
		return
	}
	if slices.Equal(g.BlockPath, b.Path) {
		return
	}
	when := "since " + firstAt(g.BlockPath).String()
	if since := firstAt(b.Path); v.Compare(since) < 0 {
		when = "before " + since.String()
	}
	d := p.report(at, path, fmt.Sprintf("chart %s ignores this block: %s it is %s", v, when, strings.Join(g.BlockPath, ".")), "move it there")
	p.mendMoved(d, b, g.BlockPath)
}

// firstAt returns the first version of the chart that reads the block at path.
func firstAt(path []string) auth.ChartVersion {
	all := auth.Generations()
	return all[slices.IndexFunc(all, func(g auth.Generation) bool { return slices.Equal(g.BlockPath, path) })].From
}

// mendMoved takes the block to where the chart reads it, if there is none yet.
func (p *Pass) mendMoved(d *diag.Diagnostic, b block.Block, path []string) {
	if other := p.otherBlock(b.Path); other != "" {
		d.Hint = "keep that of the two which is meant, at the place that the chart reads"
		mend(d, nil, fmt.Sprintf("there is a block at %s already", other))
		return
	}
	if block.IsRepeated(p.whole.Root) {
		mend(d, nil, "the values of other charts in this file repeat the block")
		return
	}
	if b.Value.Kind != values.Map {
		return // what it is comes first, and has its own error
	}
	edits, why := p.move(b, path)
	mend(d, edits, why)
}

// choice is which of a Runtime's blocks counts.
type choice struct {
	declared *block.Block  // nil where nobody has given one that says something
	rivals   []block.Block // that declare something other than the vendor's default, in Helm's order
}

// choose finds the block in force among those that say anything, and reads what it
// declares. One that says only what the chart's defaults say yields: merged values always
// hold the defaults of the chart's own place. What a credential looks like has no part in it.
func (p *Pass) choose() {
	said := slices.DeleteFunc(slices.Clone(p.blocks), func(b block.Block) bool { return !b.Says(nil) })
	declaring := slices.DeleteFunc(slices.Clone(said), func(b block.Block) bool { return !p.declares(b) })
	s := &p.runtime.Settings
	s.Auth, p.choice = auth.Default(), choice{}
	if len(said) == 0 {
		return
	}
	if len(declaring) > 0 {
		said = declaring
	}
	slices.SortStableFunc(said, func(a, b block.Block) int {
		switch {
		case p.isBehind(a.Value, b.Value):
			return 1
		case p.isBehind(b.Value, a.Value):
			return -1
		}
		return 0
	})
	others := slices.DeleteFunc(slices.Clone(said), func(b block.Block) bool { return b.Auth().Equal(auth.Default()) })
	if len(others) > 0 && !p.broken {
		said = others
	}
	inForce := said[len(said)-1]
	s.Auth = inForce.Auth()
	if s.Declared = len(declaring) > 0; s.Declared {
		s.Implied = !inForce.NamesCredential(p.isGiven) && s.Auth.IsDefault()
		p.runtime.Place, p.runtime.Block = strings.Join(inForce.Path, "."), mask.Path(p.at(inForce.Where()))
		p.choice.declared = &inForce
	}
	p.choice.rivals = others
}

// declares reports whether a block that says something declares a credential. What the
// chart's own values say does so only where it is another one than the vendor's: its
// default is there in every release, whether anybody meant it or not.
func (p *Pass) declares(b block.Block) bool {
	return b.Says(p.isGiven) || !b.Auth().Equal(auth.Default())
}

// Declared returns the block that counts and the credential that the chart takes from it; ok
// is false where no block declares one.
func (p *Pass) Declared() (b block.Block, a auth.Auth, ok bool) {
	if p.choice.declared == nil {
		return b, a, false
	}
	return *p.choice.declared, p.runtime.Settings.EffectiveAuth(p.opts.ChartVersion), true
}

// bothBlocks reports blocks that declare different credentials.
func bothBlocks(p *Pass) {
	rivals := p.choice.rivals
	for i := range rivals {
		first, second := rivals[i], rivals[len(rivals)-1]
		if first.Auth().Equal(second.Auth()) {
			continue
		}
		d := p.report(second.Value.KeySpan(), second.Where(),
			fmt.Sprintf("the values declare two different credentials, here and at %s", mask.Path(p.at(first.Where()))),
			"keep the block that your chart version reads: global.external-argo-cd up to 0.25, global.integrations from 0.26 on")
		d.Related = Related(first.Value.KeySpan(), "the other block")
		return
	}
}

// lostBlock reports, where nothing is declared, the block that a file gives all the same.
func lostBlock(p *Pass) {
	if p.runtime.Settings.Declared || len(p.whole.Files)+len(p.whole.Flags) < 2 {
		return
	}
	for _, f := range p.whole.Files {
		given := values.FromFile(f).Scope(p.scope...)
		for _, path := range block.Paths() {
			if v := given.Root.At(path...); !v.IsUnset() && block.New(path, v).Says(nil) {
				d := p.report(v.KeySpan(), strings.Join(path, "."),
					"a later file or flag takes this block away, so the values declare no credential",
					"take out the null, or what is no mapping, at a part of its path")
				d.Related = p.takes(path, f)
			}
		}
	}
}

// takes returns where the values that count have no mapping on a path, if not in f itself.
func (p *Pass) takes(path []string, f *values.File) []diag.Related {
	v := p.values.Root
	for _, name := range path {
		if v = v.Field(name); v == nil || v.Kind != values.Map {
			break
		}
	}
	if v == nil || v.KeySpan().Source == f.Source {
		return nil
	}
	return Related(v.KeySpan(), "it is taken away here")
}
