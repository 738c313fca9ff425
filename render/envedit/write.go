package envedit

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// edit collects the splices of one site.
func (w *writer) edit(s *site, way way) error {
	if !s.plan.changes() {
		return nil
	}
	if way != inPlace {
		return w.editDetached(s, way)
	}
	flow := s.container.Style&yaml.FlowStyle != 0
	switch {
	case s.key == nil && flow:
		return w.addToFlow(s)
	case s.key == nil:
		return w.addToBlock(s)
	case isEmpty(s.env) && !flow:
		return w.fillBlock(s)
	case s.env.Kind == yaml.ScalarNode && !isText(s.env):
		return errLayout
	case isEmpty(s.env) || s.env.Style&yaml.FlowStyle != 0 && !s.plan.keeps():
		w.replace(s.env, inFlow(s.planned()))
		return nil
	case s.env.Style&yaml.FlowStyle != 0:
		w.editFlow(s)
		return nil
	case len(s.plan.steps) == 0:
		return w.clearBlock(s)
	}
	return w.editBlock(s)
}

// planned returns the planned list, in which nothing is old.
func (s *site) planned() *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, step := range s.plan.steps {
		list.Content = append(list.Content, newEntry(step.edit))
	}
	return list
}

// clearBlock writes [] over a list in block style of which nothing is left.
func (w *writer) clearBlock(s *site) error {
	b, err := w.blockOf(s)
	if err != nil {
		return err
	}
	colon := w.end(s.key)
	if colon >= len(w.text.Bytes()) || w.text.Bytes()[colon] != ':' {
		return errLayout
	}
	w.splice(colon+1, colon+1, " []")
	for i := range s.env.Content {
		b.remove(i)
	}
	return nil
}

// addToFlow writes env as the first key of a container in flow style.
func (w *writer) addToFlow(s *site) error {
	at := w.start(s.container)
	if !bytes.HasPrefix(w.text.Bytes()[at:], []byte("{")) {
		return errLayout
	}
	text := `"env": ` + inFlow(s.planned())
	if len(s.container.Content) > 0 {
		text += ", "
	}
	w.splice(at+1, at+1, text)
	return nil
}

// addToBlock writes env behind the name of a container in block style.
func (w *writer) addToBlock(s *site) error {
	slot := s.slot()
	if slot == 0 {
		return errLayout
	}
	prev := s.container.Content[slot-1]
	if !isText(prev) {
		return errLayout
	}
	key, at := w.column(s), w.text.LineEnd(w.end(prev))
	w.lines(at, at, append([]string{key + "env:"}, w.newLines(s)...), w.eolAt(w.start(prev)))
	return nil
}

// column returns the indentation of the container's keys.
func (w *writer) column(s *site) string {
	indent, _ := w.indent(w.text.Offset(s.container.Content[0].Line, s.container.Content[0].Column))
	return indent
}

// fillBlock writes a list below `env:`, `env: []` or `env: null`.
func (w *writer) fillBlock(s *site) error {
	keyStart := w.start(s.key)
	if indent, clean := w.indent(keyStart); !clean && indent != w.column(s) {
		return errLayout
	}
	end := w.end(s.key)
	if value := s.env; isText(value) || value.Kind != yaml.ScalarNode {
		from := w.start(value)
		if end = w.end(value); w.text.LineStart(from) != w.text.LineStart(end) || w.text.LineStart(from) != w.text.LineStart(keyStart) {
			return errLayout
		}
		if from > 0 && w.text.Bytes()[from-1] == ' ' {
			from--
		}
		w.splice(from, end, "")
	}
	at := w.text.LineEnd(end)
	w.lines(at, at, w.newLines(s), w.eolAt(keyStart))
	return nil
}

// newLines returns the lines of the planned list, in which nothing is old.
func (w *writer) newLines(s *site) (lines []string) {
	l := w.dashes(s)
	for _, step := range s.plan.steps {
		lines = append(lines, l.entry(step.edit)...)
	}
	return lines
}

// dashes returns the layout for a list that is not there yet: that of the list in which
// the container stands.
func (w *writer) dashes(s *site) layout {
	l := layout{dash: w.column(s), gap: " ", step: "  "}
	path := s.target.Container
	if len(path) < 2 {
		return l
	}
	name, isKey := path[len(path)-2].(string)
	if parent, found := yamldoc.Lookup(path[:len(path)-2].Find(w.doc.Root), name); isKey && found && !parent.Merged {
		list := yamldoc.Resolve(parent.Value)
		if list.Style&yaml.FlowStyle == 0 && list.Column > parent.Key.Column {
			l.dash += strings.Repeat(" ", list.Column-parent.Key.Column)
		}
	}
	return l
}
