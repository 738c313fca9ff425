package outline

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// key looks for a key at at: its text without quotes, and the offset of its colon,
// -1 if no key begins there. A colon that is found where none may be is found again
// by the function that reads the value, which then gives up.
func (o *outliner) key(at int) (start, end, colon int) {
	switch c := o.data[at]; {
	case c == '"' || c == '\'':
		start, end, colon = o.quotedKey(at)
	case startsPlain(c):
		n := firstColon(o.data[at:o.end])
		if n < 0 {
			return 0, 0, -1
		}
		start, end, colon = at, at+n, at+n
	}
	if colon == 0 || !o.isColon(colon) || !isKey(o.data[start:end], start == at) {
		return 0, 0, -1
	}
	return start, end, colon
}

// firstColon returns where in a line the first colon is that has nothing but white space
// behind it, -1 if there is none.
func firstColon(line []byte) int {
	if n := bytes.Index(line, []byte(": ")); n >= 0 || !bytes.HasSuffix(line, []byte(":")) {
		return n
	}
	return len(line) - 1
}

// isColon reports whether a colon is at at, with nothing but white space behind it.
func (o *outliner) isColon(at int) bool {
	return at < o.end && o.data[at] == ':' && (at+1 == o.end || o.data[at+1] == ' ')
}

// quotedKey returns the text of a key in quotes, and the offset behind it, all 0 where it
// is not certain.
func (o *outliner) quotedKey(at int) (start, end, behind int) {
	start = at + 1
	n := bytes.IndexByte(o.data[start:o.end], o.data[at])
	if n < 0 || bytes.IndexByte(o.data[start:start+n], '\\') >= 0 {
		return 0, 0, 0
	}
	return start, start + n, start + n + 1
}

// isKey reports whether text is a key that Helm reads as it is written. Plain
// numbers may be keys, but not what YAML 1.1 reads as something else.
func isKey(text []byte, plain bool) bool {
	if len(text) > maxKey || string(text) == "<<" {
		return false
	}
	if !plain {
		return true
	}
	if len(text) == 0 {
		return false
	}
	if last := text[len(text)-1]; last == ' ' || last == ':' {
		return false
	}
	if bytes.Contains(text, []byte(" #")) {
		return false
	}
	switch c := text[0]; {
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return !yamldoc.IsWord(string(text))
	case c == '_', c == '/', c >= utf8.RuneSelf:
		return true
	case c == '0':
		return len(text) == 1
	case c >= '1' && c <= '9':
		return len(text) <= 15 && len(bytes.Trim(text, "0123456789")) == 0
	case c == '.' && len(text) > 1: // .dockerconfigjson, but not .5
		return text[1]|0x20 >= 'a' && text[1]|0x20 <= 'z' && isReadable(text)
	}
	return false
}

// value reads what stands behind a colon or a dash, or alone on a line.
func (o *outliner) value(at int) bool {
	if !o.awaits {
		return false
	}
	o.awaits = false
	switch c := o.data[at]; c {
	case '"', '\'':
		return o.rest(o.quoted(at))
	case '[', '{':
		return o.rest(o.flow(at, 0))
	case '|', '>':
		return o.block(at)
	case '-', ':':
		// Neither is an indicator where more follows; "-" with a space is a dash.
		if at+1 == o.end || o.data[at+1] == ' ' {
			return false
		}
	default:
		if !startsPlain(c) {
			return false
		}
	}
	return o.plain(at)
}

// rest wants nothing but a comment from at on; at is 0 where something went wrong.
func (o *outliner) rest(at int) bool {
	return at > 0 && o.isBlank(o.spaces(at))
}

// startsPlain reports whether a plain scalar may begin with c, whatever follows.
func startsPlain(c byte) bool {
	return c > ' ' && strings.IndexByte("-?:,[]{}#&*!|>'\"%@`", c) < 0
}

// plain reads the text of a plain scalar that stands on this line. The colon of a
// key must not be in it.
func (o *outliner) plain(at int) bool {
	text := o.data[at:o.end]
	o.running = true
	if i := bytes.Index(text, []byte(" #")); i >= 0 {
		text, o.running = text[:i], false
	}
	return firstColon(text) < 0 && isReadable(text)
}

