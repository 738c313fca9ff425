package inline

import (
	"bytes"
	"errors"
	"reflect"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// layer is the values of a release as a values file, and how places in that file
// become places in the manifest.
type layer struct {
	body *values.Value // where the values stand in the manifest
	file *values.File  // nil if they do not parse
	err  error         // then a *values.SyntaxError, or that of withBlanks

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

// layerOf returns the layer of a release that has values.
func layerOf(body *values.Value, e expression) layer {
	if body.Kind == values.String {
		return textLayer(body, e)
	}
	if !body.Shared {
		l := newExcerpt(body, mappingLines(body))
		l.parse()
		if l.reads(&values.File{Root: body}) {
			return l.blanked(e.inText())
		}
	}
	root := *body
	root.Key, root.Shared = values.Span{}, false
	return layer{body: body, kind: subtree, file: &values.File{Source: body.Body.Source, Root: &root}}
}

// textLayer is for values that are a string.
func textLayer(body *values.Value, e expression) layer {
	text, unknown, err := e.withBlanks([]byte(body.Str()))
	if err != nil {
		return layer{body: body, kind: opaque, err: err}
	}
	read, err := values.Parse(body.Body.File(), text)
	l := layer{body: body, kind: opaque, file: read, err: err, text: text}
	if len(unknown) > 0 {
		l.unknown = []stretch{{0, len(text)}}
	}
	if body.Shared || !strings.HasPrefix(body.Body.Text(), "|") {
		return l
	}
	exact := newExcerpt(body, literalLines(body)).blanked(e)
	if err != nil && exact.err != nil || err == nil && exact.reads(read) {
		return exact
	}
	return l
}

// reads reports whether an excerpt means the same as a file.
func (l layer) reads(f *values.File) bool {
	return l.err == nil && len(l.file.Later)+len(f.Later) == 0 && reflect.DeepEqual(l.file.Root.Data(), f.Root.Data())
}

// newExcerpt takes lines out of a manifest. What stands on the first of them in front
// of the values is made blank, byte by byte.
func newExcerpt(body *values.Value, lines stretch) layer {
	text := body.Body.Source.Text
	data := text.Bytes()
	l := layer{body: body, start: text.LineStart(lines.start)}
	l.lines = text.Position(l.start).Line - 1
	l.text = bytes.Clone(data[l.start:lines.end])
	for i := range lines.start - l.start {
		l.text[i] = ' '
	}
	return l
}

func (l *layer) parse() {
	l.file, l.err = values.Parse(l.body.Body.File(), l.text)
}

// blanked makes the expressions in an excerpt blank, and parses it.
func (l layer) blanked(e expression) layer {
	text, unknown, err := e.withBlanks(l.text)
	if err != nil {
		l.file, l.err = nil, err
		return l
	}
	l.text, l.unknown = text, unknown
	if l.file == nil || len(unknown) > 0 {
		l.parse()
	}
	return l
}

// mappingLines returns where a mapping stands: in braces, those alone; otherwise its
// lines, with the comments above them, and the blank lines and comments behind them that
// belong to it.
func mappingLines(body *values.Value) stretch {
	text := body.Body.Source.Text
	data := text.Bytes()
	if bytes.HasPrefix(data[body.Body.Start:], []byte("{")) {
		return stretch{body.Body.Start, body.Body.End}
	}
	column := body.Body.Start - text.LineStart(body.Body.Start)
	end := text.LineEnd(body.Body.End)
	for at := end; at < len(data); {
		next := text.LineEnd(at)
		line := data[at:next]
		rest := bytes.TrimLeft(line, " ")
		isBlank := len(bytes.TrimSpace(line)) == 0
		if !isBlank && (rest[0] != '#' || len(line)-len(rest) < column) {
			break
		}
		at, end = next, next
	}
	start := body.Body.Start
	if above := text.LineEnd(body.Key.End); !body.Key.IsZero() && above <= text.LineStart(start) {
		start = above
	}
	return stretch{start, end}
}

// literalLines returns the lines of a literal block scalar, with as many line breaks
// at its end as belong to its text.
func literalLines(body *values.Value) stretch {
	text := body.Body.Source.Text
	value := body.Str()
	end := body.Body.End
	for range len(value) - len(strings.TrimRight(value, "\n")) {
		end = text.LineEnd(end)
	}
	start := min(text.LineEnd(body.Body.Start), end)
	return stretch{start, end}
}

// place returns where in the manifest something stands that is at r in the layer.
func (l layer) place(r diag.Range) diag.Range {
	switch l.kind {
	case subtree:
		return r
	case opaque:
		return l.body.Body.Range()
	}
	return l.manifest().Range(l.start+r.Start.Offset, l.start+r.End.Offset)
}

func (l layer) manifest() *yamldoc.Text { return l.body.Body.Source.Text }

// isTemplate reports whether the values do not parse and may do so once their
// expressions are filled in.
func (l layer) isTemplate() bool {
	return l.err != nil && (len(l.unknown) > 0 || l.syntaxError() == nil)
}

// syntaxError returns why the values do not parse, nil if that is not why.
func (l layer) syntaxError() *values.SyntaxError {
	var syntax *values.SyntaxError
	errors.As(l.err, &syntax)
	return syntax
}
