package rule

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// contentRules are the rules on what a plaintext credential looks like inside.
func contentRules() []Rule {
	return []Rule{
		{ID: "unquoted-credential", Severity: diag.Error, Block: unquoted},
		{ID: "placeholder", Severity: diag.Error, Class: Content, Block: placeholders},
		{ID: "padded-credential", Severity: diag.Error, Class: Content, Block: padded},
		{ID: "malformed-token", Severity: diag.Error, Class: Content, Block: ifLooks(likeNoToken)},
		{ID: "session-token", Severity: diag.Error, Class: Content, Block: ifLooks(likeSession)},
		{ID: "project-token", Severity: diag.Error, Class: Content, Block: ifLooks(likeProject)},
		{ID: "sso-token", Severity: diag.Error, Class: Content, Block: ifLooks(likeSSO)},
		{ID: "expiring-token", Severity: diag.Warning, Class: Content, Block: ifLooks(likeExpiring)},
		{ID: "expired-token", Severity: diag.Error, Class: Content, Block: ifLooks(likeExpired)},
		{ID: "not-yet-valid-token", Severity: diag.Error, Class: Content, Block: ifLooks(likeEarly)},
	}
}

// looks is what a credential is, or is in place of one. The first that fits hides the
// others: a placeholder is no token either.
type looks uint8

const (
	likeNothing looks = iota // to be said
	likePlaceholder
	likePadded
	likeNoToken
	likeSession
	likeProject
	likeSSO
	likeExpiring
	likeExpired
	likeEarly
)

// content is the credential of a block that stands in the values.
type content struct {
	name  string // of the field that the type makes count, "" where it is not known
	field block.Field
	path  string
	text  string // "" where there is none to judge

	looks      looks
	what, hint string // where it is padded
	token      token.Token
	err        error // of parsing it
}

// contentOf looks at the credential that the type makes count: the other is reported as
// unused.
func (p *Pass) contentOf(b block.Block) content {
	c := content{}
	switch mode := b.Get(block.Type); {
	case b.Text(block.Type) == string(auth.ModeToken), b.MeansToken():
		c.name = block.Token
	case b.Text(block.Type) == string(auth.ModePassword), mode.IsUnset():
		c.name = block.Password
	default:
		return c // an invalid type, which has its own error
	}
	v := b.Get(c.name)
	if v == nil || v.Kind != values.String || v.IsUnset() || p.opts.Rendered && auth.NewSecret(v.Str()).IsMarker() || block.IsSealed(v.Str()) {
		return c
	}
	c.field, c.text = b.Fields[c.name], v.Str()
	c.path = b.Where(c.field.Written)
	if block.PlaceholderForm(c.text) != "" {
		c.looks = likePlaceholder
	} else if c.what, c.hint = padding(c); c.what != "" {
		c.looks = likePadded
	} else if c.name == block.Token {
		c.token, c.err = token.Parse(c.text)
		c.looks = tokenLooks(c, p.opts.Now)
	}
	return c
}

// tokenLooks judges a token. Without a clock, none has expired.
func tokenLooks(c content, now time.Time) looks {
	if c.err != nil {
		return likeNoToken
	}
	switch c.token.Kind {
	case token.Session:
		return likeSession
	case token.Project:
		return likeProject
	case token.SSO:
		return likeSSO
	case token.APIKey:
		switch {
		case !now.IsZero() && c.token.NotBefore.After(now):
			return likeEarly
		case c.token.Expires.IsZero():
		case !now.IsZero() && !c.token.Expires.After(now):
			return likeExpired
		default:
			return likeExpiring
		}
	}
	return likeNothing
}

// ifLooks returns what a rule does that reports a token of one look.
func ifLooks(l looks) func(*Pass, block.Block) {
	return func(p *Pass, _ block.Block) {
		if c := p.content; c.looks == l {
			message, hint := c.describe(p.opts.Now)
			p.report(c.field.Value.Body, c.path, message, hint)
		}
	}
}

// describe says what is wrong with a token, and what to do.
func (c content) describe(now time.Time) (message, hint string) {
	const create = "create an API key: argocd account generate-token --account NAME"
	const forever = "argocd account generate-token --account NAME, without --expires-in"
	switch ends := c.token.Expires; c.looks {
	case likeNoToken:
		return c.err.Error(), "create one for an account that has the capability apiKey: argocd account generate-token --account NAME"
	case likeSession:
		until := ""
		if ends.After(now) {
			until = ", which ends on " + date(ends)
		} else if !ends.IsZero() {
			until = ", which ended on " + date(ends)
		}
		return "the token is that of a login session" + until + ", not an API key", create
	case likeProject:
		return "the token belongs to a role of one project, not to an account", create
	case likeSSO:
		return "the token was not issued by Argo CD itself but by a single sign-on provider",
			"create an API key of a local account: argocd account generate-token --account NAME"
	case likeExpiring:
		return fmt.Sprintf("the token expires on %s, and the Runtime stops working with it", date(ends)), "create one that does not expire: " + forever
	case likeExpired:
		return fmt.Sprintf("the token expired on %s", date(ends)), "create a new one: " + forever
	case likeEarly:
		return fmt.Sprintf("the token is not valid before %s", date(c.token.NotBefore)), "create a new one, or check the clock of the machine that made it"
	}
	return "", ""
}