// isReadable reports whether Helm can read the value that text is the first line
// of: JSON, which its parser goes through, has no infinity and no NaN.
func isReadable(text []byte) bool {
	if c := text[0]; c != '.' && c != '+' && c != '-' {
		return true
	}
	word := bytes.TrimRight(bytes.TrimLeft(text, "+-"), " ")
	return !bytes.EqualFold(word, []byte(".inf")) && !bytes.EqualFold(word, []byte(".nan"))
}

// quoted reads a quoted scalar, over several lines if need be, and returns the
// offset behind it, 0 if it gives up.
func (o *outliner) quoted(at int) int {
	quote := o.data[at]
	for at++; ; at = o.line {
		var closed bool
		if quote == '"' {
			at, closed = o.doubleQuoted(at)
		} else {
			at, closed = o.singleQuoted(at)
		}
		if closed || at == 0 {
			return at
		}
		if !o.advance() || o.isStrange() {
			return 0
		}
	}
}

// singleQuoted reads what is left of the line: the offset behind the closing quote,
// or the end of the line if that is still to come.
func (o *outliner) singleQuoted(at int) (end int, closed bool) {
	for {
		i := bytes.IndexByte(o.data[at:o.end], '\'')
		if i < 0 {
			return o.end, false
		}
		at += i + 1
		if at == o.end || o.data[at] != '\'' {
			return at, true
		}
		at++ // two of them stand for one
	}
}

// doubleQuoted does the same for the other kind. It returns 0 if it gives up.
func (o *outliner) doubleQuoted(at int) (end int, closed bool) {
	for {
		i := bytes.IndexByte(o.data[at:o.end], '"')
		if i < 0 {
			i = o.end - at
		}
		escaped := bytes.IndexByte(o.data[at:at+i], '\\')
		switch {
		case escaped >= 0 && at+escaped+1 == o.end: // the line break does not count
			return o.end, false
		case escaped >= 0:
			at += escaped + 1
			n := o.escape(at)
			if n == 0 {
				return 0, false
			}
			at += n
		case at+i == o.end:
			return o.end, false
		default:
			return at + i + 1, true
		}
	}
}

// escape returns the length of the escape sequence behind the backslash, 0 if it
// may be none.
func (o *outliner) escape(at int) int {
	digits := 0
	switch c := o.data[at]; c {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
		if at+1 < o.end && o.data[at+1]|0x20 == 'd' {
			return 0 // perhaps half of a surrogate pair
		}
	default:
		if strings.IndexByte("0abtnvfre \"'\\N_LP", c) < 0 {
			return 0
		}
		return 1
	}
	if at+1+digits > o.end || len(bytes.Trim(o.data[at+1:at+1+digits], "0123456789abcdefABCDEF")) > 0 {
		return 0
	}
	return 1 + digits
}

// block reads a literal or folded scalar, whose indicator is at at.
func (o *outliner) block(at int) bool {
	parent := o.top().column
	indent, ok := o.blockHeader(at+1, parent)
	if !ok {
		return false
	}
	blank := 0 // how far the blank lines in front of the first line of text are indented
	for o.advance() {
		at := o.spaces(o.line)
		lead := at - o.line
		if at == o.end {
			if indent == 0 {
				blank = max(blank, lead)
			}
			continue
		}
		if indent == 0 && lead > parent {
			if blank > lead {
				return false
			}
			indent = lead
			if o.data[at] == '\t' {
				return false
			}
		}
		if indent == 0 || lead < indent {
			o.next = o.line // the line belongs to what follows
			return o.data[at] != '\t'
		}
	}
	return true
}

// blockHeader reads what follows the indicator on its line: how the end of the
// scalar is treated, and how far it is indented (0: as its first line is).
func (o *outliner) blockHeader(at, parent int) (indent int, ok bool) {
	for chomped := false; at < o.end; at++ {
		switch c := o.data[at]; {
		case !chomped && (c == '+' || c == '-'):
			chomped = true
			if c == '+' {
				o.entries[o.section].keeps = true
				o.entries[len(o.entries)-1].keeps = true
			}
		case indent == 0 && c >= '1' && c <= '9':
			indent = parent + int(c-'0')
		default:
			return indent, o.rest(at)
		}
	}
	return indent, true
}
