package place

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// generationRules are the rules on which block counts.
func generationRules() []rule.Rule {
	return []rule.Rule{
		{ID: "moved-block", Severity: diag.Error, Fixable: true, Keys: true, Block: moved},
		{ID: "both-blocks", Severity: diag.Error, After: []string{rule.AnyError}, Choice: bothBlocks},
		{ID: "lost-block", Severity: diag.Warning, Class: rule.Advice, Choice: lostBlock},
	}
}

// moved reports a block where the given chart does not read it.
func moved(p *rule.Pass, b block.Block) {
	v := p.Options.ChartVersion
	if v == nil {
		return
	}
	at, path := b.Value.KeySpan(), b.Where()
	g := v.Generation()
	if g == nil {
		p.Report(at, path, fmt.Sprintf("chart %s has no such block: it came with %s", v, auth.Generations()[0].From), "upgrade the chart")
		return
	}
	if slices.Equal(g.BlockPath, b.Path) {
		return
	}
	when := "since " + firstAt(g.BlockPath).String()
	if since := firstAt(b.Path); v.Compare(since) < 0 {
		when = "before " + since.String()
	}
	d := p.Report(at, path, fmt.Sprintf("chart %s ignores this block: %s it is %s", v, when, strings.Join(g.BlockPath, ".")), "move it there")
	mendMoved(p, d, b, g.BlockPath)
}

// firstAt returns the first version of the chart that reads the block at path.
func firstAt(path []string) auth.ChartVersion {
	all := auth.Generations()
	return all[slices.IndexFunc(all, func(g auth.Generation) bool { return slices.Equal(g.BlockPath, path) })].From
}

// mendMoved takes the block to where the chart reads it, if there is none yet.
func mendMoved(p *rule.Pass, d *diag.Diagnostic, b block.Block, path []string) {
	if other := otherBlock(p, b.Path); other != "" {
		d.Hint = "keep that of the two which is meant, at the place that the chart reads"
		rule.Mend(d, nil, fmt.Sprintf("there is a block at %s already", other))
		return
	}
	if block.IsRepeated(p.Whole.Root) {
		rule.Mend(d, nil, "the values of other charts in this file repeat the block")
		return
	}
	if b.Value.Kind != values.Map {
		return // what it is comes first, and has its own error
	}
	edits, why := p.Move(b, path)
	rule.Mend(d, edits, why)
}

// bothBlocks reports blocks that declare different credentials.
func bothBlocks(p *rule.Pass) {
	rivals := p.Choice.Rivals
	for i := range rivals {
		first, second := rivals[i], rivals[len(rivals)-1]
		if first.Auth().Equal(second.Auth()) {
			continue
		}
		d := p.Report(second.Value.KeySpan(), second.Where(),
			fmt.Sprintf("the values declare two different credentials, here and at %s", mask.Path(p.At(first.Where()))),
			"keep the block that your chart version reads: global.external-argo-cd up to 0.25, global.integrations from 0.26 on")
		d.Related = rule.Related(first.Value.KeySpan(), "the other block")
		return
	}
}

// lostBlock reports, where nothing is declared, the block that a file gives all the same.
func lostBlock(p *rule.Pass) {
	if p.Choice.Declared != nil || len(p.Whole.Files)+len(p.Whole.Flags) < 2 {
		return
	}
	for _, f := range p.Whole.Files {
		given := values.FromFile(f).Scope(p.Scope...)
		for _, path := range auth.BlockPaths() {
			if v := given.Root.At(path...); !v.IsUnset() && block.New(path, v).Says(nil) {
				d := p.Report(v.KeySpan(), strings.Join(path, "."),
					"a later file or flag takes this block away, so the values declare no credential",
					"take out the null, or what is no mapping, at a part of its path")
				d.Related = takes(p, path, f)
			}
		}
	}
}

// takes returns where the values that count have no mapping on a path, if not in f itself.
func takes(p *rule.Pass, path []string, f *values.File) []diag.Related {
	v := p.Values.Root
	for _, name := range path {
		if v = v.Field(name); v == nil || v.Kind != values.Map {
			break
		}
	}
	if v == nil || v.KeySpan().Source == f.Source {
		return nil
	}
	return rule.Related(v.KeySpan(), "it is taken away here")
}
