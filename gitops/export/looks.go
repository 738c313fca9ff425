package export

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
)

// judge says of texts whether there is a credential in them. It holds what is compiled.
type judge struct {
	looks    []*regexp.Regexp // of credentials, wherever they stand
	harmless *regexp.Regexp   // what a tool replaces later inside of a text, and what only looks like a user
	variable *regexp.Regexp   // with what is inside of its marks
	assigned *regexp.Regexp   // a name, and what says that a value follows
	value    *regexp.Regexp   // the word at the beginning of a text, with or without quotes
	version  *regexp.Regexp
	// Keys in small letters, without the signs between their words:
	words *regexp.Regexp // that they are of a credential
	ends  *regexp.Regexp // so that even a number below it is a credential
	about *regexp.Regexp // so that the value is not one, but where it is or how long it lives
	ofOne *regexp.Regexp // so that the value is the name of a Secret
	says  *regexp.Regexp // the beginning of a key as it is written: what to do about a credential
}

func newJudge() judge {
	return judge{
		looks: append(users(),
			// JSON Web Tokens, and the configuration of Docker, in base64 once or twice.
			regexp.MustCompile(`(?:^|[^\w+/-])(?:eyJ|ZXlK)[\w+/-]{8,}`),
			// Headers of HTTP.
			regexp.MustCompile(`(?i)\b(?:bearer|basic) +[\w.~+/-]*[0-9=][\w.~+/=-]*`),
			// Keys of services that mark theirs.
			regexp.MustCompile(`\b(?:gh[pousr]_|github_pat_|glpat-|xox[abp]-|AKIA)[\w-]{12,}`),
			regexp.MustCompile(`PRIVATE KEY-----`),
			// NAME:PASSWORD@HOST without a scheme in front.
			regexp.MustCompile(`(?:^|[\s"'=])[\w.-]+:[^\s:/@"']{3,}@[\w(]`)),
		harmless: regexp.MustCompile(`<[^<>]*>|\$\{[^{}]*\}|\$\([^()]*\)|\{\{[^{}]*\}\}|ENC\[[^\[\]]*\]|\bmailto:|@sha\d+:`),
		variable: regexp.MustCompile(`^(?:\{\{[^{}"'\x60]*\}\}|<([^<>]*)>|\$\{(\S*)\}|\$\((\S*)\)|\$([^\s.:]+)[.:](\S+))$`),
		assigned: regexp.MustCompile(`([\pL\d_.-]+)[ \t"']*[=:]`),
		value:    regexp.MustCompile(`^\s*(?:"([^"]*)|'([^']*)|([^\s&]*))`),
		version:  regexp.MustCompile(`^v?\d+(\.\d+)+([-+][\w.]+)?$`),
		words: regexp.MustCompile(`token|password|passwd|passphrase|passcode|pwd|secret|credential|authorization` +
			`|(api|private|access|encryption|signing|ssh|license)key|^pw$|([^y]|[^b]y|^)pass$`),
		ends: regexp.MustCompile(`(token|password|passwd|passphrase|passcode|pwd|secret|pass|pw|key)$`),
		about: regexp.MustCompile(`(refs?|ur[li]|path|file|dir|enabled|type|ttl|seconds|expiration|expiry|duration|length` +
			`|policy|namespace|class|store|version|selector|labels|annotations|issuer|endpoint|host|format|provider)$|pullsecret`),
		ofOne: regexp.MustCompile(`(token|password|credentials|key|tls)secret$`),
		says:  regexp.MustCompile(`^(existing|create|enable|disable|use|automount)\P{Ll}`), // not userToken for use
	}
}

// users are addresses that say who signs in (RFC 3986, 3.2.1): with a password, or in http
// by a name alone, which may be a token. In others, git@ is a part of addresses.
func users() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`://[^/?#\s"':]*:[^/?#\s"']+@`),
		regexp.MustCompile(`(?i)(?:^|\PL)(?:https?|oci)://[^/?#\s"':]+@`),
	}
}

// HoldsUser reports whether the address of a repository, a chart or an image says who
// signs in, with a password or a token.
func HoldsUser(address string) bool {
	if strings.Contains(address, "://") {
		return slices.ContainsFunc(users(), func(re *regexp.Regexp) bool { return re.MatchString(address) })
	}
	user, _, found := strings.Cut(address, "@")
	return found && strings.Contains(user, ":") && !strings.Contains(address, "@sha")
}

