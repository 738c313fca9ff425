package values

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"regexp"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/values/syntax"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// File is one values file after parsing.
type File struct {
	Source *Source
	// Encoding is how the file is encoded. Source has it as UTF-8, so places in a file
	// that is not are those in its decoded text, and it cannot be edited by them.
	Encoding syntax.Encoding
	// Root is the first document, which is all that Helm 3 reads; of kind Null if
	// the file is empty. It may be of any kind: only a mapping is a values file.
	Root *Value
	// Later holds the further documents: Helm 4 merges them, Helm 3 ignores them. Both
	// ignore those for which IsDropped holds.
	Later []*Value
	// Helm3Only says why Helm 4 refuses the file although Helm 3 reads it, nil if it
	// does not.
	Helm3Only *SyntaxError

	dropped int // how many of the last of Later are dropped
	// rest is set if parts of the file were left out; see ParsePart.
	rest *rest
}

// IsDropped reports whether Later[i] stands between "..." and the next "---", where no
// Helm looks: each document ends for it at the first "..." (3.22.0 and 4.3.1).
func (f *File) IsDropped(i int) bool { return i >= len(f.Later)-f.dropped }

// SyntaxError says that a source is not YAML, or not YAML that Helm can read. It
// never quotes the source: what does not parse may well be a credential.
type SyntaxError struct {
	Span    Span
	Message string
	Hint    string // what to do; "" where the message says all
}

// Error returns the message with its place.
func (e *SyntaxError) Error() string {
	return e.Span.File() + ": " + e.Message
}

// fault returns what is said of a line of the source.
func (s *Source) fault(f syntax.Fault) *SyntaxError {
	return &SyntaxError{Span: s.line(f.Line), Message: f.Message, Hint: f.Hint}
}

// line returns where the text of a line stands.
func (s *Source) line(number int) Span {
	text, start := s.Text.Line(max(number, 1))
	start += len(text) - len(bytes.TrimLeft(text, " \t"))
	return Span{Source: s, Start: start, End: start + len(bytes.TrimSpace(text))}
}

// Parse reads a values file. name is what findings call it. The error is a *SyntaxError.
func Parse(name string, data []byte) (*File, error) { return ParsePart(name, data, nil) }

// parse reads src or a part of it in which every line stands where it stands in src.
func parse(src *Source, part []byte) (*File, error) {
	f, data, separated := &File{Source: src}, src.Text.Bytes(), separate(part)
	fail := func(e *SyntaxError) (*File, error) {
		if isBehindEnd(data[:e.Span.Start]) && !bytes.Equal(part, separated) {
			e.Hint = "Helm ignores what follows a \"...\"; remove it"
		}
		return nil, e
	}
	nothing := &Value{Kind: Null, Body: Span{Source: src}}
	var dropped []*Value
	decoder := yaml.NewDecoder(bytes.NewReader(separated))
	b := builder{source: src, budget: mayShare(len(data)), open: map[*yaml.Node]bool{}}
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fail(src.fault(syntax.Explain(data, separated, err)))
		}
		v := b.value(doc.Content[0])
		if b.err != nil {
			return fail(b.err)
		}
		at := src.Text.Offset(doc.Line, doc.Column) // where the document begins
		if bytes.HasPrefix(data[at:], []byte("%")) {
			f.refusedBy4(at, "Helm 4 cannot read a values file with a YAML directive", "remove the line")
		}
		switch isDropped := doc.Column == 1 && yamldoc.Marker(data[at:]) == '.'; {
		case isDropped && v.Kind != Null:
			dropped = append(dropped, v)
		case isDropped:
		case f.Root == nil:
			f.Root = v
		default:
			f.Later = append(f.Later, v)
		}
		f.Root = cmp.Or(f.Root, nothing)
	}
	f.Root = cmp.Or(f.Root, nothing)
	f.Later, f.dropped = append(f.Later, dropped...), len(dropped)
	return f, nil
}

// separate lets a document begin with "---" where in the text it stands behind a "...": it
// is what no Helm looks at, and what yaml.v3 does not take. Directives there, which would
// need the "...", are left out.
func separate(text []byte) []byte {
	if !bytes.Contains(text, []byte("\n...")) {
		return text
	}
	directive := regexp.MustCompile(`(?m)^%[^\r\n]*`)
	behind := regexp.MustCompile(`(?ms)^\.\.\.(?:\s|$).*?(?:^---(?:\s|$)|\z)`)
	out := behind.ReplaceAllFunc(text, func(part []byte) []byte { return directive.ReplaceAll(part, nil) })
	// A "..." is wrong in front of everything, and behind a directive.
	if regexp.MustCompile(`(?m)(?:\A\x{feff}?|^\x{feff}?%(?:YAML|TAG)\s.*\n)(?:(?:\s|#.*)*\n)?\.\.\.(?:\s|\z)`).Match(out) {
		return text
	}
	return regexp.MustCompile(`(?m)^\.\.\.(\s|$)`).ReplaceAll(out, []byte("---$1"))
}

