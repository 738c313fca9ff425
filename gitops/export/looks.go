package export

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
)

// isReplaced reports whether a value is one that a tool replaces later, or a variable:
// argocd-vault-plugin's <path:…> and <key>, what vals, bank-vaults and SOPS write, ${X} and
// {{ x }}. One that has a default, or any text in quotes, holds a value itself.
func isReplaced(text string) bool {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	inside := func(open, shut string) (string, bool) {
		inner, opens := strings.CutPrefix(text, open)
		inner, shuts := strings.CutSuffix(inner, shut)
		return strings.TrimSpace(inner), opens && shuts
	}
	isPlain := func(words string) bool {
		return !slices.ContainsFunc(strings.Fields(words), func(w string) bool { return !redact.IsPlainName(w) })
	}
	if inner, ok := inside("<", ">"); ok {
		return strings.HasPrefix(inner, "path:") || isPlain(inner)
	}
	if inner, ok := inside("{{", "}}"); ok {
		return !strings.ContainsAny(inner, "\"'`")
	}
	for _, marks := range [][2]string{{"${", "}"}, {"$(", ")"}} {
		if inner, ok := inside(marks[0], marks[1]); ok {
			return redact.IsPlainName(inner)
		}
	}
	switch {
	case strings.HasPrefix(text, "ENC[") && strings.HasSuffix(text, "]"), text == redact.Marker:
		return true
	case strings.HasPrefix(text, "vault:"):
		return strings.ContainsAny(text, "/#")
	case strings.HasPrefix(text, "$"): // Argo CD's own: $SECRET:KEY, $oidc.clientSecret
		return redact.IsPlainName(strings.NewReplacer(":", ".").Replace(text[1:])) && strings.ContainsAny(text, ".:")
	}
	backend, _, found := strings.Cut(strings.TrimPrefix(text, "secrets://"), "://")
	return found && strings.HasPrefix(backend, "ref+")
}

// isSwitch reports whether Helm reads a plain word as a boolean.
func isSwitch(text string) bool {
	return slices.Contains([]string{"yes", "no", "on", "off"}, strings.ToLower(text))
}

// endsInCredential reports whether the last word of a key is one for a credential, so
// that even a number below it is one.
func endsInCredential(key string) bool {
	folded := redact.Fold(key)
	return slices.ContainsFunc([]string{"token", "password", "passwd", "passphrase", "passcode", "pwd", "secret", "pass", "pw", "key"},
		func(end string) bool { return strings.HasSuffix(folded, end) })
}

// isCredentialKey reports whether a key says that this value below it is a credential,
// and not the name of one, where it is or how long it lives.
func isCredentialKey(key, value string) bool {
	if !redact.Speaks(key) || key == "ARGO_CD_TOKEN_SECRET_NAME" || key == "ARGO_CD_TOKEN_SECRET_KEY" {
		return false
	}
	folded := redact.Fold(key)
	begins := func(word string) bool { // and another word follows: not userToken for use
		rest, found := strings.CutPrefix(key, word)
		return found && rest != "" && !unicode.IsLower(rune(rest[0]))
	}
	ends := func(word string) bool { return strings.HasSuffix(folded, word) }
	switch {
	case slices.ContainsFunc([]string{"existing", "create", "enable", "disable", "use", "automount"}, begins),
		slices.ContainsFunc([]string{"ref", "refs", "url", "uri", "path", "file", "dir", "enabled", "type", "ttl", "seconds", "expiration", "expiry", "duration",
			"length", "policy", "namespace", "class", "store", "version", "selector", "labels", "annotations", "issuer", "endpoint", "host", "format", "provider"}, ends),
		strings.Contains(folded, "pullsecret"):
		return false
	case slices.ContainsFunc([]string{"tokensecret", "passwordsecret", "credentialssecret", "keysecret", "tlssecret"}, ends):
		return !redact.IsPlainName(value) // the name of a Secret
	case ends("key"):
		return !redact.IsPlainName(value) || !redact.Speaks(value) // secretKey: token is a key in a Secret
	}
	return true
}

// judge says of texts whether there is a credential in them. It holds what is compiled.
type judge struct {
	looks    []*regexp.Regexp
	user     *regexp.Regexp // NAME:PASSWORD@ without a scheme in front, by name and host
	replaced *regexp.Regexp // what a tool replaces later inside of a longer text
	version  *regexp.Regexp
}

func newJudge() judge {
	return judge{
		looks: []*regexp.Regexp{
			// JSON Web Tokens, and the configuration of Docker, in base64 once or twice.
			regexp.MustCompile(`(?:^|[^\w+/-])(?:eyJ|ZXlK)[\w+/-]{8,}`),
			// Headers of HTTP.
			regexp.MustCompile(`(?i)\b(?:bearer|basic) +[\w.~+/-]*[0-9=][\w.~+/=-]*`),
			// Keys of services that mark theirs.
			regexp.MustCompile(`\b(?:gh[pousr]_|github_pat_|glpat-|xox[abp]-|AKIA)[\w-]{12,}`),
			regexp.MustCompile(`PRIVATE KEY-----`),
		},
		user:     regexp.MustCompile(`(?:^|[\s"'=])([\w.-]+):[^\s:/@"']{3,}@([\w(]+)`),
		replaced: regexp.MustCompile(`<[^<>]*>|\$\{[^{}]*\}|\$\([^()]*\)|\{\{[^{}]*\}\}|ENC\[[^\[\]]*\]`),
		version:  regexp.MustCompile(`^v?\d+(\.\d+)+([-+][\w.]+)?$`),
	}
}