// date is how findings write a day. Argo CD compares in seconds, so the time stands there too.
func date(t time.Time) string {
	if t.Year() >= 9999 {
		return "a day after the year 9999 (its exp counts seconds, not milliseconds)"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// placeholders reports a placeholder in place of the credential, and one in a field that is
// no credential, the username too.
func placeholders(p *Pass, b block.Block) {
	for _, m := range p.misshapen(replaced) {
		p.placeholderAt(m.value, m.path, m.what)
	}
	c := p.content
	if name := b.Get(block.Username); c.name == block.Password && !block.IsSealed(name.Str()) && block.IsVariable(name.Str()) {
		p.placeholderAt(name, b.Where(b.Fields[block.Username].Written), "the username")
	}
	if c.looks == likePlaceholder {
		p.vouchPlaceholder(c.field.Value)
		p.report(c.field.Value.Body, c.path,
			fmt.Sprintf("the %s is %s, not a real %s", c.name, block.PlaceholderForm(c.text), c.name),
			fmt.Sprintf("store the real one in a Secret and reference it with %sSecretKeyRef", c.name))
	}
}

func (p *Pass) placeholderAt(v *values.Value, path, what string) {
	shown := mask.Hidden
	if p.vouchPlaceholder(v) {
		shown = fmt.Sprintf("%q", v.Str())
	}
	p.report(v.Body, path,
		fmt.Sprintf("%s is %s: %s", what, block.PlaceholderForm(v.Str()), shown),
		"replace it before Helm reads the values: Helm does not")
}

// vouchPlaceholder says that a placeholder may be shown, unless there is more in it than
// plain words and the marks around them: a default, or a command.
func (p *Pass) vouchPlaceholder(v *values.Value) bool {
	if inner := strings.Trim(v.Str(), " ${}()"); block.IsVariable(v.Str()) && strings.ContainsAny(inner, " :=|'\"`") {
		return false
	}
	isMark := func(c rune) bool {
		return c != '.' && unicode.IsOneOf([]*unicode.RangeTable{unicode.P, unicode.S, unicode.Z}, c)
	}
	for word := range strings.FieldsFuncSeq(v.Str(), isMark) {
		if !mask.Plain(strings.Trim(word, ".")) {
			return false
		}
	}
	p.masks.Vouch(v, v.Body)
	return true
}

// padded reports a credential with something around it, and white space around the name of
// the account, with which Argo CD would look for it too.
func padded(p *Pass, b block.Block) {
	c := p.content
	if c.looks == likePadded {
		p.report(c.field.Value.Body, c.path, fmt.Sprintf("the %s %s", c.name, c.what), c.hint)
	}
	name := b.Get(block.Username)
	s := name.Str()
	if c.name == block.Password && !block.IsSealed(s) && !block.IsVariable(s) && strings.TrimSpace(s) != s {
		p.report(name.Body, b.Where(b.Fields[block.Username].Written), "the username has white space around it", "remove it")
	}
}

// padding says what is around or in the credential that does not belong to it, ""
// if there is nothing, and how to get rid of it.
func padding(c content) (what, hint string) {
	trimmed := strings.TrimSpace(c.text)
	isToken := c.name == block.Token
	switch {
	case strings.TrimRight(c.text, "\r\n") != c.text:
		return "ends with a line break", "write it on one line in quotes; a block scalar (|) ends with a line break unless it is written |-, and so does a file given with --set-file"
	case trimmed == "":
		return "is blank", "give it, or remove the field"
	case trimmed != c.text:
		return "has white space around it", "remove it"
	case isToken && len(c.text) >= len("bearer ") && strings.EqualFold(c.text[:len("bearer ")], "bearer "):
		return "begins with the word Bearer", "give the token alone"
	case isToken && strings.ContainsFunc(c.text, unicode.IsSpace):
		return "has white space in it", "a token is one unbroken line; it was probably wrapped when it was copied"
	case isToken && wrapped(c.text) != "":
		return "has " + wrapped(c.text) + " around it", "remove them, the token itself is whole"
	case isToken && token.IsEncodedAgain(c.text):
		return "is encoded in base64 once too often", "the values take it as it is: decode it once (base64 -d)"
	}
	return "", ""
}

// wrapped says what stands around a text that is a token without it: what quotes, a
// terminal or a web page leave behind when somebody copies one.
func wrapped(s string) string {
	const quotes, invisible = "\"'`“”‘’„,;%", "\ufeff\u200b\u200c\u200d\u2060"
	inner := strings.Trim(s, quotes+invisible)
	if _, err := token.Parse(inner); inner == s || err != nil {
		return ""
	}
	if strings.ContainsAny(s, invisible) {
		return "invisible characters"
	}
	return "quotes or other signs"
}

// unquoted reports a token or password of which YAML drops the beginning or all.
func unquoted(p *Pass, b block.Block) {
	for _, name := range []string{block.Token, block.Password} {
		f, given := b.Fields[name]
		if !given || f.Value.Shared || f.Value.Key.IsZero() || f.Value.Key.Source != b.Value.Body.Source {
			continue
		}
		at := restOfLine(f.Value.Key)
		severity, what := diag.Error, ""
		switch text := at.Text(); {
		case len(text) < 2:
		case text[0] == '!' && text[1] != '!':
			what = "a tag"
		case text[0] == '&' && f.Value.IsUnset():
			what = "an anchor"
		case text[0] == '#' && text[1] != ' ' && f.Value.IsUnset():
			severity, what = diag.Warning, "a comment" // which it may well be
		}
		if what != "" {
			p.reportAs(severity, at, b.Where(f.Written),
				fmt.Sprintf("the %s begins with %q, which YAML takes for %s: what follows is lost", name, at.Text()[:1], what),
				"put it in quotes")
		}
	}
}

// restOfLine returns what stands behind a key and its colon on the same line.
func restOfLine(key values.Span) values.Span {
	text := key.Source.Text
	line := text.Bytes()[key.End:text.LineEnd(key.End)]
	start := key.End + len(line) - len(bytes.TrimLeft(line, " :"))
	end := key.End + len(bytes.TrimRight(line, " \r\n"))
	return values.Span{Source: key.Source, Start: start, End: max(start, end)}
}
