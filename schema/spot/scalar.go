package spot

import (
	"bytes"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Rename returns the edit that gives an entry another key, in the quotes of the old one.
func (s Spot) Rename(written, right string) ([]diag.Edit, string) {
	key := s.value.Key
	text := s.bytes()
	before := bytes.TrimRight(text[s.file.Source.Text.LineStart(key.Start):key.Start], " ")
	before = before[bytes.LastIndexAny(before, " {,")+1:]
	if len(before) > 0 && (before[0] == '&' || before[0] == '!') {
		return nil, becauseAnchor // of the key itself
	}
	if isQuoted(key.Text()) {
		key.Start, key.End = key.Start+1, key.End-1
	}
	if key.Text() != written {
		return nil, becauseLayout
	}
	return []diag.Edit{s.cover(key.Start, key.End, right)}, ""
}

// rewrite returns the edit that gives a string another text, in the quotes of the old
// one. Text that was not quoted is quoted if YAML would take it for anything else.
func (s Spot) rewrite(text string) ([]diag.Edit, string) {
	switch {
	case s.value.Shared:
		return nil, becauseAlias
	case IsAnchored(s.value):
		return nil, becauseAnchor
	}
	body := s.value.Body
	switch raw := body.Text(); {
	case isQuoted(raw):
		body.Start, body.End = body.Start+1, body.End-1
	case strings.Contains(raw, "#"):
		return nil, becauseLayout // a comment behind the indicator of a block scalar
	default:
		text = yamldoc.PlainOrQuoted(text)
	}
	return []diag.Edit{s.cover(body.Start, body.End, text)}, ""
}

func isQuoted(raw string) bool {
	return len(raw) >= 2 && (raw[0] == '"' || raw[0] == '\'') && raw[len(raw)-1] == raw[0]
}

// Retext returns the edit that gives a string another text, proven.
func (s Spot) Retext(text string) ([]diag.Edit, string) {
	edits, why := s.rewrite(text)
	if why == "" && !s.leads(edits, s.data(func(m map[string]any, name string) { m[name] = text })) {
		why = becauseLayout
	}
	return edits, why
}
