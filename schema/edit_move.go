package schema

import (
	"bytes"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// The further reasons for which a block is not moved.
const (
	becauseSources  = "its fields come from several places, so no single file can be mended"
	becauseBraces   = "the place that it goes to is written in braces, and the block is not"
	becauseComments = "there are comments that have no place where it goes to"
)

// move is a block on its way to another place in the same file.
type move struct {
	spot
	target
	// outer is what goes from the old place: the block, or the outermost of the
	// mappings around it that hold nothing else.
	outer spot
	cut   stretch // what goes, with its comments
	eol   string
	cargo
}

// cargo is what is taken along, for a place where each entry has its own lines.
type cargo struct {
	top   []string // comments above the outermost mapping that goes
	mid   []string // comments above the block, or beside what goes
	below []string // comments below the block
	block []byte   // the lines of the block
	lead  int      // how far those are indented
}

// move returns the edits that take a block to path, with its comments, and the
// mappings around it away that would be left without anything.
func (r *run) move(b block, path []string) ([]diag.Edit, string) {
	if !r.isOfOneSource(b.value, keySpan(b.value).Source) {
		return nil, becauseSources
	}
	s, why := r.wholeSpot(keySpan(b.value))
	if why != "" {
		return nil, why
	}
	if s.value.Shared || s.file.Root.At(b.path...) != s.value {
		return nil, becauseAlias
	}
	for i, v := range s.above {
		if isTwice(v, b.path[i]) {
			return nil, becauseTwice
		}
	}
	m := move{spot: s, outer: s, eol: s.lineBreak()}
	if m.target, why = s.target(path); why != "" {
		return nil, why
	}
	for len(m.outer.above) > 2 && len(written(m.outer.parent())) == 1 {
		n := len(m.outer.above) - 1
		m.outer.above, m.outer.value = s.above[:n], s.above[n]
	}
	patches, why := m.patches()
	if why != "" {
		return nil, why
	}
	if isTied(s.file.Source, m.cut.start, m.cut.end, m.outer.value) {
		return nil, becauseAnchor
	}
	edits := m.edits(patches)
	if !s.leads(edits, m.moved(b.path, path)) {
		return nil, becauseLayout
	}
	if len(m.block) > 0 { // else the block stays where it is, and gets other names around it
		r.markSecret(edits, m.cut, s.file.Source)
	}
	return edits, ""
}

// lineBreak returns what ends the line of the entry or, if nothing does, the one before it.
func (s spot) lineBreak() string {
	lines := s.bytes()[:s.file.Source.Text.LineEnd(s.value.Key.End)]
	if bytes.HasSuffix(lines[:bytes.LastIndexByte(lines, '\n')+1], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// isOfOneSource reports whether v and all below it stand in src, apart from what the
// chart's own defaults put beside it.
func (r *run) isOfOneSource(v *values.Value, src *values.Source) bool {
	if r.values.IsDefault(v) {
		return true
	}
	if keySpan(v).Source != src {
		return false
	}
	for _, f := range v.Fields {
		if !r.isOfOneSource(f, src) {
			return false
		}
	}
	return true
}

// moved returns the file's data with the block at its new place.
func (m move) moved(from, to []string) any {
	var block any
	m.data(func(at map[string]any, name string) { block = at[name] })
	root := m.outer.data(func(at map[string]any, name string) { delete(at, name) })
	at, _ := root.(map[string]any)
	for _, name := range to[:len(to)-1] {
		below, ok := at[name].(map[string]any)
		if !ok {
			below = map[string]any{}
			at[name] = below
		}
		at = below
	}
	at[to[len(to)-1]] = block
	return root
}

// markSecret marks the edits as holding a credential if anything is hidden on the lines
// that moved, or on those that the edits write anew.
func (r *run) markSecret(edits []diag.Edit, cut stretch, src *values.Source) {
	masks, old := newMasks(r.values), []diag.Range{src.Text.Range(cut.start, cut.end)}
	for _, e := range edits {
		old = append(old, e.Range)
	}
	isHidden := func(lines diag.Range) bool {
		for n := lines.Start.Line; n <= lines.End.Line; n++ {
			pieces, _ := masks.Line(src.Name, n)
			if slices.ContainsFunc(pieces, func(p Piece) bool { return p.Hidden }) {
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

// patch is an edit in the making.
type patch struct {
	stretch
	text string
}

// edits joins the patches that touch, so that their order is settled, and keeps the
// end of a file that ends without a line break.
func (m move) edits(patches []patch) []diag.Edit {
	slices.SortFunc(patches, func(a, b patch) int { return a.start - b.start })
	var joined []patch
	for _, p := range patches {
		if n := len(joined); n > 0 && p.start <= joined[n-1].end {
			last := &joined[n-1]
			last.end, last.text = max(last.end, p.end), last.text+p.text
			continue
		}
		joined = append(joined, p)
	}
	data := m.bytes()
	var edits []diag.Edit
	for _, p := range joined {
		if p.end == len(data) && strings.HasSuffix(p.text, m.eol) && !bytes.HasSuffix(data, []byte("\n")) {
			p.text = strings.TrimSuffix(p.text, m.eol)
			if p.start > m.file.Source.Text.LineStart(p.start) {
				p.text = m.eol + p.text
			}
		}
		edits = append(edits, m.cover(p.start, p.end, p.text))
	}
	return edits
}

// patches returns what has to be done, by the layouts of the two places.
func (m *move) patches() ([]patch, string) {
	if m.outer.value != m.value && isFlow(m.outer.value) && m.in == m.outer.parent() && m.slot == nil {
		return m.swapBraces()
	}
	if why := m.load(); why != "" {
		return nil, why
	}
	goes := patch{m.cut, ""}
	if isFlow(m.in) {
		comes, why := m.intoBraces()
		return []patch{goes, comes}, why
	}
	comes, why := m.intoLines()
	return append(comes, goes), why
}
