package argocd

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

const (
	// maxMessage is how much of a text is shown, in runes.
	maxMessage = 500
	// minSecret is the length from which a credential can be cut out of a text. What
	// is shorter would show itself by the holes it leaves.
	minSecret = 4
	// minPart is the length from which a part of a token tells anything.
	minPart = 16
)

// Shown is what may be printed of a text that a server sent: one line, not too long,
// without anything that looks like a token, and without the credentials that were sent
// to it, in any usual writing.
func Shown(text string, secrets ...auth.Secret) string {
	// This one Argo CD says whatever it was sent. To cut anything out of it would only
	// tell that the password is a word of it.
	if strings.TrimSpace(text) != "Invalid username or password" {
		text = hide(text, secrets)
		// The header of a token is a JSON object, which always begins alike in base64.
		text = regexp.MustCompile(`eyJ[-\w.~+/=]{13,}`).ReplaceAllLiteralString(text, auth.Redacted)
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage-1]) + "…"
	}
	return text
}

func hide(text string, secrets []auth.Secret) string {
	var all []string
	for _, s := range secrets {
		plain := s.Reveal()
		if plain != "" && len(plain) < minSecret && strings.Contains(text, plain) {
			return auth.Redacted
		}
		all = append(all, forms(plain)...)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // the whole before its parts
	for _, form := range all {
		if len(form) >= minSecret {
			text = strings.ReplaceAll(text, form, auth.Redacted)
		}
	}
	return text
}

// forms are the ways in which a server writes what it was sent, and the parts by
// which it names a token.
func forms(plain string) []string {
	if len(plain) < minSecret {
		return nil
	}
	unquoted := func(s string) string { return s[1 : len(s)-1] }
	all := []string{
		plain, strings.TrimSpace(plain), url.QueryEscape(plain), url.PathEscape(plain), unquoted(strconv.Quote(plain)),
		base64.StdEncoding.EncodeToString([]byte(plain)), base64.RawURLEncoding.EncodeToString([]byte(plain)),
	}
	for _, escapeHTML := range []bool{true, false} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(escapeHTML)
		if e.Encode(plain) == nil {
			all = append(all, unquoted(strings.TrimSpace(b.String())))
		}
	}
	for part := range strings.SplitSeq(plain, ".") {
		if len(part) >= minPart {
			all = append(all, part)
		}
	}
	return all
}
