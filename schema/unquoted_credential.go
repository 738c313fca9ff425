package schema

import (
	"bytes"
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleUnquotedCredential = "unquoted-credential"

func unquotedCredentialRule() Rule {
	return Rule{
		ID: ruleUnquotedCredential, Severity: diag.Error,
		Summary: "The credential begins with a sign that YAML reads as something else, so that it is lost.",
		Help:    "Without quotes, ! begins a tag, & an anchor and # a comment. The chart then sees no credential, or half of one. Put it in quotes.",
	}
}

// unquoted reports a token or password of which YAML drops the beginning or all.
func (r *run) unquoted(b block) {
	for _, name := range []string{fieldToken, fieldPassword} {
		f, given := b.fields[name]
		if !given || f.value.Shared || f.value.Key.IsZero() || f.value.Key.Source != b.value.Body.Source {
			continue
		}
		at := restOfLine(f.value.Key)
		severity, what := diag.Error, ""
		switch text := at.Text(); {
		case len(text) < 2:
		case text[0] == '!' && text[1] != '!':
			what = "a tag"
		case text[0] == '&' && f.value.IsUnset():
			what = "an anchor"
		case text[0] == '#' && text[1] != ' ' && f.value.IsUnset():
			severity, what = diag.Warning, "a comment" // which it may well be
		}
		if what != "" {
			r.add(severity, ruleUnquotedCredential, at, b.where(f.written),
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
