package mask

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// minWord is the length in bytes from which a credential is looked for everywhere.
// A shorter one could be any word, and to hide that everywhere would give it away.
const minWord = 6

// wordsOf returns the texts by which credentials are recognised: their lines, plain
// and in base64.
func wordsOf(credentials []string) [][]byte {
	var words [][]byte
	for _, c := range credentials {
		for line := range strings.SplitSeq(c, "\n") {
			word := strings.TrimSpace(line)
			if len(word) < minWord || isCommon(word) {
				continue
			}
			words = append(words, []byte(word))
			words = append(words, encoded(word)...)
		}
	}
	return words
}

// isCommon reports whether a text is a word of every manifest, or of this module's.
func isCommon(word string) bool {
	return slices.Contains([]string{marker, "password", "secret", "username"}, strings.ToLower(word))
}

// encoded returns how a text reads in base64, by itself or inside of a longer one:
// by that it stands at one of three places in its group, and what the text before
// and after it decides is left out.
func encoded(word string) [][]byte {
	var found [][]byte
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + word))
			text = text[(before*8+5)/6:]
			if (before+len(word))%3 != 0 {
				text = text[:len(text)-1]
			}
			found = append(found, []byte(text))
		}
	}
	return found
}

// secretPattern matches what a name says that speaks of a credential.
const secretPattern = `token|passw(?:or)?d|passphrase|secret|api[-_.]?key|credential|private[-_.]?key|authorization`

// Env reports whether the value of an environment variable must be hidden. Those that
// say which Secret to read and who signs in are shown if MayShow says so, and the chart's
// own username is.
func (m *Masker) Env(name, value string) bool {
	if value == "" || value == marker {
		return false
	}
	switch name {
	case "ARGO_CD_TOKEN_SECRET_NAME", "ARGO_CD_TOKEN_SECRET_KEY":
		return !m.MayShow(value)
	case "ARGO_CD_USERNAME":
		return value != schema.DefaultUsername && !slices.Contains(m.vouched, value) || m.isCredential(value)
	}
	return redact.Speaks(name) || m.isCredential(value)
}

// MayShow reports whether a text that stands where the name of a Secret or a key in one
// should may be shown: somebody vouches for it, or it is plain.
func (m *Masker) MayShow(text string) bool {
	return (slices.Contains(m.vouched, text) || redact.IsPlainName(text)) && !redact.MayBeToken(text) && !m.isCredential(text)
}

// isCredential reports whether a text holds a credential, by what it is, by its
// looks, or by the name in front of it.
func (m *Masker) isCredential(text string) bool {
	return len(m.inLine([]byte(text), 0)) > 0 || m.assigned.MatchString(text)
}
