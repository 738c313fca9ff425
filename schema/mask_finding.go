package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// maxCleaned is how many findings may be held against the unread part of a file before
// reading it is the cheaper way.
const maxCleaned = 16

// clean takes out of a finding what it quotes from the values and a credential repeats,
// so that nothing is written in a message that is hidden in the line below it. An edit
// that would write such a text is marked.
func (m *Masks) clean(d *diag.Diagnostic) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prepare()
	if m.cleaned++; m.partial && (m.cleaned > maxCleaned || m.mayRepeat(quotedIn(d))) {
		m.whole()
	}
	d.Path = m.cleanPath(d.Path)
	d.Message, d.Hint = m.cleanQuotes(d.Message), m.cleanQuotes(d.Hint)
	for i := range d.Related {
		d.Related[i].Message = m.cleanQuotes(d.Related[i].Message)
	}
	for i := range d.Fix {
		d.Fix[i].Secret = d.Fix[i].Secret || m.repeats(d.Fix[i].NewText)
	}
}

// repeats reports whether there is a credential in a text.
func (m *Masks) repeats(text string) bool {
	return len(m.index.find([]byte(text), true)) > 0
}

// cleanQuotes replaces the quoted parts of a text that repeat a credential. The rest is
// our own words, which a password may happen to be as well.
func (m *Masks) cleanQuotes(text string) string {
	if !m.repeats(text) {
		return text
	}
	var b strings.Builder
	eachQuote(text, func(between, quoted string) {
		b.WriteString(between)
		if said, _ := strconv.Unquote(quoted); m.repeats(said) {
			quoted = redacted
		}
		b.WriteString(quoted)
	})
	return b.String()
}

// eachQuote calls do with every quoted part of a text, as it is written, and what
// stands before it; at the end with what is left, and nothing.
func eachQuote(text string, do func(between, quoted string)) {
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			break
		}
		quoted, err := strconv.QuotedPrefix(text[i:])
		if err != nil {
			break
		}
		do(text[:i], quoted)
		text = text[i+len(quoted):]
	}
	do(text, "")
}

// cleanPath replaces the part of a path behind the steps that are the block's own, if
// it repeats a credential or may be one.
func (m *Masks) cleanPath(path string) string {
	own, rest := ownSteps(path)
	isHidden := func(step string) bool { return !showable(step) }
	isShown := showable(rest) || !slices.ContainsFunc(strings.Split(rest, "."), isHidden)
	if rest == "" || rest == redacted || isShown && !m.repeats(path) {
		return path
	}
	return own + redacted
}

// ownSteps cuts a path behind its first steps, as far as the block's own names go.
func ownSteps(path string) (own, rest string) {
	rest = path
	for rest != "" {
		step, behind, _ := strings.Cut(rest, ".")
		if !slices.Contains(ownWords(), step) && !slices.Contains([]string{"configs", "cm", "data", "accounts", "enabled"}, step) {
			break
		}
		rest = behind
	}
	return path[:len(path)-len(rest)], rest
}

// quotedIn returns what a finding has from the values, as far as it is known to quote.
func quotedIn(d *diag.Diagnostic) []string {
	var all []string
	add := func(text string) {
		if text = strings.TrimSpace(text); len(text) >= minWord && !slices.Contains(ownWords(), text) {
			all = append(all, text)
		}
	}
	addQuoted := func(_, quoted string) {
		said, _ := strconv.Unquote(quoted)
		add(said)
	}
	if _, rest := ownSteps(d.Path); rest != "" {
		add(d.Path)
	}
	eachQuote(d.Message, addQuoted)
	eachQuote(d.Hint, addQuoted)
	for _, r := range d.Related {
		eachQuote(r.Message, addQuoted)
	}
	for _, e := range d.Fix {
		add(e.NewText)
	}
	return all
}
