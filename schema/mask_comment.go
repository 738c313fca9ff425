package schema

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isProse reports whether a comment says nothing that could be a credential, so that
// it may be shown: it does not speak of one, and all its words are plain. People leave
// old tokens in comments, and copy whole lines into them.
func isProse(comment string) bool {
	if hasSecretWord(fold(comment)) || holdsToken(comment) || holdsUser(comment) {
		return false
	}
	for word := range strings.FieldsFuncSeq(comment, isWordBreak) {
		isPlain := isPlainWord
		if strings.HasPrefix(word, "//") { // what follows "https:"
			isPlain = isPlainPath
		}
		if !isPlain(word) || speaksOfSecrets(word) {
			return false
		}
	}
	return true
}

func isWordBreak(c rune) bool {
	return unicode.IsSpace(c) || strings.ContainsRune("\"'`“”‘’()[]{}<>,:=", c)
}

// maxPlainWord is the length from which a word is no word any more.
const maxPlainWord = 30

// isPlainWord reports whether a word is a short one, a version, or one of letters, with
// the signs between them that names and paths have.
func isPlainWord(word string) bool {
	word = strings.TrimRight(word, ";?")
	n := utf8.RuneCountInString(word)
	if n < minWord {
		return true
	}
	isStrange := func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsMark(c) && !strings.ContainsRune("-./_", c)
	}
	return n <= maxPlainWord && (strings.IndexFunc(word, isStrange) < 0 || isVersion(word))
}

func isPlainPath(path string) bool {
	return !slices.ContainsFunc(strings.Split(path, "/"), func(step string) bool { return !isPlainWord(step) })
}

// isVersion reports whether a word consists of short numbers with dots between them.
func isVersion(word string) bool {
	for number := range strings.SplitSeq(word, ".") {
		if len(number) > 3 || strings.Trim(number, "0123456789") != "" {
			return false
		}
	}
	return true
}
