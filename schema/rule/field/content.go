package field

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// contentRules are the rules on what a plaintext credential looks like inside.
func contentRules() []rule.Rule {
	return []rule.Rule{
		{ID: "unquoted-credential", Severity: diag.Error, Block: unquoted},
		{ID: "placeholder", Severity: diag.Error, Class: rule.Content, Block: placeholders},
		{ID: "padded-credential", Severity: diag.Error, Class: rule.Content, Block: padded},
		{ID: "malformed-token", Severity: diag.Error, Class: rule.Content, Block: ifLooks(block.LikeNoToken)},
		{ID: "session-token", Severity: diag.Error, Class: rule.Content, Block: ifLooks(block.LikeSession)},
		{ID: "project-token", Severity: diag.Error, Class: rule.Content, Block: ifLooks(block.LikeProject)},
		{ID: "sso-token", Severity: diag.Error, Class: rule.Content, Block: ifLooks(block.LikeSSO)},
		{ID: "expiring-token", Severity: diag.Warning, Class: rule.Content, Block: ifLooks(block.LikeExpiring)},
		{ID: "expired-token", Severity: diag.Error, Class: rule.Content, Block: ifLooks(block.LikeExpired)},
		{ID: "not-yet-valid-token", Severity: diag.Error, Class: rule.Content, Block: ifLooks(block.LikeEarly)},
	}
}

// ifLooks returns what a rule does that reports a token of one look.
func ifLooks(l block.Looks) func(*rule.Pass, block.Block) {
	return func(p *rule.Pass, _ block.Block) {
		if c := p.Content; c.Looks == l {
			message, hint := describe(c, p.Options.Now)
			p.Report(c.Field.Value.Body, c.Path, message, hint)
		}
	}
}

// describe says what is wrong with a token, and what to do.
func describe(c block.Content, now time.Time) (message, hint string) {
	const create = "create an API key: argocd account generate-token --account NAME"
	const forever = "argocd account generate-token --account NAME, without --expires-in"
	switch ends := c.Token.Expires; c.Looks {
	case block.LikeNoToken:
		return c.Err.Error(), "create one for an account that has the capability apiKey: argocd account generate-token --account NAME"
	case block.LikeSession:
		until := ""
		if ends.After(now) {
			until = ", which ends on " + date(ends)
		} else if !ends.IsZero() {
			until = ", which ended on " + date(ends)
		}
		return "the token is that of a login session" + until + ", not an API key", create
	case block.LikeProject:
		return "the token belongs to a role of one project, not to an account", create
	case block.LikeSSO:
		return "the token was not issued by Argo CD itself but by a single sign-on provider",
			"create an API key of a local account: argocd account generate-token --account NAME"
	case block.LikeExpiring:
		return fmt.Sprintf("the token expires on %s, and the Runtime stops working with it", date(ends)), "create one that does not expire: " + forever
	case block.LikeExpired:
		return fmt.Sprintf("the token expired on %s", date(ends)), "create a new one: " + forever
	case block.LikeEarly:
		return fmt.Sprintf("the token is not valid before %s", date(c.Token.NotBefore)), "create a new one, or check the clock of the machine that made it"
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
func placeholders(p *rule.Pass, b block.Block) {
	for _, m := range misshapen(p, block.Replaced) {
		placeholderAt(p, m.Value, m.Path, m.What)
	}
	c := p.Content
	if name := b.Get(block.Username); c.Name == block.Password && !block.IsSealed(name.Str()) && block.IsVariable(name.Str()) {
		placeholderAt(p, name, b.Where(b.Fields[block.Username].Written), "the username")
	}
	if c.Looks == block.LikePlaceholder {
		vouchPlaceholder(p, c.Field.Value)
		p.Report(c.Field.Value.Body, c.Path,
			fmt.Sprintf("the %s is %s, not a real %s", c.Name, block.PlaceholderForm(c.Text), c.Name),
			fmt.Sprintf("store the real one in a Secret and reference it with %sSecretKeyRef", c.Name))
	}
}

func placeholderAt(p *rule.Pass, v *values.Value, path, what string) {
	shown := mask.Hidden
	if vouchPlaceholder(p, v) {
		shown = fmt.Sprintf("%q", v.Str())
	}
	p.Report(v.Body, path,
		fmt.Sprintf("%s is %s: %s", what, block.PlaceholderForm(v.Str()), shown),
		"replace it before Helm reads the values: Helm does not")
}

// vouchPlaceholder says that a placeholder may be shown, unless there is more in it than
// plain words and the marks around them: a default, or a command.
func vouchPlaceholder(p *rule.Pass, v *values.Value) bool {
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
	p.Masks.Vouch(v, v.Body)
	return true
}

// padded reports a credential with something around it, and white space around the name of
// the account, with which Argo CD would look for it too.
func padded(p *rule.Pass, b block.Block) {
	c := p.Content
	if c.Looks == block.LikePadded {
		p.Report(c.Field.Value.Body, c.Path, fmt.Sprintf("the %s %s", c.Name, c.What), c.Hint)
	}
	name := b.Get(block.Username)
	s := name.Str()
	if c.Name == block.Password && !block.IsSealed(s) && !block.IsVariable(s) && strings.TrimSpace(s) != s {
		p.Report(name.Body, b.Where(b.Fields[block.Username].Written), "the username has white space around it", "remove it")
	}
}

// unquoted reports a token or password of which YAML drops the beginning or all.
func unquoted(p *rule.Pass, b block.Block) {
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
			p.ReportAs(severity, at, b.Where(f.Written),
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
