package outline

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// entry is a key of the first two levels of mappings in a file with all that
// belongs to it: the lines from its own up to the next key's.
type entry struct {
	start, end       int32 // offsets of the lines; a file that is recognised is small
	keyStart, keyEnd int32 // offsets of the key, without its quotes
	level            uint8 // 1 for a key of the root, 2 for a key below one
	// keeps is set where a block scalar keeps the blank lines behind it ("|+").
	keeps bool
}

// collection is a block mapping or block sequence that is not yet closed.
type collection struct {
	column   int
	sequence bool
}

// Limits of what is recognised. yaml.v3 takes 1024 characters for a key and 10,000
// levels; no values file comes near any of these.
const (
	maxKey   = 255
	maxDepth = 48
	// maxOutlined is the size from which a file is left to the parser.
	maxOutlined = 1_000_000
)

// outliner recognises YAML that is certain to parse, line by line and without
// building anything. It knows the part of YAML that values files are written in.
// For anything else it gives up, which says nothing about the file: it may be right
// or wrong, and the parser has to tell. So every check here may be too strict, but
// none may be laxer than the parser (yaml.v3's scannerc.go and parserc.go) or than
// what values makes of its nodes. FuzzCut holds it to that.
type outliner struct {
	data []byte
	// The line at hand: where it begins, where its text ends, and where the next begins.
	line, end, next int
	tabs            bool // there are tabs somewhere

	entries []entry
	section int // index in entries of the root's key at hand
	open    [maxDepth]collection
	depth   int // how many of open are in use
	// awaits is set behind a key or a dash that has no value yet: it is what the
	// next line holds if that is indented further, or else null.
	awaits bool
	// running is set behind a plain scalar, which goes on in the next line if that
	// is indented further.
	running bool
}

// scan returns the keys of the first two levels of data, none if it holds nothing but
// comments. ok is as in Cut.
func scan(data []byte) (entries []entry, ok bool) {
	o := outliner{data: data, awaits: true}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		o.next = len("\ufeff")
	}
	if len(data) >= maxOutlined || !isPrintable(data[o.next:]) {
		return nil, false
	}
	o.tabs = bytes.IndexByte(data, '\t') >= 0
	o.entries = make([]entry, 0, len(data)/64+1)
	if !o.document() {
		return nil, false
	}
	o.closeEntries()
	return o.entries, true
}

