package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// quote writes a text from the values into a message, unless it may be a credential.
func quote(s string) string {
	if showable(s) || meant(s) != nil { // the latter are Argo CD's capabilities, with odd signs between them
		return fmt.Sprintf("%q", s)
	}
	return redacted
}

// quoteType is quote for what stands where the type should.
func quoteType(s string) string {
	if !showableType(s) {
		return redacted
	}
	return quote(s)
}

// showable reports whether a text that stands where a name should may be shown: it has
// nothing but what names have, white space around it aside. Else it may be a password
// that was put into the wrong place.
func showable(s string) bool {
	isStrange := func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsMark(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-_./", c)
	}
	s = strings.TrimSpace(s)
	return !looksSecret(s) && (strings.IndexFunc(s, isStrange) < 0 || isAddress(s) || isVariable(s))
}

// isAddress reports whether s is a plain e-mail address, as users have for a name.
func isAddress(s string) bool {
	user, host, found := strings.Cut(s, "@")
	isLetters := func(s string) bool {
		return s != "" && strings.IndexFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && c != '.' && c != '-' }) < 0
	}
	return found && isLetters(user) && isLetters(host) && strings.Contains(host, ".")
}

// showableType is showable for a type, in which nobody means to write a digit.
func showableType(s string) bool {
	return showable(s) && strings.IndexFunc(s, unicode.IsDigit) < 0
}

// looksSecret reports whether a text that should be a name may be a credential
// that was pasted into the wrong place: it is long, or holds the beginning of a
// JSON Web Token. It is asked about every value of a file, so it only scans.
func looksSecret(s string) bool { return len(s) > 63 || holdsToken(s) }

// holdsToken reports whether there is the beginning of a JSON Web Token in s.
func holdsToken(s string) bool {
	for {
		i := strings.Index(s, "eyJ")
		if i < 0 {
			return false
		}
		s = s[i+len("eyJ"):]
		run := strings.IndexFunc(s, func(c rune) bool { return c != '_' && c != '-' && (c > 'z' || !isAlphanumeric(byte(c))) })
		if run >= 8 || run < 0 && len(s) >= 8 {
			return true
		}
	}
}

// holdsSecret reports whether a value has a credential in it, whatever its key: a
// private key, a URL with somebody's password, a setting of some tool.
func holdsSecret(s string) bool {
	return looksSecret(s) || strings.Contains(s, "PRIVATE KEY") || holdsUser(s) || assigns(s)
}

// holdsUser reports whether a URL in s says who signs in (RFC 3986, 3.2.1).
func holdsUser(s string) bool {
	for {
		_, rest, found := strings.Cut(s, "://")
		if !found {
			return false
		}
		if i := strings.IndexAny(rest, "@/?# \t\n\"'"); i > 0 && rest[i] == '@' {
			return true
		}
		s = rest
	}
}

// assigns reports whether a name in s that speaks of a credential is given a value, as
// in the query of a URL, in a connection string, or in a tool's configuration.
func assigns(s string) bool {
	for at := 0; ; {
		i := strings.IndexAny(s[at:], "=:")
		if i < 0 {
			return false
		}
		at += i + 1
		value := s[at:]
		if s[at-1] == ':' && (value == "" || !strings.Contains(" \t\"'", value[:1])) {
			continue // of a URL, an image, a time
		}
		line, _, _ := strings.Cut(strings.TrimLeft(value, " \t"), "\n")
		name := strings.TrimRight(s[:at-1], " \t\"'")
		name = name[strings.LastIndexFunc(name, func(c rune) bool { return !isNameRune(c) })+1:]
		if strings.TrimSpace(line) != "" && speaksOfSecrets(name) {
			return true
		}
	}
}

func isNameRune(c rune) bool {
	return c == '-' || c == '_' || c == '.' || unicode.IsLetter(c) || unicode.IsDigit(c)
}

// speaksOfSecrets reports whether a key says that its value is a credential.
func speaksOfSecrets(key string) bool {
	folded := fold(key)
	if strings.HasSuffix(folded, "name") {
		return false // existingSecretName and its like
	}
	return hasSecretWord(folded)
}

// hasSecretWord reports whether there is a word for a credential in a text without
// case, spaces, dashes and dots.
func hasSecretWord(folded string) bool {
	isIn := func(word string) bool { return strings.Contains(folded, word) }
	return slices.ContainsFunc(secretWords(), isIn) || folded == "pw" ||
		strings.HasSuffix(folded, "pass") && !strings.HasSuffix(folded, "bypass")
}

func secretWords() []string {
	return []string{
		"token", "password", "passwd", "passphrase", "passcode", "pwd", "secret", "apikey", "credential",
		"privatekey", "tlskey", "authorization",
	}
}
