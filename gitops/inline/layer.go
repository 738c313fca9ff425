package inline

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// layer is the values of a release as a values file, and how places in that file
// become places in the manifest.
type layer struct {
	body *values.Value // where the values stand in the manifest
	file *values.File  // nil if they do not parse
	err  error         // then

	kind    layerKind
	text    []byte    // of the file, if that is an excerpt
	start   int       // where the excerpt begins in the manifest
	lines   int       // how many lines of the manifest come before it
	unknown []stretch // of text, in which the values are decided elsewhere
}

// layerKind is how the places of a layer relate to the manifest.
type layerKind uint8

const (
	// excerpt is whole lines of the manifest that are a values file by themselves.
	excerpt layerKind = iota
	// subtree is a part of the parsed manifest, which shares anchors with the rest.
	subtree
	// opaque is a text that does not stand in the manifest as it reads: one in quotes,
	// or folded. Its findings are about all of it.
	opaque
)

// layer returns the values of a release.
func (r *Release) layer() layer {
	switch {
	case r.body == nil:
		return layer{body: &values.Value{Body: r.At}, kind: opaque}
	case r.body.Kind == values.String:
		return textLayer(r.body, r.expression)
	case !r.body.Shared:
		l := newExcerpt(r.body, mappingLines(r.body))
		l.parse()
		if l.reads(&values.File{Root: r.body}) {
			return l.blanked(r.expression.inText())
		}
	}
	if len(r.parameters) > 0 { // which are laid over text
		text, err := json.Marshal(r.body.Data())
		return layer{body: r.body, kind: opaque, text: text, err: err}.blanked(r.expression.inText())
	}
	l, root := layer{body: r.body, kind: subtree}, *r.body
	if source := r.body.Body.Source; len(r.expression.find(source.Text.Bytes())) > 0 {
		root = *l.blankTree(r.body, r.expression)
	}
	root.Key, root.Shared = values.Span{}, false
	l.file = &values.File{Source: r.body.Body.Source, Root: &root}
	return l
}

// blankTree returns a value with the expressions in its strings and keys made blank.
func (l *layer) blankTree(v *values.Value, e expression) *values.Value {
	out := *v
	if text, in, _ := e.inText().blank([]byte(v.Str())); len(in) > 0 {
		out.Scalar = string(text)
		l.unknown = append(l.unknown, stretch{v.Body.Start, v.Body.End})
	}
	out.Items, out.Order = slices.Clone(v.Items), slices.Clone(v.Order)
	for i, item := range out.Items {
		out.Items[i] = l.blankTree(item, e)
	}
	if v.Kind == values.Map {
		out.Fields = map[string]*values.Value{}
	}
	for i, name := range v.Order {
		key, in, _ := e.inText().blank([]byte(name))
		field := l.blankTree(v.Fields[name], e)
		if len(in) > 0 {
			l.unknown = append(l.unknown, stretch{field.KeySpan().Start, field.KeySpan().End})
		}
		out.Order[i], out.Fields[string(key)] = string(key), field
	}
	return &out
}

// textLayer is for values that are a string.
func textLayer(body *values.Value, e expression) layer {
	l := layer{body: body, kind: opaque, text: []byte(body.Str())}.blanked(e)
	if len(l.unknown) > 0 {
		l.unknown = []stretch{{0, len(l.text)}}
	}
	if body.Shared || !strings.HasPrefix(body.Body.Text(), "|") {
		return l
	}
	exact := newExcerpt(body, literalLines(body)).blanked(e)
	if l.err != nil && exact.err != nil || l.err == nil && exact.reads(l.file) {
		return exact
	}
	return l
}

// reads reports whether an excerpt means the same as a file.
func (l layer) reads(f *values.File) bool {
	return l.file != nil && len(l.file.Later)+len(f.Later) == 0 && reflect.DeepEqual(l.file.Root.Data(), f.Root.Data())
}

// newExcerpt takes lines out of a manifest. What stands on the first of them in front
// of the values is made blank, byte by byte.
func newExcerpt(body *values.Value, lines stretch) layer {
	text := body.Body.Source.Text
	l := layer{body: body, start: text.LineStart(lines.start)}
	l.lines = text.Position(l.start).Line - 1
	l.text = bytes.Clone(text.Bytes()[l.start:lines.end])
	copy(l.text, bytes.Repeat([]byte(" "), lines.start-l.start))
	return l
}

func (l *layer) parse() { l.file, l.err = values.Parse(l.body.Body.File(), l.text) }

// blanked makes the expressions in a text blank, and parses it.
func (l layer) blanked(e expression) layer {
	var err error
	if l.text, l.unknown, err = e.blank(l.text); err != nil {
		l.file, l.err = nil, err
	} else if l.file == nil || len(l.unknown) > 0 {
		l.parse()
	}
	if l.err == nil && len(l.unknown) > 0 && l.file.Root.Kind != values.Map {
		l.file, l.err = nil, errors.New("the expression is all there is")
	}
	return l
}