// isBehindEnd reports whether the last marker in a text is a "...".
func isBehindEnd(text []byte) bool {
	var last byte
	for line := range bytes.Lines(text) {
		last = cmp.Or(yamldoc.Marker(line), last)
	}
	return last == '.'
}

// mayShare returns how many values the aliases and merge keys of a text may expand to, all
// of its documents together. A values file of a Runtime has some thousand values, with or
// without them; a YAML bomb has billions. That it grows with the text bounds what a manifest
// costs that holds many bombs, each of which is a text by itself.
func mayShare(size int) int { return min(5_000+4*size, 100_000) }

// builder turns the nodes of a parser into Values, with the meaning that Helm's
// own parser (sigs.k8s.io/yaml, which is YAML 1.1) gives them.
type builder struct {
	source *Source
	budget int                 // how many more values aliases may expand to
	open   map[*yaml.Node]bool // aliases being followed, to stop at a cycle
	err    *SyntaxError

	// end is where the node that was read last ends in the source, and with it the
	// collection of which it is the last one.
	end int
}

func (b *builder) fail(n *yaml.Node, message, hint string) {
	if b.err == nil {
		b.err = &SyntaxError{Span: b.span(n), Message: message, Hint: hint}
	}
}

// spend takes values that aliases expand to at a node off the budget.
func (b *builder) spend(n *yaml.Node, count int) {
	if b.budget -= count; b.budget < 0 {
		b.fail(n, "aliases expand to more values than any values file has", "write out what they stand for, or use fewer")
	}
}

func (b *builder) value(n *yaml.Node) *Value {
	if len(b.open) > 0 {
		b.spend(n, 1)
	}
	if b.err != nil {
		return &Value{Kind: Null, Body: Span{Source: b.source}}
	}
	switch n.Kind {
	case yaml.AliasNode:
		return b.alias(n)
	case yaml.ScalarNode:
		return b.scalar(n)
	}
	start := b.source.Text.Start(n)
	b.end = start
	v := &Value{Kind: Map}
	if n.Kind == yaml.MappingNode {
		b.entries(v, n)
	} else {
		v.Kind = List
		for _, c := range n.Content {
			v.Items = append(v.Items, b.value(c))
		}
	}
	b.end = b.source.Text.CollectionEnd(n, start, b.end)
	v.Body = Span{Source: b.source, Start: start, End: b.end}
	return v
}

func (b *builder) alias(n *yaml.Node) *Value {
	if b.open[n.Alias] {
		b.fail(n, "an anchor contains an alias to itself", "")
		return &Value{Kind: Null, Body: b.span(n)}
	}
	b.open[n.Alias] = true
	v := *b.value(n.Alias)
	delete(b.open, n.Alias)
	b.end = b.span(n).End
	v.Shared = true
	return &v
}

// entries reads those of a mapping as sigs.k8s.io/yaml does: of duplicate keys the last one
// wins, and a merge key counts where it stands, so that it also replaces keys above it.
func (b *builder) entries(v *Value, n *yaml.Node) {
	v.Fields = make(map[string]*Value, len(n.Content)/2)
	written := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, body := n.Content[i], n.Content[i+1]
		if yamldoc.IsMerge(key) {
			b.mergeKey(v, body)
			continue
		}
		name, ok := b.keyName(key)
		if !ok {
			continue
		}
		at := b.span(key)
		f := b.value(body)
		f.Key = at
		if written[name] {
			v.Duplicates = append(v.Duplicates, Duplicate{Name: name, First: v.Fields[name], Later: f.Key})
		}
		written[name] = true
		v.set(name, f)
	}
}

// mergeKey adds the fields of `<<: *other` or `<<: [*a, *b]` to v.
func (b *builder) mergeKey(v *Value, body *yaml.Node) {
	from := b.value(body)
	parts := []*Value{from}
	if from.Kind == List {
		parts = from.Items
	}
	for i := len(parts) - 1; i >= 0; i-- { // the first of a list wins
		if parts[i].Kind != Map {
			b.fail(body, "a merge key (<<) takes a mapping or a list of mappings", "")
			return
		}
		b.spend(body, len(parts[i].Order))
		for _, name := range parts[i].Order {
			f := *parts[i].Fields[name]
			f.Shared = true
			v.set(name, &f)
		}
	}
}

// span returns where a node stands in the source, without its anchor and tag.
func (b *builder) span(n *yaml.Node) Span {
	start, end := b.source.Text.Extent(n)
	b.end = end
	return Span{Source: b.source, Start: start, End: end}
}