// isSecret reports whether a text holds a credential by its looks alone.
func (j judge) isSecret(text string) bool {
	text = j.harmless.ReplaceAllString(text, "")
	return slices.ContainsFunc(j.looks, func(re *regexp.Regexp) bool { return re.MatchString(text) })
}

// isReplaced reports whether a value is one that a tool replaces later, or a variable:
// ${X}, {{ x }}, the <key> of argocd-vault-plugin, Argo CD's own $SECRET:KEY and
// $oidc.clientSecret. One that has a default, or any text in quotes, holds a value itself.
func (j judge) isReplaced(text string) bool {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	inside := j.variable.FindStringSubmatch(text)
	isOdd := func(word string) bool { return !mask.Name(word) }
	switch {
	case strings.Contains(text, "\n"):
		return false
	case block.IsSealed(text), text == auth.Redacted:
		return true
	}
	return inside != nil && !slices.ContainsFunc(strings.Fields(strings.Join(inside[1:], " ")), isOdd)
}

// speaks reports whether a key, or the name of a variable, says that its value is a
// credential. One that ends in "name" says only where there is one.
func (j judge) speaks(key string) bool {
	folded := block.Fold(key)
	return j.words.MatchString(folded) && !strings.HasSuffix(folded, "name")
}

// isCredentialKey reports whether a key says that this value below it is a credential,
// and not the name of one, where it is or how long it lives.
func (j judge) isCredentialKey(key, value string) bool {
	folded := block.Fold(key)
	switch {
	case !j.speaks(key), key == "ARGO_CD_TOKEN_SECRET_KEY", j.says.MatchString(key), j.about.MatchString(folded):
		return false
	case j.ofOne.MatchString(folded):
		return !mask.Name(value)
	case strings.HasSuffix(folded, "key"):
		return !mask.Name(value) || !j.speaks(value) // secretKey: token is a key in a Secret
	}
	return true
}

// assigns reports whether a name in a text that is one of a credential is given a value,
// as in the query of an address, in an option, or in a line of configuration.
func (j judge) assigns(text string) bool {
	text = j.harmless.ReplaceAllString(text, "")
	for _, m := range j.assigned.FindAllStringSubmatchIndex(text, -1) {
		name, value := text[m[2]:m[3]], text[m[1]:]
		word := j.word(value)
		if word == "" || j.isFiller(word) || !j.isCredentialKey(name, word) {
			continue
		}
		// Behind a colon there may be prose: the token: see the documentation.
		isSpaced := strings.TrimLeft(value, " \t") != value
		if text[m[1]-1] == '=' || isSpaced && strings.Trim(strings.TrimSpace(value), `"'`) == word {
			return true
		}
	}
	return false
}

// word returns the word at the beginning of a text, without its quotes.
func (j judge) word(text string) string {
	m := j.value.FindStringSubmatch(text)
	return m[1] + m[2] + strings.TrimRight(m[3], `,;."')}]`)
}

// isFiller reports whether a word stands for a credential or says what it is: an ellipsis,
// NAME, $NAME, string.
func (j judge) isFiller(word string) bool {
	types := []string{"string", "bool", "int", "object", "list", "true", "false", "null", "nil", "none", "{", "["}
	return strings.HasPrefix(word, "$") || strings.Trim(word, ".…*xX-_") == "" || j.isReplaced(word) ||
		strings.ToUpper(word) == word && !strings.ContainsAny(word, "0123456789") || slices.Contains(types, word)
}

// tells reports whether a comment speaks of a credential and has a word in it that could
// be one: # the old token was …
func (j judge) tells(comment string) bool {
	words := strings.Fields(j.harmless.ReplaceAllString(comment, ""))
	if !slices.ContainsFunc(words, j.speaks) {
		return false
	}
	isOne := func(word string) bool {
		const shortest = 8
		word = strings.Trim(word, "\"'`.,;()[]{}<>")
		return len(word) >= shortest && strings.ContainsFunc(word, unicode.IsDigit) &&
			strings.ContainsFunc(word, unicode.IsLetter) && !j.version.MatchString(word) && !mask.Name(word)
	}
	isBreak := func(c rune) bool { return strings.ContainsRune("/:=", c) }
	return slices.ContainsFunc(words, func(word string) bool {
		return !strings.Contains(word, "://") && slices.ContainsFunc(strings.FieldsFunc(word, isBreak), isOne)
	})
}
