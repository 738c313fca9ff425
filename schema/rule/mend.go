package rule

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/spot"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// maxProven is how many findings there may be before one whose edit takes reading the
// file twice more. A file that was made to have thousands would cost minutes else; with
// the first ones fixed, the next round comes to the others. Of a large file less is read
// again, maxReread bytes in all.
const (
	maxProven = 64
	maxReread = 2 << 20
)

// provable is how many findings may come before one in src; see maxProven.
func provable(src *values.Source) int {
	if src == nil {
		return maxProven
	}
	return min(maxProven, maxReread/(2*len(src.Text.Bytes())+1))
}

// Entry finds an entry for an edit that takes reading the whole file; why is the reason for
// which there is none.
func (p *Pass) Entry(key values.Span) (s spot.Spot, why string) {
	if len(p.found) > provable(key.Source) {
		return s, "there are many findings before this one, which have to be settled first"
	}
	return spot.FindWhole(p.Values.Files, key)
}

// Retext fixes a finding about a string by the text it was meant to be.
func (p *Pass) Retext(d *diag.Diagnostic, v *values.Value, text string) {
	s, why := p.Entry(v.Key)
	if why != "" {
		Mend(d, nil, why)
		return
	}
	edits, why := s.Retext(text)
	for i := range edits {
		edits[i].Secret = !mask.Plain(text)
	}
	Mend(d, edits, why)
}

// Move returns the edits that take a block to path.
func (p *Pass) Move(b block.Block, path []string) ([]diag.Edit, string) {
	src := b.Value.KeySpan().Source
	if !p.isOfOneSource(b.Value, src) {
		return nil, "its fields come from several places, so no single file can be mended"
	}
	s, why := p.Entry(b.Value.KeySpan())
	if why != "" {
		return nil, why
	}
	edits, cut, why := s.Move(b.Path, path)
	if why == "" {
		p.markSecret(edits, cut, src)
	}
	return edits, why
}

// isOfOneSource reports whether v and all below it stand in src, apart from what the
// chart's own defaults put beside it.
func (p *Pass) isOfOneSource(v *values.Value, src *values.Source) bool {
	if p.Values.IsDefault(v) {
		return true
	}
	if v.KeySpan().Source != src {
		return false
	}
	for _, f := range v.Fields {
		if !p.isOfOneSource(f, src) {
			return false
		}
	}
	return true
}

// Mend gives a finding its edits or, where there are none, the reason for that.
func Mend(d *diag.Diagnostic, edits []diag.Edit, why string) {
	if why == "" {
		d.Fix = edits
		return
	}
	const alone = "--fix leaves this alone: "
	switch {
	case d.Hint == "":
		d.Hint = alone + why
	case strings.HasSuffix(d.Hint, "?"):
		d.Hint += " " + alone + why
	default:
		d.Hint += "; " + alone + why
	}
}

// markSecret marks the edits as holding a credential if anything is hidden on the lines
// that moved, or on those that the edits write anew.
func (p *Pass) markSecret(edits []diag.Edit, cut diag.Range, src *values.Source) {
	masks, old := mask.NewMasks(p.Values), []diag.Range{cut}
	for _, e := range edits {
		old = append(old, e.Range)
	}
	isHidden := func(lines diag.Range) bool {
		end := lines.End.Line
		if lines.End.Column == 1 { // nothing of that line goes
			end--
		}
		for n := lines.Start.Line; n <= end; n++ {
			pieces, _ := masks.Line(src.Name, n)
			if slices.ContainsFunc(pieces, func(piece mask.Piece) bool { return piece.Hidden }) {
				return true
			}
		}
		return false
	}
	if !slices.ContainsFunc(old, isHidden) {
		return
	}
	for i := range edits {
		edits[i].Secret = edits[i].NewText != ""
	}
}
