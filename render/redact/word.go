package redact

import "strings"

// Speaks reports whether a key, or the name of a variable, says that its value is a
// credential. One that ends in "name" says only where there is one.
func Speaks(key string) bool {
	folded := strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_. ", r) {
			return -1
		}
		return r
	}, strings.ToLower(key))
	if strings.HasSuffix(folded, "name") {
		return false
	}
	for _, word := range []string{"token", "password", "passwd", "passphrase", "secret", "apikey", "credential", "privatekey", "authorization"} {
		if strings.Contains(folded, word) {
			return true
		}
	}
	return false
}
