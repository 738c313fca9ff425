package schema

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// with adds Argo CD's configuration to the sources whose lines can be shown. Its
// file may hold anything: passwords of repositories, client secrets in the text of
// dex.config, whole Secrets. So of it nothing is shown but keys, the values that
// the rules speak about, and what names an object.
func (m *Masks) with(c *ArgoCDConfig) *Masks {
	if c != nil {
		// In front: where one file is given as values too, the stricter of both counts.
		m.sources = append([]*values.Source{c.file.Source}, m.sources...)
		m.argoCD = c
	}
	return m
}

// collectArgoCD finds out what may be shown, and which credentials to look for in
// the other sources.
func (m *Masks) collectArgoCD() {
	judged := m.argoCD.judged()
	for _, root := range append([]*values.Value{m.argoCD.file.Root}, m.argoCD.file.Later...) {
		m.openKeys(root, "", judged)
	}
	slices.SortFunc(m.open, func(a, b values.Span) int { return a.Start - b.Start })
}

// judged returns the values that the rules speak about, each with what may be shown
// of it: words that nobody can make sense of might be a password.
func (c *ArgoCDConfig) judged() map[*values.Value][]values.Span {
	all := map[*values.Value][]values.Span{}
	if c.data == nil {
		return all
	}
	for _, key := range c.data.Order {
		if !strings.HasPrefix(key, accountsPrefix) && key != adminEnabledKey {
			continue
		}
		e := entry{key: key, value: c.data.Field(key), config: c}
		_, isBool := e.bool()
		all[e.value] = e.known()
		if isBool || rightBool(e.text()) != "" {
			all[e.value] = []values.Span{e.value.Body}
		}
	}
	return all
}

// known returns the whole of a list of capabilities, or its words that mean something.
func (e entry) known() []values.Span {
	var found []values.Span
	words := e.words()
	for _, w := range words {
		if len(w.means) > 0 && w.exact {
			found = append(found, w.span)
		}
	}
	if len(found) == len(words) {
		return []values.Span{e.value.Body}
	}
	return found
}

func (m *Masks) openKeys(v *values.Value, key string, judged map[*values.Value][]values.Span) {
	if v == nil {
		return
	}
	switch v.Kind {
	case values.Map:
		for _, name := range v.Order {
			m.openField(name, v.Field(name), v.Field(name).Key, judged)
		}
		for _, d := range v.Duplicates {
			m.openField(d.Name, d.First, d.FirstKey, judged)
		}
		return
	case values.List:
		for _, item := range v.Items {
			m.openKeys(item, key, judged)
		}
	}
	spans, known := judged[v]
	switch {
	case known:
		m.open = append(m.open, spans...)
	case v.Kind == values.Bool, v.Kind == values.String && namesObject(key, v.Str()):
		m.open = append(m.open, v.Body)
	case speaksOfSecrets(key):
		m.hide(v)
	}
}

func (m *Masks) openField(name string, v *values.Value, key values.Span, judged map[*values.Value][]values.Span) {
	if !looksSecret(name) {
		m.open = append(m.open, key)
	}
	m.openKeys(v, name, judged)
}

// namesObject reports whether a field says which object this is.
func namesObject(key, text string) bool {
	switch key {
	case "kind", "apiVersion":
		return len(text) < maxNameLength && !looksSecret(text)
	case "name", "namespace":
		return text != "" && validName(text) && !looksSecret(text)
	}
	return false
}

// closed returns the stretches of a line of Argo CD's configuration that must not be
// shown: everything between the spans that may be, but for punctuation.
func (m *Masks) closed(line []byte, start int) [][2]int {
	var found [][2]int
	at, end := start, start+len(line)
	closeTo := func(to int) {
		text := string(line[at-start : to-start])
		from := len(text) - len(strings.TrimLeft(text, " \t"))
		if strings.HasPrefix(text[from:], ":") {
			from += len(text[from:]) - len(strings.TrimLeft(text[from+1:], " \t"))
		}
		for strings.HasPrefix(text[from:], "- ") {
			from += len("- ")
		}
		if strings.Trim(text, " \t:,-{}[]|>") != "" {
			hidden := strings.TrimRight(text, " \t,]}") // in JSON, what follows the closing quote
			if !strings.HasSuffix(hidden, `"`) || len(hidden) <= from {
				hidden = strings.TrimRight(text, " \t")
			}
			found = append(found, [2]int{at + from, at + len(hidden)})
		}
	}
	for _, s := range m.open {
		if s.Start >= end || s.End <= at {
			continue
		}
		if s.Start > at {
			closeTo(s.Start)
		}
		at = min(s.End, end)
	}
	closeTo(end)
	return found
}
