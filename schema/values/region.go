package values

import (
	"bytes"
	"sort"
	"sync"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Keep says how much of an entry of a values file is needed.
type Keep uint8

// What can be kept of an entry: nothing, some of the entries below it, or all of it.
const (
	Skip Keep = iota
	// Descend asks again for every key below. Below the second level, and where the
	// value is no block mapping, it is All.
	Descend
	All
)

// Want tells what is needed of an entry: of the keys of the root, and of those
// below a key for which it said Descend. path holds the names of the key and of the
// one above it; text is the whole entry as it stands in the file, the comments
// behind it included. Neither may be changed or kept.
type Want func(path []string, text []byte) Keep

// ParsePart reads a values file as Parse does, but may leave out what is not
// wanted. It is then a File whose Partial says so, for which this holds: Parse
// takes the whole file as well; the file is one document; every wanted entry is
// there, with its duplicates, and is what it is in the whole file, at its place.
// A mapping asked for with Descend of which nothing is wanted reads as Null, and
// the Body of one of which something is left out covers no more than what is there.
//
// Files in which that cannot be told without parsing them are read as a whole. The
// error is a *SyntaxError, always of the whole file.
func ParsePart(name string, data []byte, want Want) (*File, error) {
	text, encoding := Decode(data)
	src := &Source{Name: name, Text: yamldoc.New(text)}
	if encoding == "" && !isTemplateName(name) {
		if f := parsePart(src, data, want); f != nil {
			return f, nil
		}
	}
	return parseWhole(src, encoding)
}

// parsePart returns nil if the file has to be read as a whole.
func parsePart(src *Source, data []byte, want Want) *File {
	entries, ok := outline(data)
	if !ok {
		return nil
	}
	text, read, ok := region(data, entries, want)
	if !ok {
		return nil
	}
	// Nodes of the region stand on the lines and columns that they have in the file.
	f, err := parse(src, text)
	if err != nil {
		return nil // not known to happen; the whole file tells what is wrong with it
	}
	if f.Root.Kind == Null && len(entries) > 0 {
		at := int(entries[0].start)
		f.Root = &Value{Kind: Map, Fields: map[string]*Value{}, Body: Span{Source: src, Start: at, End: at}}
	}
	f.rest = &lazyFile{read: read}
	return f
}

// region returns data with every line that is not wanted made empty, so that the
// others keep their numbers. It gives up where that would change a wanted value: a
// block scalar that keeps the blank lines behind it would take in the empty ones.
func region(data []byte, entries []entry, want Want) (text []byte, read []stretch, ok bool) {
	kept := choose(data, entries, want)
	text = make([]byte, 0, len(data)/8)
	done := int32(0)
	keep := func(start, end int32) {
		for range bytes.Count(data[done:start], []byte{'\n'}) {
			text = append(text, '\n')
		}
		text = append(text, data[start:end]...)
		read = append(read, stretch{int(start), int(end)})
		done = end
	}
	for i, e := range entries {
		hasKeys := i+1 < len(entries) && entries[i+1].level > e.level
		switch {
		case kept[i] == Skip:
		case kept[i] == Descend && hasKeys:
			keep(e.start, entries[i+1].start)
		case e.keeps:
			return nil, nil, false
		default:
			keep(e.start, e.end)
		}
	}
	return text, read, true
}

// stretch is a part of a text: byte offsets, end exclusive.
type stretch struct{ start, end int }

// choose asks of every entry whether it is wanted. Where a key stands twice and one
// of them is wanted, so is the other: only together they show which one counts.
func choose(data []byte, entries []entry, want Want) []Keep {
	kept := make([]Keep, len(entries))
	name := func(e entry) string { return string(data[e.keyStart:e.keyEnd]) }
	// Of the root's keys first: what is asked of those below depends on all of one name.
	atRoot := map[string]Keep{}
	for _, e := range entries {
		if e.level == 1 {
			key := name(e)
			if k := want([]string{key}, data[e.start:e.end]); k > atRoot[key] {
				atRoot[key] = k
			}
		}
	}
	below := map[[2]string]Keep{}
	path, above := make([]string, 2), Skip
	for i, e := range entries {
		if e.level == 1 {
			path[0] = name(e)
			above = atRoot[path[0]]
			kept[i] = above
		} else if above == Descend {
			path[1] = name(e)
			if k := want(path, data[e.start:e.end]); k > below[[2]string(path)] {
				below[[2]string(path)] = k
			}
		}
	}
	if len(below) == 0 {
		return kept
	}
	for i, e := range entries {
		if e.level == 1 {
			path[0] = name(e)
		} else if atRoot[path[0]] == Descend {
			kept[i] = below[[2]string{path[0], name(e)}]
		}
	}
	return kept
}

// lazyFile reads a partial file as a whole, once.
type lazyFile struct {
	read []stretch // what was read, in order
	once sync.Once
	file *File
	err  error
}

// Partial reports whether parts of the file that were not wanted are left out.
func (f *File) Partial() bool { return f.rest != nil }

// HasRead reports whether the bytes from start to end belong to what is not left out.
func (f *File) HasRead(start, end int) bool {
	if f.rest == nil {
		return true
	}
	i := sort.Search(len(f.rest.read), func(i int) bool { return f.rest.read[i].start > start }) - 1
	return i >= 0 && end <= f.rest.read[i].end
}

// Complete returns the whole file: f itself if nothing is left out, else what Parse
// returns, with the Source of f, so that the spans of both can be compared. It parses
// when it is first called, and may be called by several goroutines. The error is a
// *SyntaxError; ParsePart rules it out.
func (f *File) Complete() (*File, error) {
	if f.rest == nil {
		return f, nil
	}
	f.rest.once.Do(func() { f.rest.file, f.rest.err = parse(f.Source, f.Source.Text.Bytes()) })
	return f.rest.file, f.rest.err
}
