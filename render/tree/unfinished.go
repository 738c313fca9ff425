package tree

import (
	"bytes"
	"io"
)

// Unfinished reports whether the text of a document surely ends too early: inside
// of a quoted scalar or of a collection in flow style, or in the middle of a key.
// It reads the text once and keeps nothing of it, which is for documents that are
// too large to be parsed just to see whether they are whole. It says no where it
// is not sure, and of a text that is no YAML it may say anything. Errors of the
// reader end the text.
func Unfinished(text io.Reader) bool {
	o := &outline{window: window{in: text}}
	if o.has(3) && bytes.HasPrefix(o.data[o.at:], []byte("\ufeff")) {
		o.at += 3
	}
	for !o.open && o.has(1) {
		o.line()
	}
	return o.open && !o.odd
}

// outline goes through a document, token by token as far as strings, brackets and
// indentation need it.
type outline struct {
	window
	indent int // the spaces at the beginning of the line that are behind already
	// levels are the columns of the lists and mappings that are open.
	levels []level
	begun  bool // there was content
	open   bool // the text has ended inside of something
}

type level struct {
	column int
	key    bool // a mapping
}

// line reads the content of a line, and everything that goes on from there.
func (o *outline) line() {
	start := o.offset() - o.indent
	o.blanks(" ")
	column := o.offset() - start
	o.indent = 0
	switch {
	case column == 0 && o.isMarker("---"):
		o.at, o.begun = o.at+3, true
		o.value()
		return
	case column == 0 && o.isMarker("..."):
		o.end()
		return
	}
	if o.blanks(" \t"); o.lineEnds() || !o.begun && column == 0 && o.data[o.at] == '%' {
		o.skipLine()
		return
	}
	o.begun = true
	isKey := false // a key may stand here
	for n := len(o.levels) - 1; n >= 0 && o.levels[n].column >= column; n-- {
		isKey = o.levels[n] == level{column, true}
		o.levels = o.levels[:n]
	}
	for o.isIndicator("-?:") {
		o.levels = append(o.levels, level{o.offset() - start, o.data[o.at] != '-'})
		isKey = false
		o.at++
		o.blanks(" \t")
	}
	o.entry(start, isKey)
}

// entry reads what stands in a line of its own or behind the indicators of one.
func (o *outline) entry(start int, isKey bool) {
	column := o.offset() - start
	if isKey && o.has(1) {
		isKey = !o.is("&!|>*?")
	}
	if o.node(true) {
		o.levels = append(o.levels, level{column, true})
		o.value()
	} else if isKey && !o.has(1) {
		o.open = true
	}
}

// value reads what stands behind a key or a separator.
func (o *outline) value() {
	o.blanks(" \t")
	o.node(false)
}

// node reads a node, and if it is a key on this line its colon; then it returns
// true. Otherwise it goes on to the next line.
func (o *outline) node(mayBeKey bool) (key bool) {
	for !o.lineEnds() && o.is("&!") {
		o.word()
		o.blanks(" \t")
	}
	switch {
	case o.lineEnds():
		o.skipLine()
		return false
	case o.is(`"'`):
		o.quoted()
	case o.is("[{"):
		o.flow()
	case o.is("|>"):
		o.deeper()
		return false
	case o.is("*"):
		o.word()
	case !o.plain() || !mayBeKey:
		o.deeper()
		return false
	}
	o.blanks(" \t")
	if mayBeKey && o.isIndicator(":") {
		o.at++
		return true
	}
	o.skipLine()
	return false
}

// plain reads a plain scalar as far as it stands on this line, and reports whether
// a colon ends it.
func (o *outline) plain() bool {
	for last := byte(0); o.has(1) && !o.is("\r\n"); o.at++ {
		if o.isIndicator(":") {
			return true
		}
		if o.is("#") && isBlank(last) {
			return false
		}
		last = o.data[o.at]
	}
	return false
}

// deeper goes past the rest of the line and the lines that belong to a block scalar
// or a plain one: blank ones, and those that are indented more than what it is a
// part of.
func (o *outline) deeper() {
	parent := -1
	if n := len(o.levels); n > 0 {
		parent = o.levels[n-1].column
	}
	for o.skipLine(); o.has(1); o.skipLine() {
		start := o.offset()
		o.blanks(" ")
		if o.indent = o.offset() - start; o.indent <= parent && o.has(1) && !o.is("\r\n") {
			return
		}
		o.indent = 0
	}
}

// quoted goes behind a quoted scalar.
func (o *outline) quoted() {
	quote := o.data[o.at]
	for o.at++; o.has(1); o.at++ {
		switch c := o.data[o.at]; {
		case c == '\\' && quote == '"' && o.has(2):
			o.at++
		case c == quote && quote == '\'' && o.has(2) && o.data[o.at+1] == quote:
			o.at++
		case c == quote:
			o.at++
			return
		}
	}
	o.open = true
}

// flow goes behind a collection in flow style.
func (o *outline) flow() {
	for depth := 0; ; {
		o.blanks(" \t\r\n")
		switch {
		case !o.has(1):
			o.open = true
			return
		case o.is("[{"):
			depth++
			o.at++
		case o.is("]}"):
			o.at++
			if depth--; depth == 0 {
				return
			}
		case o.is(",:?"):
			o.at++
		case o.is("#"):
			o.skipLine()
		case o.is("&!*"):
			for o.at++; o.has(1) && !o.is(" \t\r\n,[]{}"); o.at++ {
			}
		case o.is(`"'`):
			if o.quoted(); o.open {
				return
			}
		default:
			o.flowPlain()
		}
	}
}

// flowPlain goes behind a plain scalar, on however many lines it stands.
func (o *outline) flowPlain() {
	for last := byte(0); o.has(1) && !o.is(",[]{}"); o.at++ {
		if o.isIndicator(":") || o.is(":") && bytes.IndexByte([]byte(",[]{}"), o.data[o.at+1]) >= 0 {
			return
		}
		if o.is("#") && (isBlank(last) || isBreak(last)) {
			return
		}
		last = o.data[o.at]
	}
}
