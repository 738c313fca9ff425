package rule

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// locate finds the blocks that the Runtime in question reads.
func (p *Pass) locate() []block.Block {
	var blocks []block.Block
	for _, path := range auth.BlockPaths() {
		v := p.Values.Root.At(path...)
		if v == nil || v.Kind == values.Null || v.Kind == values.Map && len(v.Fields) == 0 {
			continue
		}
		p.judged[v.Body] = true
		blocks = append(blocks, p.given(block.New(path, v)))
	}
	return blocks
}

// given returns a block without a type that only the chart's own values name: nobody who
// gives a token has said by that that it is to be ignored.
func (p *Pass) given(b block.Block) block.Block {
	if v := b.Get(block.Type); v.Str() == string(auth.ModePassword) && p.Values.IsDefault(v) {
		delete(b.Fields, block.Type)
		if !v.Overrides.IsUnset() && p.IsGiven(v.Overrides) {
			b.Overruled = v.Overrides
		}
	}
	return b
}

// Ignore notes a block that stands where no chart reads it, which a rule has reported.
func (p *Pass) Ignore(b block.Block) {
	p.judged[b.Value.Body] = true
	p.Ignored = append(p.Ignored, b)
}

// IsJudged reports whether a rule has dealt with the block v, or the Runtime reads it.
func (p *Pass) IsJudged(v *values.Value) bool { return p.judged[v.Body] }

// At returns the path at which people write what the Runtime in question has at path:
// what all charts share may stand further up. Findings carry such paths.
func (p *Pass) At(path string) string {
	if len(p.Scope) == 0 || path == "" {
		return path
	}
	steps := strings.Split(path, ".")
	if steps[0] == values.GlobalKey {
		v := p.Values.Root.At(steps...)
		for i := range p.Scope {
			above := p.Whole.Root.At(slices.Concat(p.Scope[:i], steps)...)
			if v != nil && above != nil && v.KeySpan() == above.KeySpan() {
				return strings.Join(slices.Concat(p.Scope[:i], steps), ".")
			}
		}
	}
	return strings.Join(slices.Concat(p.Scope, steps), ".")
}

// IsReadAt reports whether some Runtime reads what stands at path in the values as
// they were given.
func (p *Pass) IsReadAt(path []string) bool {
	return slices.ContainsFunc(p.Scopes, func(scope []string) bool {
		for i := range len(scope) + 1 {
			for _, place := range auth.BlockPaths() {
				if slices.Equal(path, slices.Concat(scope[:i], place)) {
					return true
				}
			}
		}
		return false
	})
}

// IsBehind reports whether a stands behind b in the order in which Helm reads:
// files, then flags, then the place within one source.
func (p *Pass) IsBehind(a, b *values.Value) bool {
	x, y := a.KeySpan(), b.KeySpan()
	if x.Source != y.Source {
		sources := p.Values.Sources()
		return slices.Index(sources, x.Source) > slices.Index(sources, y.Source)
	}
	return x.Start > y.Start
}

// IsRuntime reports whether the values are a Runtime's, block or not.
func (p *Pass) IsRuntime() bool {
	return p.Values.Root.At("global", "runtime") != nil || p.Values.Root.At("global", "codefresh") != nil
}

// isLater notes that another tool puts something in the place of a value that decides what
// is declared.
func (p *Pass) isLater(path string) {
	if p.runtime.Later == "" {
		p.runtime.Later = mask.Path(p.At(path))
	}
}

// noteLater notes the values of a block that are not known yet.
func (p *Pass) noteLater(b block.Block) {
	for _, m := range p.Shapes {
		if m.Form == block.Sealed || m.Form == block.Replaced {
			p.isLater(m.Path)
		}
	}
	if block.IsSealed(b.Get(block.Type).Str()) {
		p.isLater(b.Where(b.Fields[block.Type].Written))
	}
	for _, name := range block.Fields() {
		f, given := b.Fields[name]
		if !given {
			continue
		}
		if block.IsCiphertext(f.Value.Str()) {
			p.isLater(b.Where(f.Written))
		}
		for _, below := range f.Value.Order {
			if block.IsCiphertext(f.Value.Field(below).Str()) {
				p.isLater(b.Where(f.Written, below))
			}
		}
	}
}