// mappingLines returns where a mapping stands: in braces, those alone; otherwise its
// lines, with the comments above them, and the blank lines and comments behind them that
// belong to it.
func mappingLines(body *values.Value) stretch {
	text := body.Body.Source.Text
	start, end := body.Body.Start, body.Body.End
	data := text.Bytes()
	if data[start] == '{' {
		return stretch{start, end}
	}
	column, _ := text.Column(start)
	end = text.LineEnd(end)
	for end < len(data) {
		next := text.LineEnd(end)
		indent, isComment := text.Comment(end)
		if len(bytes.TrimSpace(data[end:next])) > 0 && (!isComment || indent < column) {
			break
		}
		end = next
	}
	if above := text.LineEnd(body.Key.End); !body.Key.IsZero() && above <= text.LineStart(start) {
		start = above
	}
	return stretch{start, end}
}

// literalLines returns the lines of a literal block scalar, with as many line breaks
// at its end as belong to its text.
func literalLines(body *values.Value) stretch {
	text, value, end := body.Body.Source.Text, body.Str(), body.Body.End
	for range len(value) - len(strings.TrimRight(value, "\n")) {
		end = text.LineEnd(end)
	}
	return stretch{min(text.LineEnd(body.Body.Start), end), end}
}

// place returns where in the manifest something stands that is at r in the layer.
func (l layer) place(r diag.Range) diag.Range {
	switch l.kind {
	case subtree:
		return r
	case opaque:
		return l.body.Body.Range()
	}
	return l.body.Body.Source.Text.Range(l.start+r.Start.Offset, l.start+r.End.Offset)
}

// isEditable reports whether edits in the layer are edits in the manifest: its lines
// stand there as they are.
func (l layer) isEditable() bool {
	return l.kind == excerpt && l.file != nil && len(l.unknown) == 0
}

// isTemplate reports whether the values do not parse and may do so once their
// expressions are filled in.
func (l layer) isTemplate() bool { return l.err != nil && len(l.unknown) > 0 }

// expression is how something begins and ends that is replaced before anybody reads
// the values: what it will be is not known. The zero value never occurs.
type expression struct {
	open, shut string
	hasLogic   bool // one alone on its line may be a condition or a loop
}

// inText is the expression in what parses as it stands: one that is alone on a line is text.
func (e expression) inText() expression {
	e.hasLogic = false
	return e
}

// Blank begins every stretch that stands for an expression, and underscores follow: the
// mark of vals, so that to every rule it is a value that another tool fills in. The
// shortest expression there is, ${x}, has as many bytes.
const Blank = "ref+"

// stretch is a part of a text: byte offsets, end exclusive.
type stretch struct{ start, end int }

// find returns where the expressions in a text are. A Flux Kustomization makes ${x} of
// $${x} (github.com/fluxcd/pkg/envsubst), so that is none, and may have ${x:=${y}}.
func (e expression) find(text []byte) (found []stretch) {
	if e.open == "" || !bytes.Contains(text, []byte(e.open)) {
		return nil
	}
	marks := regexp.MustCompile("(?s)" + regexp.QuoteMeta(e.open) + ".*?" + regexp.QuoteMeta(e.shut))
	if e.open == "${" {
		marks = regexp.MustCompile(`\$\$|\$\{(?:[^{}]|\$?\{[^{}]*\})*\}`)
	}
	for _, m := range marks.FindAllIndex(text, -1) {
		if bytes.HasPrefix(text[m[0]:], []byte(e.open)) {
			found = append(found, stretch{m[0], m[1]})
		}
	}
	return found
}

// blank returns text with every expression made blank, and where they stood. It is an error
// if one is alone on its lines: what those around it mean depends on it.
func (e expression) blank(text []byte) (out []byte, found []stretch, _ error) {
	out, found = bytes.Clone(text), e.find(text)
	for _, s := range found {
		if e.hasLogic && isAlone(text, s) {
			return text, []stretch{s}, errors.New("a condition or a loop")
		}
		fill := Blank
		for i, c := range text[s.start:s.end] {
			if c == '\n' || c == '\r' {
				continue
			}
			out[s.start+i] = '_'
			if fill != "" {
				out[s.start+i], fill = fill[0], fill[1:]
			}
		}
	}
	return out, found, nil
}

// isAlone reports whether nothing else stands on the lines of a stretch.
func isAlone(text []byte, s stretch) bool {
	before := text[bytes.LastIndexByte(text[:s.start], '\n')+1 : s.start]
	after, _, _ := bytes.Cut(text[s.end:], []byte("\n"))
	return len(bytes.TrimSpace(before))+len(bytes.TrimSpace(after)) == 0
}

// overlaps reports whether a range has a byte in common with any of the stretches.
func overlaps(r diag.Range, stretches []stretch) bool {
	return slices.ContainsFunc(stretches, func(s stretch) bool {
		return r.Start.Offset < s.end && s.start < max(r.End.Offset, r.Start.Offset+1)
	})
}
