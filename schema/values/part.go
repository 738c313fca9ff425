package values

import (
	"bytes"
	"strings"
	"sync"

	"github.com/helm-runtime-auth/runtime-auth/schema/values/outline"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/syntax"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// rest is how what is left out of a partial file is read.
type rest struct {
	lines    func() *yamldoc.Text // of the file, empty where they are left out
	complete func() (*File, error)
}

// ParsePart reads a values file as Parse does, but may leave out what is not
// wanted. It is then a File whose Partial says so, for which this holds: Parse
// takes the whole file as well; the file is one document; every wanted entry is
// there, with its duplicates, and is what it is in the whole file, at its place.
// A mapping asked for with Descend of which nothing is wanted reads as Null, and
// the Body of one of which something is left out covers no more than what is there.
//
// Files in which that cannot be told without parsing them are read as a whole, and so are
// all where want is nil. The error is a *SyntaxError, always of the whole file.
func ParsePart(name string, data []byte, want outline.Want) (*File, error) {
	decoded, encoding := syntax.Decode(data)
	src := &Source{Name: name, Text: yamldoc.New(decoded)}
	switch {
	case strings.HasSuffix(name, ".gotmpl") && bytes.Contains(decoded, []byte("{{")): // as helmfile calls them
		return nil, src.fault(syntax.Template(decoded))
	case want != nil && encoding == "":
		if f := parsePart(src, want); f != nil {
			return f, nil
		}
	}
	f, err := parse(src, decoded)
	if err != nil {
		return nil, err
	}
	f.Encoding = encoding
	f.findHelm3Only()
	return f, nil
}

// parsePart returns nil if the file has to be read as a whole.
func parsePart(src *Source, want outline.Want) *File {
	data := src.Text.Bytes()
	part, first, ok := outline.Cut(data, want)
	if !ok {
		return nil
	}
	// Nodes of the part stand on the lines and columns that they have in the file.
	f, err := parse(src, part)
	if err != nil {
		return nil // not known to happen; the whole file tells what is wrong with it
	}
	if f.Root.Kind == Null && first >= 0 {
		f.Root = &Value{Kind: Map, Fields: map[string]*Value{}, Body: Span{Source: src, Start: first, End: first}}
	}
	f.rest = &rest{
		lines:    sync.OnceValue(func() *yamldoc.Text { return yamldoc.New(part) }),
		complete: sync.OnceValues(func() (*File, error) { return parse(src, data) }),
	}
	return f
}

// Partial reports whether parts of the file that were not wanted are left out.
func (f *File) Partial() bool { return f.rest != nil }

// HasRead reports whether a line (from 1) is not left out.
func (f *File) HasRead(line int) bool {
	if f.rest == nil {
		return true
	}
	read, _ := f.rest.lines().Line(line)
	all, _ := f.Source.Text.Line(line)
	return len(read) == len(all)
}

// Complete returns the whole file: f itself if nothing is left out, else what Parse
// returns, with the Source of f, so that the spans of both can be compared. It parses
// when it is first called, and may be called by several goroutines. The error is a
// *SyntaxError; ParsePart rules it out.
func (f *File) Complete() (*File, error) {
	if f.rest == nil {
		return f, nil
	}
	return f.rest.complete()
}
