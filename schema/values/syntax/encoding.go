package syntax

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// Encoding is how a text is encoded that is not UTF-8, which is "".
type Encoding string

// The encodings besides UTF-8 that Helm 3 reads, by their byte order marks.
const (
	UTF16LE Encoding = "UTF-16LE"
	UTF16BE Encoding = "UTF-16BE"
)

// Decode returns data as UTF-8 if it is UTF-16 with a byte order mark, without the mark.
// Everything else it returns as it is, text or not; Explain says what is wrong with it.
func Decode(data []byte) (text []byte, encoding Encoding) {
	if isUTF32(data) {
		return data, ""
	}
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		encoding, order = UTF16LE, binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		encoding, order = UTF16BE, binary.BigEndian
	default:
		return data, ""
	}
	if text, ok := fromUTF16(data[len("\xff\xfe"):], order); ok {
		return text, encoding
	}
	return data, ""
}

// isUTF32 reports whether data begins with the byte order mark of UTF-32: the mark of
// UTF-16LE and a NUL, which no text begins with.
func isUTF32(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")) || bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff"))
}

// fromUTF16 is utf16.Decode for bytes; ok is false where it would replace something.
func fromUTF16(data []byte, order binary.ByteOrder) (text []byte, ok bool) {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	runes := utf16.Decode(units)
	return []byte(string(runes)), len(data)%2 == 0 && slices.Equal(utf16.Encode(runes), units)
}

// encodingFault says why data is no text that Helm can read; nil if its encoding is
// not the reason. All of these fail in Helm 3.22.0 and 4.3.1 alike.
func encodingFault(data []byte) *Fault {
	found := func(at int, message string) *Fault {
		return &Fault{Line: lineOf(data, at), Message: message, Hint: "save it as UTF-8"}
	}
	if isUTF32(data) {
		return found(0, "the file is encoded as UTF-32, which Helm cannot read")
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return found(0, "the file begins with the byte order mark of UTF-16, and is not valid UTF-16")
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		if isWide(data) {
			return found(0, "the file seems to be encoded as UTF-16 or UTF-32 without a byte order mark, which Helm cannot read")
		}
		return found(at, "a NUL byte: this is not text, or it is encoded in a way that Helm cannot read")
	}
	for at := 0; at < len(data); {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			return found(at, "this line is not UTF-8, perhaps Latin-1 or Windows-1252, which Helm cannot read")
		}
		at += n
	}
	return nil
}

// isWide reports whether a text with NUL bytes looks like two or four bytes for every
// character of plain English: each second byte is a NUL then, or most are.
func isWide(data []byte) bool {
	var nuls [2]int
	for i, c := range data {
		if c == 0 {
			nuls[i%2]++
		}
	}
	return max(nuls[0], nuls[1]) > len(data)/4
}
