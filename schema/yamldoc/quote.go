package yamldoc

import (
	"bytes"
	"fmt"
	"strings"
)

// Quote writes s as a double-quoted scalar, in a form that is both YAML and JSON.
func Quote(s string) string {
	return quote(s, func(r rune) string {
		switch {
		case r == '"' || r == '\\':
			return `\` + string(r)
		case r == '\n':
			return `\n`
		case r == '\t':
			return `\t`
		case MustEscape(r):
			return fmt.Sprintf(`\u%04x`, r)
		}
		return string(r)
	})
}

// QuoteHidden is Quote with every character written as an escape, so that whoever sees
// the text on a screen or in a log, or searches it, does not read s.
func QuoteHidden(s string) string {
	return quote(s, func(r rune) string {
		switch {
		case r < 0x80:
			return fmt.Sprintf(`\x%02x`, r)
		case r < 0x10000:
			return fmt.Sprintf(`\u%04x`, r)
		}
		return fmt.Sprintf(`\U%08x`, r)
	})
}

func quote(s string, written func(r rune) string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		b.WriteString(written(r))
	}
	b.WriteByte('"')
	return b.String()
}

// FromJSON returns JSON with escapes in place of the characters that JSON has in its strings
// as they are and YAML has not.
func FromJSON(data []byte) []byte {
	isBare := func(r rune) bool { return r >= 0x7f && MustEscape(r) }
	if !bytes.ContainsFunc(data, isBare) {
		return data
	}
	var b bytes.Buffer
	for _, r := range string(data) {
		if isBare(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

// MustEscape reports whether a character has no place in YAML (spec 1.2.2, 5.1) besides
// tabs, is a line end to one of its versions, or is a byte order mark.
func MustEscape(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 ||
		r == 0xfeff || r == 0xfffe || r == 0xffff
}

// IsPlain reports whether s can stand unquoted anywhere and is a string in every
// version of YAML.
func IsPlain(s string) bool { return isName(s) && !IsWord(s) }

// isName reports whether s is a letter followed by letters, digits, dashes, dots and
// underscores.
func isName(s string) bool {
	for i, c := range []byte(s) {
		isLetter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !isLetter && (i == 0 || strings.IndexByte("-._0123456789", c) < 0) {
			return false
		}
	}
	return s != ""
}

// IsWord reports whether YAML 1.1, which Helm and the API server read, may take the
// plain scalar s for a boolean or null.
func IsWord(s string) bool { return isBool(s) || strings.EqualFold(s, "null") }

func isBool(s string) bool {
	if len(s) > len("false") {
		return false
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

// PlainOrQuoted writes s unquoted where it can stand so, else double-quoted.
func PlainOrQuoted(s string) string {
	if IsPlain(s) {
		return s
	}
	return Quote(s)
}