// isPrintable reports whether data holds only characters that the parser takes, and
// no line break but LF and CRLF. A tab is a control character that it takes.
func isPrintable(data []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	controls := 0
	for i := 0; i < len(data); {
		if i+8 <= len(data) {
			if x := binary.LittleEndian.Uint64(data[i:]); x&highs == 0 {
				// A byte below 0x20 is one in which 0x80+byte-0x20 lacks the high bit.
				controls += bits.OnesCount64(^((x | highs) - ones<<5) & highs)
				i += 8
				continue
			}
		}
		if c := data[i]; c < utf8.RuneSelf {
			if c < ' ' {
				controls++
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 || yamldoc.MustEscape(r) {
			return false
		}
		i += n
	}
	returns := bytes.Count(data, []byte{'\r'})
	if returns > 0 && returns != bytes.Count(data, []byte("\r\n")) {
		return false
	}
	taken := returns + bytes.Count(data, []byte{'\n'}) + bytes.Count(data, []byte{'\t'})
	return controls == taken && bytes.IndexByte(data, 0x7F) < 0
}

// advance goes to the next line; false if there is none.
func (o *outliner) advance() bool {
	if o.next >= len(o.data) {
		return false
	}
	o.line = o.next
	if i := bytes.IndexByte(o.data[o.line:], '\n'); i >= 0 {
		o.end, o.next = o.line+i, o.line+i+1
		if o.end > o.line && o.data[o.end-1] == '\r' {
			o.end--
		}
	} else {
		o.end, o.next = len(o.data), len(o.data)
	}
	return true
}

// spaces returns the offset of the first character from at on that is no space, or
// the end of the line.
func (o *outliner) spaces(at int) int {
	for at < o.end && o.data[at] == ' ' {
		at++
	}
	return at
}

// isStrange reports whether the line holds what is not looked into outside comments
// and block scalars: a tab, or something that may be a document marker.
func (o *outliner) isStrange() bool {
	text := o.data[o.line:o.end]
	return o.tabs && bytes.IndexByte(text, '\t') >= 0 || bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("..."))
}

// document reads all lines.
func (o *outliner) document() bool {
	marked := false
	for o.advance() {
		at := o.spaces(o.line)
		switch {
		case at == o.end: // a plain scalar goes on behind a blank line
		case o.data[at] == '#':
			o.running = false
		case !marked && o.depth == 0 && string(bytes.TrimRight(o.data[o.line:o.end], " ")) == "---":
			marked = true
		case o.isStrange() || !o.content(at):
			return false
		}
	}
	return o.depth > 0 || !marked
}

// content reads a line with content, which begins at at.
func (o *outliner) content(at int) bool {
	column := at - o.line
	if o.running && column > o.top().column {
		return o.plain(at)
	}
	o.running = false
	for o.depth > 0 && o.top().column > column {
		o.leave()
	}
	if o.depth > 1 && *o.top() == (collection{column, true}) && !o.isDash(at) {
		o.leave() // a sequence no deeper than the key it belongs to, and the next key
	}
	return o.node(at)
}

func (o *outliner) top() *collection { return &o.open[o.depth-1] }

func (o *outliner) leave() {
	o.depth--
	o.awaits = false
}

// enter makes the collection at hand one of the given kind at column: the innermost
// one, or a new one if a value is awaited.
func (o *outliner) enter(column int, sequence bool) bool {
	if o.depth == 0 {
		if column != 0 || sequence {
			return false
		}
	} else {
		top := *o.top()
		if top == (collection{column, sequence}) {
			o.awaits = false
			return true
		}
		// A sequence may stand no deeper than the key it belongs to.
		if !o.awaits || top.column > column || top.column == column && !sequence || o.depth == maxDepth {
			return false
		}
	}
	o.open[o.depth] = collection{column, sequence}
	o.depth++
	o.awaits = false
	return true
}

func (o *outliner) isDash(at int) bool {
	return o.data[at] == '-' && (at+1 == o.end || o.data[at+1] == ' ')
}

// node reads what begins at at, first on its line: entries of sequences, of which
// several may open on one line, then a key with its value, or a value alone.
func (o *outliner) node(at int) bool {
	for o.isDash(at) {
		if !o.enter(at-o.line, true) {
			return false
		}
		o.awaits = true
		if at = o.spaces(at + 1); o.isBlank(at) {
			return true
		}
	}
	start, end, colon := o.key(at)
	if colon < 0 {
		return o.depth > 0 && at-o.line > o.top().column && o.value(at)
	}
	if !o.enter(at-o.line, false) {
		return false
	}
	if o.depth <= 2 {
		o.record(start, end)
	}
	o.awaits = true
	if at = o.spaces(colon + 1); o.isBlank(at) {
		return true
	}
	return o.value(at)
}

// record notes a key of the first two levels.
func (o *outliner) record(keyStart, keyEnd int) {
	if o.depth == 1 {
		o.section = len(o.entries)
	}
	o.entries = append(o.entries, entry{
		level: uint8(o.depth), start: int32(o.line), keyStart: int32(keyStart), keyEnd: int32(keyEnd),
	})
}

// closeEntries lets every entry end where the next one of its level or above begins.
func (o *outliner) closeEntries() {
	ends := [3]int32{1: int32(len(o.data)), 2: int32(len(o.data))}
	for i := len(o.entries) - 1; i >= 0; i-- {
		e := &o.entries[i]
		e.end = ends[e.level]
		ends[2] = e.start
		if e.level == 1 {
			ends[1] = e.start
		}
	}
}

// isBlank reports whether nothing but a comment is left of the line. at is behind
// white space, or at the end of the line.
func (o *outliner) isBlank(at int) bool {
	return at == o.end || o.data[at] == '#' && o.data[at-1] == ' '
}
