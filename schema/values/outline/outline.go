// Package outline finds the parts of a values file that somebody wants, without parsing
// the others. Lint is quick because of it, and right without it: whoever reads
// schema/values may take Cut for granted.
package outline

import "bytes"

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

// Cut returns a values file with every line that is not wanted made empty, so that the
// others keep their numbers, and the offset of its first key, -1 if there is none. ok says
// that the whole file is certain to be one YAML document, a block mapping or nothing but
// comments, that values.Parse accepts, and that every wanted entry reads as it does in the
// whole file. What is not ok may be right or wrong: only parsing it tells.
func Cut(data []byte, want Want) (text []byte, first int, ok bool) {
	entries, ok := scan(data)
	if !ok {
		return nil, 0, false
	}
	kept := choose(data, entries, want)
	text, first = make([]byte, 0, len(data)/8), -1
	done := int32(0)
	for i, e := range entries {
		end := e.end
		switch {
		case kept[i] == Skip:
			continue
		case kept[i] == Descend && i+1 < len(entries) && entries[i+1].level > e.level:
			end = entries[i+1].start
		case e.keeps: // the empty lines would belong to its block scalar
			return nil, 0, false
		}
		for range bytes.Count(data[done:e.start], []byte{'\n'}) {
			text = append(text, '\n')
		}
		text, done = append(text, data[e.start:end]...), end
	}
	if len(entries) > 0 {
		first = int(entries[0].start)
	}
	return text, first, true
}

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
			atRoot[key] = max(atRoot[key], want([]string{key}, data[e.start:e.end]))
		}
	}
	below := map[[2]string]Keep{}
	var path [2]string
	above := Skip
	for i, e := range entries {
		if e.level == 1 {
			path[0] = name(e)
			above = atRoot[path[0]]
			kept[i] = above
		} else if above == Descend {
			path[1] = name(e)
			below[path] = max(below[path], want(path[:], data[e.start:e.end]))
		}
	}
	if len(below) == 0 {
		return kept
	}
	for i, e := range entries {
		if e.level == 1 {
			path[0] = name(e)
		} else if atRoot[path[0]] == Descend {
			path[1] = name(e)
			kept[i] = below[path]
		}
	}
	return kept
}
