package redact

import (
	"slices"
	"strings"
)

// Speaks reports whether a key, or the name of a variable, says that its value is a
// credential. One that ends in "name" says only where there is one.
func Speaks(key string) bool {
	folded := Fold(key)
	if strings.HasSuffix(folded, "name") {
		return false
	}
	isIn := func(word string) bool { return strings.Contains(folded, word) }
	return slices.ContainsFunc([]string{
		"token", "password", "passwd", "passphrase", "passcode", "pwd", "secret", "credential", "authorization",
		"apikey", "privatekey", "accesskey", "encryptionkey", "signingkey", "sshkey", "licensekey",
	}, isIn) || folded == "pw" || strings.HasSuffix(folded, "pass") && !strings.HasSuffix(folded, "bypass")
}

// Fold returns a key in small letters and without the signs between its words.
func Fold(key string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_. ", r) {
			return -1
		}
		return r
	}, strings.ToLower(key))
}
