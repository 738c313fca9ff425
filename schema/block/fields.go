package block

import (
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
)

// The fields of the auth block (gitops-runtime values.yaml, 0.18.0 to 0.30).
const (
	Type        = "type"
	Token       = "token"
	TokenRef    = "tokenSecretKeyRef"
	Username    = "username"
	UsernameRef = "usernameSecretKeyRef"
	Password    = "password"
	PasswordRef = "passwordSecretKeyRef"
)

// The fields of a reference in it.
const (
	RefName     = "name"
	RefKey      = "key"
	RefOptional = "optional"
)

func Fields() []string {
	return []string{Type, Token, TokenRef, Username, UsernameRef, Password, PasswordRef}
}

func RefFields() []string { return []string{RefName, RefKey, RefOptional} }

func IsField(name string) bool { return slices.Contains(Fields(), name) }

func IsRefField(name string) bool { return slices.Contains(RefFields(), name) }

func IsRef(name string) bool {
	return name == TokenRef || name == UsernameRef || name == PasswordRef
}

// MaxName is the limit of Kubernetes for names of Secrets and for their keys.
const MaxName = 253

// ValidName reports whether s can name a Secret: a DNS-1123 subdomain, or nothing.
func ValidName(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > MaxName {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// ValidKey reports whether s can be a key of a Secret, or nothing.
func ValidKey(s string) bool {
	if len(s) > MaxName || s == "." || strings.HasPrefix(s, "..") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && c != '.' && c != '_' && !IsAlphanumeric(c) {
			return false
		}
	}
	return true
}

// near reports whether written is a slip for known: the same but for case, dashes
// and underscores, two letters swapped, or a few letters off. Longer names allow more.
func Near(written, known string) bool {
	_, ok := slip(written, known)
	return ok
}

// slip is near with the distance: how many letters are off.
func slip(written, known string) (distance int, ok bool) {
	if written == known {
		return 0, false
	}
	w, k := Fold(written), Fold(known)
	if w == k {
		return 0, true
	}
	limit := 3
	switch {
	case len(k) <= 4:
		limit = 1
	case len(k) <= 11:
		limit = 2
	}
	distance = levenshtein.Distance(w, k, nil)
	return distance, distance <= limit || distance == 2 && sameLetters(w, k)
}

// Nearest returns the name among known that written is a slip for, "" if none.
func Nearest(written string, known []string) string {
	best, bestDistance := "", 0
	for _, k := range known {
		if d, ok := slip(written, k); ok && (best == "" || d < bestDistance) {
			best, bestDistance = k, d
		}
	}
	return best
}

// Fold takes the case, dashes, underscores, dots and spaces out of a name. It is
// asked about every key of a file.
func Fold(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', '_', '.', ' ':
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}

func IsAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
