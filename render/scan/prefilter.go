package scan

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// MayConcern reports whether a document may hold what a run looks for, so that it is worth
// parsing: a service, or another reader of the token Secret; a Secret that the chart makes
// from a plaintext credential; the ConfigMap in which it keeps its values; and, if label is
// set, a version of the chart that tells its generation. Parsing is what takes the time,
// and most documents of a release concern nothing here.
//
// It is decided by bytes that an object in question must contain: its kind, as a
// scalar of its own, and a part of its name, labels or variables. They may stand
// anywhere, so that quoted keys, JSON, flow style, anchors, and objects inside of
// lists are all seen. words are those of Words.
func MayConcern(doc stream.Document, words []string, label bool) bool {
	return HasScalar(doc, auth.Deployment, auth.StatefulSet, daemonSet, rollout) &&
		Has(doc, words...) ||
		HasScalar(doc, "Secret") && Has(doc, auth.TokenSecretName, auth.PasswordSecretName) ||
		HasScalar(doc, "ConfigMap") && Has(doc, ValuesConfig, OldValuesConfig) ||
		label && Has(doc, "/chart") && hasKnownVersion(doc)
}

// Words returns words of which every workload in question has one: the variables that may
// hold a credential, and, of a service, its name, which is in that of its object and in a
// label (TestGenerations holds that). One that another is part of stands for both.
func Words() []string {
	words := []string{wiring.Token, wiring.Password}
	for _, s := range Services() {
		words = append(words, s.Name)
	}
	return slices.DeleteFunc(slices.Clone(words), func(long string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return w != long && strings.Contains(long, w) })
	})
}

// MayConcernEscaped looks at what YAML makes of the escapes in a document, as far as these
// are in a scalar at all.
func MayConcernEscaped(doc stream.Document, words []string, label bool) bool {
	plain := unescaped(doc)
	if plain == nil {
		return false
	}
	for r := stream.Of(plain); ; {
		d, err := r.Next()
		if err != nil || MayConcern(d, words, label) {
			return err == nil
		}
	}
}

// unescaped returns a document with the letters that it writes as escapes (kind:
// "\x44eployment") and without the line breaks that it escapes; nil if there are none.
func unescaped(doc stream.Document) []byte {
	if !Has(doc, `\x`, `\u`, `\U`, "\\\n", "\\\r") { // many documents have other backslashes, in patterns
		return nil
	}
	escape := regexp.MustCompile(`\\(?:x([0-9A-Fa-f]{2})|u00([0-9A-Fa-f]{2})|U000000([0-9A-Fa-f]{2})|\r?\n[ \t]*)`)
	text, changed := doc.Bytes(), false
	plain := escape.ReplaceAllFunc(text, func(e []byte) []byte {
		switch e[1] {
		case '\r', '\n':
			changed = true
			return nil
		}
		c, err := strconv.ParseUint(string(e[len(e)-2:]), 16, 8)
		if err != nil || c < ' ' || c > '~' || c == '"' || c == '\\' {
			return e
		}
		changed = true
		return []byte{byte(c)}
	})
	if !changed {
		return nil
	}
	return plain
}

// Has reports whether a document contains one of words.
func Has(doc stream.Document, words ...string) bool {
	return hasMatch(doc, words, func([]byte, int, int) bool { return true })
}

// HasScalar reports whether one of words may be a whole scalar of a document: the
// descriptions of custom resources have the kinds in every other sentence.
func HasScalar(doc stream.Document, words ...string) bool {
	return hasMatch(doc, words, mayBeScalar)
}

// longestWord and around are how much of a document is looked at as a whole: a
// word, and what stands on its either side.
const longestWord, around = 300, 100

// hasMatch reports whether one of words stands somewhere where match agrees.
func hasMatch(doc stream.Document, words []string, match func(text []byte, start, end int) bool) bool {
	longest := longestWord
	for _, w := range words {
		longest = max(longest, len(w))
	}
	for view := range doc.Views(longest + 2*around) {
		for _, w := range words {
			for end := 0; w != ""; {
				i := bytes.Index(view[end:], []byte(w))
				if i < 0 {
					break
				}
				start := end + i
				if end = start + len(w); match(view, start, end) {
					return true
				}
			}
		}
	}
	return false
}

// mayBeScalar reports whether the word between two offsets may be all of a scalar.
// It is not if it goes on on either side, or is one word of several. Where it
// cannot be told it may be.
func mayBeScalar(text []byte, start, end int) bool {
	if start > 0 && isWord(text[start-1]) || end < len(text) && isWord(text[end]) {
		return false
	}
	if rest := bytes.TrimLeft(text[end:], " \t"); len(rest) > 0 && len(rest) < len(text)-end && isWord(rest[0]) {
		return false
	}
	before := bytes.TrimRight(text[:start], " \t")
	if len(before) == 0 || len(before) == start {
		return true
	}
	word := before[max(len(before)-around, 0):]
	if i := bytes.LastIndexAny(word, " \t\r\n"); i >= 0 {
		word = word[i+1:]
	} else {
		return true // too long a word
	}
	// Only a tag, an anchor and what belongs to no scalar can stand in front of one.
	return len(word) == 0 || bytes.ContainsAny(word, "!&") || !isWord(word[len(word)-1]) && !isEndOfWord(word[len(word)-1])
}

// isWord reports whether a character can only be part of a plain scalar, or of the
// text of a quoted one.
func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '/'
}

// isEndOfWord reports whether a character can end a word of a text, but cannot
// stand before a scalar.
func isEndOfWord(c byte) bool { return c == '.' || c == ';' || c == ')' || c == '`' }

// hasKnownVersion reports whether a document may hold a chart label with a version
// whose generation is known.
func hasKnownVersion(doc stream.Document) bool {
	return hasMatch(doc, []string{auth.ChartName + "-"}, func(text []byte, start, _ int) bool {
		label := text[start:min(start+longestWord, len(text))]
		if end := bytes.IndexAny(label, " \t\r\n\"',}"); end >= 0 {
			label = label[:end]
		}
		_, version := auth.ParseChartLabel(string(label))
		return version != nil
	})
}
