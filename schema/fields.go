package schema

import (
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
)

// The fields of the auth block (gitops-runtime values.yaml, 0.18.0 to 0.30).
const (
	fieldType        = "type"
	fieldToken       = "token"
	fieldTokenRef    = "tokenSecretKeyRef"
	fieldUsername    = "username"
	fieldUsernameRef = "usernameSecretKeyRef"
	fieldPassword    = "password"
	fieldPasswordRef = "passwordSecretKeyRef"

	refName     = "name"
	refKey      = "key"
	refOptional = "optional"
)

func fieldNames() []string {
	return []string{fieldType, fieldToken, fieldTokenRef, fieldUsername, fieldUsernameRef, fieldPassword, fieldPasswordRef}
}

func refFieldNames() []string { return []string{refName, refKey, refOptional} }

func isField(name string) bool { return slices.Contains(fieldNames(), name) }

func isRefField(name string) bool { return slices.Contains(refFieldNames(), name) }

func isRef(name string) bool {
	return name == fieldTokenRef || name == fieldUsernameRef || name == fieldPasswordRef
}

// maxNameLength is the limit of Kubernetes for names of Secrets and for their keys.
const maxNameLength = 253

// validName reports whether s can name a Secret: a DNS-1123 subdomain, or nothing.
func validName(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > maxNameLength {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// validKey reports whether s can be a key of a Secret, or nothing.
func validKey(s string) bool {
	if len(s) > maxNameLength || s == "." || strings.HasPrefix(s, "..") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && c != '.' && c != '_' && !isAlphanumeric(c) {
			return false
		}
	}
	return true
}

// near reports whether written is a slip for known: the same but for case, dashes
// and underscores, two letters swapped, or a few letters off. Longer names allow more.
func near(written, known string) bool {
	_, ok := slip(written, known)
	return ok
}

// slip is near with the distance: how many letters are off.
func slip(written, known string) (distance int, ok bool) {
	if written == known {
		return 0, false
	}
	w, k := fold(written), fold(known)
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

// nearest returns the name among known that written is a slip for, "" if none.
func nearest(written string, known []string) string {
	best, bestDistance := "", 0
	for _, k := range known {
		if d, ok := slip(written, k); ok && (best == "" || d < bestDistance) {
			best, bestDistance = k, d
		}
	}
	return best
}

// fold takes the case, dashes, underscores, dots and spaces out of a name. It is
// asked about every key of a file.
func fold(s string) string {
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

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
