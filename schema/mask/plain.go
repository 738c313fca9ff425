package mask

import (
	"iter"
	"strings"
	"unicode"
)

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
	for word := range words(s) {
		letters := strings.TrimRight(word, digits)
		isOdd := func(c rune) bool { return !isLetter(c) && (len(word) > maxShort || !strings.ContainsRune(digits, c)) }
		if len(word)-len(letters) > maxNumber || strings.ContainsFunc(letters, isOdd) {
			return false
		}
	}
	return true
}

const digits = "0123456789"

func words(s string) iter.Seq[string] {
	return strings.FieldsFuncSeq(s, func(c rune) bool { return strings.ContainsRune("._/-", c) })
}

// Name reports whether a text that stands where the name of an object, a key in one or a
// username should is a plain name, of words that somebody could say. A password may stand
// there, so a text for which nobody vouches is shown only if it is one.
func Name(s string) bool {
	// The longest word; and how many capitals may be behind a small letter in one, and how
	// many words have a number.
	const longest, maxChanges, maxNumbers = 20, 3, 2
	if !Plain(s) || MayBeToken(s) || strings.Contains(s, "/") {
		return false
	}
	numbers := 0
	for word := range words(s) {
		if strings.ContainsAny(word, digits) {
			numbers++
		}
		letters, changes := strings.TrimRight(word, digits), 0
		for i, c := range letters {
			if i > 0 && unicode.IsUpper(c) && unicode.IsLower(rune(letters[i-1])) {
				changes++
			}
		}
		if len(letters) > longest || changes > maxChanges {
			return false
		}
	}
	return numbers <= maxNumbers
}

// MayBeToken reports whether a text that stands where a name should may be a credential by
// its looks, whoever vouches for it: it is long, or there is the beginning of a JSON Web
// Token in it. Kubernetes takes all of those for keys of a Secret.
func MayBeToken(s string) bool {
	const longest = 63 // Kubernetes allows 253, but nobody calls a Secret like that
	const header = 8   // characters of the beginning, at least
	if len(s) > longest {
		return true
	}
	isOther := func(c rune) bool { return c != '-' && c != '_' && !isLetter(c) && !strings.ContainsRune(digits, c) }
	for {
		_, rest, found := strings.Cut(s, "eyJ") // `{"` in base64
		if !found {
			return false
		}
		if len(rest) >= header && !strings.ContainsFunc(rest[:header], isOther) {
			return true
		}
		s = rest
	}
}

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
