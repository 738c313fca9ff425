package envedit

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// layout is how a list in block style is written.
type layout struct {
	dash string // the spaces in front of the dash
	gap  string // the spaces behind it
	step string // by how much a mapping below a key is indented
	json bool   // entries are flow mappings
}

// entry returns the lines of an entry.
func (l layout) entry(e *Edit) []string {
	if l.json {
		return []string{l.dash + "-" + l.gap + inFlow(newEntry(e))}
	}
	lines := l.inBlock(newEntry(e), "")
	lines[0] = l.dash + "-" + l.gap + lines[0]
	return l.indented(lines)
}

// body returns the lines of an entry but for its name.
func (l layout) body(e *Edit) []string { return l.indented(l.inBlock(newEntry(e), ""))[1:] }

// indented puts all lines but the first below the dash of an entry.
func (l layout) indented(lines []string) []string {
	for i := 1; i < len(lines); i++ {
		lines[i] = l.dash + " " + l.gap + lines[i]
	}
	return lines
}

// inBlock returns the lines of a mapping.
func (l layout) inBlock(m *yaml.Node, indent string) (lines []string) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		k, v := m.Content[i], m.Content[i+1]
		if v.Kind == yaml.MappingNode {
			lines = append(append(lines, indent+k.Value+":"), l.inBlock(v, indent+l.step)...)
			continue
		}
		text := v.Value
		if v.Style&yaml.DoubleQuotedStyle != 0 {
			text = yamldoc.Quote(text)
		}
		lines = append(lines, indent+k.Value+": "+text)
	}
	return lines
}

// block edits a list in block style.
type block struct {
	*writer
	layout
	site   *site
	dashes []int // the offset of every entry's dash
	eol    string
}

// blockOf finds the dashes of a list and how it is laid out.
func (w *writer) blockOf(s *site) (*block, error) {
	b := &block{writer: w, site: s, layout: layout{gap: " ", step: "  ", json: true}}
	after := w.end(s.key)
	for _, e := range s.env.Content {
		dash, ok := w.dashBefore(w.text.Offset(e.Line, e.Column), after)
		if !ok {
			return nil, errLayout
		}
		b.dashes = append(b.dashes, dash)
		b.json = b.json && e.Kind == yaml.MappingNode && e.Style&yaml.FlowStyle != 0
		after = max(dash+1, w.end(e))
	}
	b.dash, _ = w.indent(b.dashes[0])
	b.eol = w.eolAt(b.dashes[0])
	b.measure()
	return b, nil
}

// dashBefore returns the offset of the dash of the entry at off: on its line, or
// alone on a line above it.
func (w *writer) dashBefore(off, after int) (int, bool) {
	data := w.text.Bytes()
	end := off
	for {
		start := w.text.LineStart(end)
		line := data[start:end]
		if i := bytes.IndexByte(line, '#'); i >= 0 && end != off {
			line = line[:i]
		}
		line = bytes.TrimRight(line, " \t\r\n")
		if n := len(line) - 1; n >= 0 {
			return start + n, start+n >= after && line[n] == '-' && len(bytes.TrimLeft(line[:n], " ")) == 0
		}
		if start <= after {
			return 0, false
		}
		end = start - 1
	}
}

// measure takes over the spacing of the first entries that show some.
func (b *block) measure() {
	for i, e := range b.site.env.Content {
		if e.Kind != yaml.MappingNode || e.Style&yaml.FlowStyle != 0 || len(e.Content) == 0 {
			continue
		}
		first := b.text.Offset(e.Content[0].Line, e.Content[0].Column)
		if n := first - b.dashes[i] - 1; n > 0 && b.text.LineStart(first) == b.text.LineStart(b.dashes[i]) {
			b.gap = strings.Repeat(" ", n)
			break
		}
	}
	for _, e := range b.site.env.Content {
		for i := 1; e.Kind == yaml.MappingNode && i < len(e.Content); i += 2 {
			k, v := e.Content[i-1], e.Content[i]
			if v.Kind != yaml.MappingNode || v.Style&yaml.FlowStyle != 0 || len(v.Content) == 0 {
				continue
			}
			// Where it has an anchor, the position of v is that of the anchor.
			if first := v.Content[0]; first.Line > k.Line && first.Column > k.Column {
				b.step = strings.Repeat(" ", first.Column-k.Column)
				return
			}
		}
	}
}

