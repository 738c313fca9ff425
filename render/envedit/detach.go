package envedit

import (
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// way is how a target can be edited without changing what other parts of the
// document share with it.
type way uint8

const (
	inPlace        way = iota // its nodes are its own
	envAlias                  // env is an alias, which a list of its own replaces
	envMerged                 // env comes through a merge key, behind which a list of its own goes
	containerAlias            // the container is an alias, which a container of its own replaces
	anew                      // it is what others have aliases of, or is reached through one
)

// wayTo finds the way to a site. shared are the nodes that aliases stand for.
func (s *site) wayTo(root *yaml.Node, shared map[*yaml.Node]bool) way {
	list, index := s.list()
	plain := true
	items := yamldoc.Items(list.Walk(root, func(n *yaml.Node, merged bool) {
		plain = plain && !merged && n.Kind != yaml.AliasNode && !shared[n]
	}))
	switch {
	case !plain || index >= len(items) || shared[items[index]]:
		return anew
	case items[index].Kind == yaml.AliasNode:
		return containerAlias
	}
	return s.wayToEnv(shared)
}

func (s *site) wayToEnv(shared map[*yaml.Node]bool) way {
	pair, found := yamldoc.Lookup(s.container, "env")
	switch {
	case !found:
		return inPlace
	case pair.Merged && keyNode(s.container, "env") == nil:
		return envMerged
	case pair.Merged || shared[pair.Value]:
		return anew
	case pair.Value.Kind == yaml.AliasNode:
		return envAlias
	}
	for i, e := range yamldoc.Items(s.env) {
		if s.plan.touches(i) && contains(e, shared) {
			return anew
		}
	}
	return inPlace
}

// list returns the path of the list in which the container stands, and its index.
func (s *site) list() (yamldoc.Path, int) {
	n := len(s.target.Container) - 1
	index, _ := s.target.Container[n].(int)
	return s.target.Container[:n], index
}

// keyNode returns the key of a mapping with a text, nil where there is none.
func keyNode(m *yaml.Node, text string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if k := yamldoc.Resolve(m.Content[i]); k.Kind == yaml.ScalarNode && k.Value == text {
			return m.Content[i]
		}
	}
	return nil
}

// detached returns what the edits make of a copy of the env, or of the container
// where that is the alias.
func (s *site) detached(w way) (*yaml.Node, error) {
	from := s.env
	if w == containerAlias {
		from = s.container
	}
	own, err := yamldoc.Expand(from)
	if err != nil {
		return nil, err
	}
	dropComments(own)
	c := own
	if w != containerAlias {
		c = mapping(text("env"), own)
	}
	if s, err = find(c, Target{Edits: s.target.Edits}); err != nil {
		return nil, err
	}
	s.edit()
	if w == containerAlias {
		return c, nil
	}
	return yamldoc.Get(c, "env"), nil
}

// detach makes the edits in a tree, on a copy that takes the place of the alias.
func (s *site) detach(root *yaml.Node, w way) error {
	own, err := s.detached(w)
	if err != nil {
		return err
	}
	if w == containerAlias {
		list, index := s.list()
		list.Find(root).Content[index] = own
		return nil
	}
	s.put(own)
	return nil
}

// lastMerge returns the index of the last merge key of a mapping.
func lastMerge(m *yaml.Node) (index int) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if yamldoc.IsMerge(m.Content[i]) {
			index = i
		}
	}
	return index
}

// editDetached makes the edits in the bytes, by writing out what the alias stands for.
func (w *writer) editDetached(s *site, way way) error {
	own, err := s.detached(way)
	if err != nil {
		return err
	}
	container := s.container
	if way == containerAlias {
		path, index := s.list()
		list := path.Find(w.doc.Root)
		alias := list.Content[index]
		column, _ := w.indent(w.text.Offset(alias.Line, alias.Column))
		return w.overAlias(alias, own, list.Style&yaml.FlowStyle != 0, "\n"+column)
	}
	flow := container.Style&yaml.FlowStyle != 0
	switch {
	case flow && way == envMerged:
		return errLayout
	case flow:
		return w.overAlias(s.alias(), own, true, "")
	}
	key := w.column(s)
	lines, err := written(own, false)
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i] = w.dashes(s).dash + lines[i]
	}
	if way == envMerged {
		merged := container.Content[lastMerge(container)+1]
		at := w.text.LineEnd(w.end(merged))
		w.lines(at, at, append([]string{key + "env:"}, lines...), w.eolAt(w.start(merged)))
		return nil
	}
	from, to := w.start(s.alias()), w.end(s.alias())
	if w.text.LineStart(from) != w.text.LineStart(w.start(s.key)) || w.text.Bytes()[from-1] != ' ' {
		return errLayout
	}
	if len(own.Content) == 0 { // it is written as []
		w.splice(from, to, lines[0][len(lines[0])-2:])
		return nil
	}
	w.splice(from-1, to, "")
	at := w.text.LineEnd(to)
	w.lines(at, at, lines, w.eolAt(from))
	return nil
}

// alias returns the alias that is the container's env.
func (s *site) alias() *yaml.Node {
	pair, _ := yamldoc.Lookup(s.container, "env")
	return pair.Value
}

// overAlias writes a node over an alias; in block style its lines are joined by sep.
func (w *writer) overAlias(alias, own *yaml.Node, flow bool, sep string) error {
	lines, err := written(own, flow)
	if err != nil {
		return err
	}
	at := w.text.Offset(alias.Line, alias.Column)
	if strings.HasPrefix(sep, "\n") {
		sep = w.eolAt(at) + sep[1:]
	}
	w.splice(at, w.end(alias), strings.Join(lines, sep))
	return nil
}

// written returns the lines of a node as an encoder puts it.
func written(n *yaml.Node, flow bool) ([]string, error) {
	if flow {
		n.Style |= yaml.FlowStyle
	} else {
		n.Style &^= yaml.FlowStyle
	}
	out, err := encode(n, "\n")
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), nil
}
