package mask

import "strings"

// The lengths of the longest plain name and of a step of it, as Kubernetes has them for
// names and their labels; of the words that may be of letters and digits in any order,
// such as k8s; and of the longest number behind a word.
const (
	maxPlain  = 253
	maxStep   = 63
	maxShort  = 3
	maxNumber = 4
)

// Plain reports whether a text is a plain name or path, as keys and the names of objects
// are: words with . _ / or - between them, the first of which begins with a letter. A word
// is letters with at most a short number behind them, or is short.
func Plain(s string) bool {
	if s == "" || len(s) > maxPlain || !isLetter(rune(s[0])) {
		return false
	}
	for step := range strings.SplitSeq(s, ".") {
		if len(step) > maxStep {
			return false
		}
	}
	for word := range strings.FieldsFuncSeq(s, func(c rune) bool { return strings.ContainsRune("._/-", c) }) {
		letters := strings.TrimRight(word, digits)
		isOdd := func(c rune) bool { return !isLetter(c) && (len(word) > maxShort || !strings.ContainsRune(digits, c)) }
		if len(word)-len(letters) > maxNumber || strings.ContainsFunc(letters, isOdd) {
			return false
		}
	}
	return true
}

const digits = "0123456789"

// PlainValue is Plain for a scalar as it is written, in quotes or not, and with white
// space around it. A scalar that says nothing is plain too.
func PlainValue(raw string) bool {
	switch raw {
	case "", "~", "{}", "[]", `""`, "''":
		return true
	}
	return Plain(strings.TrimSpace(unquoted(raw)))
}

// unquoted returns what is between the quotes of a scalar, escapes as they are.
func unquoted(raw string) string {
	if n := len(raw); n >= 2 && (raw[0] == '"' || raw[0] == '\'') && raw[n-1] == raw[0] {
		return raw[1 : n-1]
	}
	return raw
}

func isLetter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