// isSecret reports whether a text holds a credential by its looks alone.
func (j judge) isSecret(text string) bool {
	text = j.replaced.ReplaceAllString(text, "")
	for _, m := range j.user.FindAllStringSubmatch(text, -1) {
		if m[1] != "mailto" && !strings.HasPrefix(m[2], "sha") { // of an image
			return true
		}
	}
	return holdsUser(text) || slices.ContainsFunc(j.looks, func(re *regexp.Regexp) bool { return re.MatchString(text) })
}

// HoldsUser reports whether the address of a repository, a chart or an image says who
// signs in, with a password or a token.
func HoldsUser(address string) bool {
	if strings.Contains(address, "://") {
		return holdsUser(address)
	}
	user, _, found := strings.Cut(address, "@")
	return found && strings.Contains(user, ":") && !strings.Contains(address, "@sha")
}

// holdsUser reports whether an address in a text says who signs in (RFC 3986, 3.2.1). A
// user alone is none but in http, where it may be a token: git@ is a part of addresses.
func holdsUser(text string) bool {
	for {
		before, rest, found := strings.Cut(text, "://")
		if !found {
			return false
		}
		end := strings.IndexAny(rest, "/?# \t\n\"'")
		if end < 0 {
			end = len(rest)
		}
		user, password, hasPassword := "", "", false
		if i := strings.LastIndexByte(rest[:end], '@'); i >= 0 {
			user, password, hasPassword = strings.Cut(rest[:i], ":")
		}
		scheme := strings.ToLower(before[strings.LastIndexFunc(before, func(c rune) bool { return !unicode.IsLetter(c) })+1:])
		if hasPassword && password != "" || user != "" && !hasPassword && slices.Contains([]string{"http", "https", "oci"}, scheme) {
			return true
		}
		text = rest
	}
}

// assigns reports whether a name in a text that is one of a credential is given a value,
// as in the query of an address, in an option, or in a line of configuration.
func (j judge) assigns(text string) bool {
	text = j.replaced.ReplaceAllString(text, "")
	for at := 0; ; {
		i := strings.IndexAny(text[at:], "=:")
		if i < 0 {
			return false
		}
		name := strings.TrimRight(text[:at+i], " \t\"'")
		name = name[strings.LastIndexFunc(name, func(c rune) bool {
			return c != '-' && c != '_' && c != '.' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
		})+1:]
		value := text[at+i+1:]
		isSpaced := strings.TrimLeft(value, " \t") != value
		if at += i + 1; text[at-1] == ':' && !isSpaced || !isCredentialKey(name, valueOf(value)) {
			continue
		}
		// Behind a colon there may be prose: the token: see the documentation.
		if word := valueOf(value); word != "" && !isFiller(word) && (text[at-1] == '=' || strings.Trim(strings.TrimSpace(value), `"'`) == word) {
			return true
		}
	}
}

// valueOf returns the word at the beginning of a text, without its quotes.
func valueOf(text string) string {
	text = strings.TrimSpace(text)
	for _, quote := range []string{`"`, "'"} {
		if inner, ok := strings.CutPrefix(text, quote); ok {
			inner, _, _ = strings.Cut(inner, quote)
			return inner
		}
	}
	word, _, _ := strings.Cut(text, "&")
	if i := strings.IndexFunc(word, unicode.IsSpace); i >= 0 {
		word = word[:i]
	}
	return strings.TrimRight(word, `,;."')}]`)
}

// isFiller reports whether a word stands for a credential or says what it is: an ellipsis,
// NAME, $NAME, string.
func isFiller(word string) bool {
	return strings.HasPrefix(word, "$") || strings.Trim(word, ".…*xX-_") == "" || isReplaced(word) ||
		strings.ToUpper(word) == word && !strings.ContainsAny(word, "0123456789") ||
		slices.Contains([]string{"string", "bool", "int", "object", "list", "true", "false", "null", "nil", "none", "{", "["}, word)
}

// tells reports whether a comment speaks of a credential and has a word in it that could
// be one: # the old token was …
func (j judge) tells(comment string) bool {
	words := strings.Fields(j.replaced.ReplaceAllString(comment, ""))
	if !slices.ContainsFunc(words, redact.Speaks) {
		return false
	}
	isOne := func(word string) bool {
		const shortest = 8
		word = strings.Trim(word, "\"'`.,;()[]{}<>")
		return len(word) >= shortest && strings.ContainsFunc(word, unicode.IsDigit) && strings.ContainsFunc(word, unicode.IsLetter) &&
			!j.version.MatchString(word) && !redact.IsPlainName(word)
	}
	isBreak := func(c rune) bool { return strings.ContainsRune("/:=", c) }
	return slices.ContainsFunc(words, func(word string) bool {
		return !strings.Contains(word, "://") && slices.ContainsFunc(strings.FieldsFunc(word, isBreak), isOne)
	})
}
