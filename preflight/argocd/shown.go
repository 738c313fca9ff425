package argocd

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

const (
	// maxMessage is how much of a text is shown, in runes.
	maxMessage = 300
	redacted   = "[redacted]"
	// minSecret is the length from which a credential can be cut out of a text. What
	// is shorter would show itself by the holes it leaves.
	minSecret = 4
	// minPart is the length from which a part of a token tells anything.
	minPart = 16
)

// shown is what may be printed of a text that the server sent: one line, not too
// long, and without the credentials that were sent to it, in any usual writing.
func shown(text string, secrets ...schema.Secret) string {
	if !isFixed(strings.TrimSpace(text)) {
		text = hideTokens(hide(text, secrets))
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
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

// isFixed reports whether a text is one that Argo CD says whatever it was sent. To
// cut anything out of it would only tell that the password is a word of it.
func isFixed(text string) bool {
	switch text {
	case "Invalid username or password", "no credentials supplied", "no session information", "Invalid content type", "Failed to retrieve ArgoCD auth token":
		return true
	}
	return false
}

func hide(text string, secrets []schema.Secret) string {
	var all []string
	for _, s := range secrets {
		plain := s.Reveal()
		if plain == "" {
			continue
		}
		if len(plain) < minSecret {
			if strings.Contains(text, plain) {
				return redacted
			}
			continue
		}
		all = append(all, forms(plain)...)
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // the whole before its parts
	for _, form := range all {
		text = strings.ReplaceAll(text, form, redacted)
	}
	return text
}

// forms are the ways in which a server writes what it was sent, and the parts by
// which it names a token.
func forms(plain string) []string {
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
	return slices.DeleteFunc(all, func(form string) bool { return len(form) < minSecret })
}

func unquoted(s string) string { return s[1 : len(s)-1] }

// hideTokens cuts out what looks like a token, whoever's it is: its header is a JSON
// object, which always begins alike in base64.
func hideTokens(text string) string {
	const start = "eyJ"
	var b strings.Builder
	for {
		i := strings.Index(text, start)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := strings.IndexFunc(text[i:], func(r rune) bool {
			return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.~+/=", r)
		})
		if end < 0 {
			end = len(text) - i
		}
		b.WriteString(text[:i])
		if end >= minPart {
			b.WriteString(redacted)
		} else {
			b.WriteString(text[i : i+end])
		}
		text = text[i+end:]
	}
}