// editBlock edits a list in block style of which something is left.
func (w *writer) editBlock(s *site) error {
	b, err := w.blockOf(s)
	if err != nil {
		return err
	}
	kept := map[int]bool{}
	prev := -1 // the old entry behind which a new one goes
	for _, step := range s.plan.steps {
		if step.old < 0 {
			b.add(prev, step.edit)
			continue
		}
		kept[step.old], prev = true, step.old
		if step.edit != nil {
			b.change(step.old, step.edit)
		}
	}
	for i := range s.env.Content {
		if !kept[i] {
			b.remove(i)
		}
	}
	return nil
}

// add writes a new entry behind the old entry prev, or in front of the list.
func (b *block) add(prev int, e *Edit) {
	at := b.top()
	if prev >= 0 {
		at = b.behind(prev)
		for b.belongs(at) {
			at = b.text.LineEnd(at)
		}
	}
	b.lines(at, at, b.entry(e), b.eol)
}

// behind returns the offset of the line that follows an entry's own lines.
func (b *block) behind(i int) int {
	at := b.text.LineEnd(max(b.dashes[i], b.end(b.site.env.Content[i])))
	keeps := keepsBlanks(b.site.env.Content[i])
	for keeps && at < len(b.text.Bytes()) && len(bytes.TrimSpace(b.text.Bytes()[at:b.text.LineEnd(at)])) == 0 {
		at = b.text.LineEnd(at)
	}
	return at
}

// keepsBlanks reports whether a node ends with a block scalar to which the blank
// lines behind it belong (|+, >+).
func keepsBlanks(n *yaml.Node) bool {
	for n.Kind != yaml.AliasNode && len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	isBlock := n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	return isBlock && (n.Value == "\n" || strings.HasSuffix(n.Value, "\n\n"))
}

// belongs reports whether the line at an offset is a comment that is indented as
// what stands inside of an entry is.
func (b *block) belongs(at int) bool {
	line := b.text.Bytes()[at:b.text.LineEnd(at)]
	text := bytes.TrimLeft(line, " ")
	return len(text) > 0 && text[0] == '#' && len(line)-len(text) > len(b.dash)
}

// top returns the offset of the first entry's line, or of the comments above it.
func (b *block) top() int {
	at, key := b.text.LineStart(b.dashes[0]), b.end(b.site.key)
	for {
		above := b.text.LineStart(max(at-1, 0))
		line := bytes.TrimSpace(b.text.Bytes()[above:at])
		if above <= key || len(line) == 0 || line[0] != '#' {
			return at
		}
		at = above
	}
}

// remove takes away an entry's own lines.
func (b *block) remove(i int) { b.lines(b.text.LineStart(b.dashes[i]), b.behind(i), nil, b.eol) }

// change makes an edit of an old entry.
func (b *block) change(i int, e *Edit) {
	entry := b.site.env.Content[i]
	if f, ok := fieldsOf(entry, e); ok && b.setFields(f, e) {
		return
	}
	if entry.Kind != yaml.MappingNode || entry.Style&yaml.FlowStyle != 0 {
		b.changeFlow(entry, e)
		return
	}
	l := b.layout
	l.json = false
	if name, ok := b.nameLine(i); ok {
		col, _ := b.indent(b.text.Offset(entry.Content[0].Line, entry.Content[0].Column))
		l.gap = col[len(b.dash)+1:]
		b.lines(name, b.behind(i), l.body(e), b.eol)
		return
	}
	b.lines(b.text.LineStart(b.dashes[i]), b.behind(i), l.entry(e), b.eol)
}

// nameLine returns the offset behind the line with the dash and the name, if the
// entry begins so: then that line, and its comment, can stay.
func (b *block) nameLine(i int) (int, bool) {
	entry := b.site.env.Content[i]
	key, value := entry.Content[0], entry.Content[1]
	if key.Value != "name" || !isText(value) || entry.Anchor != "" || yamldoc.Get(entry, "name") != value {
		return 0, false
	}
	line := b.text.LineStart(b.dashes[i])
	if b.text.LineStart(b.start(key)) != line || b.text.LineStart(b.end(value)) != line {
		return 0, false
	}
	return b.text.LineEnd(line), true
}
