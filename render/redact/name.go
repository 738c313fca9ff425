package redact

import (
	"strings"
	"unicode"
)

// MayBeToken reports whether a text that stands where the name of a Secret, a key in one
// or a username should may be a credential by its looks: it is long, or there is the
// beginning of a JSON Web Token in it. Kubernetes takes all of those for keys of a Secret.
func MayBeToken(s string) bool {
	const longest = 63 // Kubernetes allows 253, but nobody calls a Secret like that
	if len(s) > longest {
		return true
	}
	for {
		_, rest, found := strings.Cut(s, "eyJ") // `{"` in base64
		if !found {
			return false
		}
		const header = 8 // characters of one, at least
		if len(strings.TrimFunc(rest[:min(len(rest), header)], isBase64)) == 0 && len(rest) >= header {
			return true
		}
		s = rest
	}
}

func isBase64(c rune) bool { return c == '-' || c == '_' || isLetter(c) || isDigit(c) }

// IsPlainName reports whether a text is made of words and of nothing else, as the names
// of Secrets and the keys in them are. Where such a name should be there may be a
// password, so a text for which nobody vouches is shown only if it is plain.
func IsPlainName(s string) bool {
	if s == "" || MayBeToken(s) || strings.ContainsFunc(s, func(c rune) bool { return c != '.' && !isBase64(c) }) {
		return false
	}
	const most = 2 // words with a digit in them
	numbers := 0
	for word := range strings.FieldsFuncSeq(s, func(c rune) bool { return strings.ContainsRune("-._", c) }) {
		if !isWord(word) {
			return false
		}
		if strings.ContainsFunc(word, isDigit) {
			numbers++
		}
	}
	return numbers <= most
}

// isWord reports whether letters and digits are a word: apiToken, v2, prod01, k8s, 2024.
func isWord(s string) bool {
	const short, longest, most = 3, 20, 3
	letters := strings.TrimFunc(s, isDigit)
	if len(s) <= short {
		return true
	}
	changes := 0 // from a small letter to a capital
	for i, c := range letters {
		if isDigit(c) {
			return false
		}
		if i > 0 && unicode.IsUpper(c) && unicode.IsLower(rune(letters[i-1])) {
			changes++
		}
	}
	return len(letters) <= longest && len(s)-len(letters) <= short+1 && changes <= most
}

func isLetter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c rune) bool { return '0' <= c && c <= '9' }
