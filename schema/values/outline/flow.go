package outline

import "strings"

// maxFlow bounds how deep flow collections are followed.
const maxFlow = 16

// flow reads the flow collection that opens at at, over several lines if need be,
// and returns the offset behind it, 0 if it gives up.
func (o *outliner) flow(at, depth int) int {
	isMap := o.data[at] == '{'
	closing := byte(']')
	if isMap {
		closing = '}'
	}
	if depth == maxFlow {
		return 0
	}
	for at++; ; at++ { // behind the bracket, then behind a comma
		if at = o.flowSpace(at); at == 0 {
			return 0
		}
		if o.data[at] == closing {
			return at + 1 // a comma may stand in front of it
		}
		if isMap {
			at = o.flowKey(at)
		}
		if !isMap || at > 0 && o.data[at] != ',' && o.data[at] != closing {
			at = o.flowValue(at, depth)
		}
		if at == 0 {
			return 0
		}
		if at = o.flowSpace(at); at == 0 {
			return 0
		}
		if o.data[at] == closing {
			return at + 1
		}
		if o.data[at] != ',' {
			return 0
		}
	}
}

// flowSpace skips spaces and line breaks. It returns 0 at the end of the text, and
// where a line holds what only the parser can judge.
func (o *outliner) flowSpace(at int) int {
	for {
		if at = o.spaces(at); at < o.end {
			return at
		}
		if !o.advance() || o.isStrange() {
			return 0
		}
		at = o.line
	}
}

// flowKey reads a key and its colon, and returns the offset of what follows.
func (o *outliner) flowKey(at int) int {
	start, end, colon := at, 0, 0
	if o.data[at] == '"' || o.data[at] == '\'' {
		start, end, colon = o.quotedKey(at)
	} else {
		end = o.flowPlain(at)
		colon = end
	}
	if colon == 0 || colon >= o.end || o.data[colon] != ':' || !isKey(o.data[start:end], start == at) {
		return 0
	}
	return o.flowSpace(colon + 1)
}

func (o *outliner) flowValue(at, depth int) int {
	switch o.data[at] {
	case '[', '{':
		return o.flow(at, depth+1)
	case '"', '\'':
		return o.quoted(at)
	}
	end := o.flowPlain(at)
	if end == 0 || !isReadable(o.data[at:end]) {
		return 0
	}
	return end
}

// flowPlain returns the end of the plain scalar at at, 0 if there may be none. Its
// text stays on one line.
func (o *outliner) flowPlain(at int) int {
	c := o.data[at]
	if c == '-' && at+1 < o.end {
		c = o.data[at+1]
		if c == '.' {
			return 0
		}
	}
	if !startsPlain(c) {
		return 0
	}
	end := at
	for i := at; i < o.end; i++ {
		switch c := o.data[i]; c {
		case ' ':
			continue
		case ',', ']', '}':
			return end
		case '[', '{', '?':
			return 0
		case '#':
			if o.data[i-1] == ' ' {
				return 0
			}
		case ':':
			if i+1 == o.end || o.data[i+1] == ' ' {
				if end != i {
					return 0
				}
				return end
			}
			if strings.IndexByte(`,[]{}?"'`, o.data[i+1]) >= 0 {
				return 0
			}
		}
		end = i + 1
	}
	return end
}
