package argocd

import (
	"slices"
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/spot"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// word is one capability as written in an account's list.
type word struct {
	text string
	// means are the capabilities that it is, or is a slip for; none if it is like
	// neither, and then nothing may mask.Quote it: it could be a password.
	means []string
	entry entry
	span  values.Span
	// exact is set where span is the word and nothing else.
	exact bool
}

// isRight reports whether Argo CD knows the word.
func (w word) isRight() bool { return isCapability(w.text) }

// words takes the list apart as Argo CD does: at commas, without space around them.
func (e entry) words() []word {
	switch e.value.Kind {
	case values.String:
	case values.Null:
		return nil
	default:
		return []word{{means: e.listed(), entry: e, span: valueSpan(e.value), exact: true}}
	}
	var found []word
	text := e.value.Str()
	start, isLiteral := literal(e.value)
	isLiteral = isLiteral && !e.value.Shared
	at := 0
	for part := range strings.SplitSeq(text, ",") {
		trimmed := strings.TrimSpace(part)
		offset := at + strings.Index(part, trimmed)
		at += len(part) + len(",")
		if trimmed == "" {
			continue
		}
		w := word{text: trimmed, means: meant(trimmed), entry: e, span: valueSpan(e.value)}
		if w.exact = isLiteral; !isLiteral && !e.value.Shared {
			offset, w.exact = only(e.value.Body.Text(), trimmed)
			start = e.value.Body.Start
		}
		if w.exact {
			w.span.Start, w.span.End = start+offset, start+offset+len(trimmed)
		}
		found = append(found, w)
	}
	return found
}

// listed returns the capabilities in a YAML list, none if there is anything else in it.
func (e entry) listed() []string {
	var all []string
	for _, item := range e.value.Items {
		means := meant(item.Str())
		if means == nil {
			return nil
		}
		all = appendNew(all, means)
	}
	return all
}

// literal returns where the text of a scalar begins in its source, if it stands
// there character by character: on one line, without escapes.
func literal(v *values.Value) (start int, ok bool) {
	written, text := v.Body.Text(), v.Str()
	if written == text {
		return v.Body.Start, true
	}
	n := len(written)
	if n >= 2 && written[0] == written[n-1] && strings.ContainsAny(written[:1], `"'`) && written[1:n-1] == text {
		return v.Body.Start + 1, true
	}
	return 0, false
}

// only returns where part stands in text, if it stands there once.
func only(text, part string) (offset int, ok bool) {
	return strings.Index(text, part), strings.Count(text, part) == 1
}

// meant returns the capabilities that a word is or was meant to be. It may be
// several, with something else than a comma between them.
func meant(text string) []string {
	if isCapability(text) {
		return []string{text}
	}
	if c := block.Nearest(text, capabilities()); c != "" {
		return []string{c}
	}
	var all []string
	for _, part := range strings.FieldsFunc(text, isSeparator) {
		c := part
		if !isCapability(part) {
			c = block.Nearest(part, capabilities())
		}
		if c == "" {
			return nil
		}
		all = appendNew(all, []string{c})
	}
	return all
}

func isSeparator(c rune) bool {
	return unicode.IsSpace(c) || strings.ContainsRune(";|/+&[]'\"", c)
}

func appendNew(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// fix returns the edit that makes the word right; none where that is not one clear
// thing, or where the account has what the word means already.
func (w word) fix(a *account) []diag.Edit {
	if len(w.means) == 0 || a.hasAll(w.means, false) || !w.exact || spot.IsAnchored(w.entry.value) {
		return nil
	}
	text := strings.Join(w.means, ", ")
	switch {
	case w.entry.value.Kind == values.List:
		text = `"` + text + `"`
	case w.entry.value.Kind != values.String, len(w.means) > 1 && w.isBare():
		return nil
	}
	return []diag.Edit{{Range: w.span.Range(), NewText: text}}
}

// isBare reports whether the word stands without quotes inside {}, where a comma
// would end the value.
func (w word) isBare() bool {
	body := w.entry.config.data.Body
	return strings.HasPrefix(body.Text(), "{") && !strings.ContainsAny(w.entry.value.Body.Text()[:1], `"'`)
}
