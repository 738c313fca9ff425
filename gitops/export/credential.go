package export

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// credentialIn says where in a text of YAML a credential stands in plaintext: the path of
// the field, or the line where it is in a comment. It is "" if there is none. Nobody has
// said which fields hold one, so it goes by what keys are called and what values look
// like; what a tool replaces later is none. The error says that the text does not parse.
func credentialIn(text []byte) (string, error) {
	docs, err := stream.Split(text)
	if err != nil {
		return "", err
	}
	j := newJudge()
	for _, data := range docs {
		doc, err := yamldoc.Parse(data)
		if err != nil {
			return "", err
		}
		if doc.Root == nil {
			continue
		}
		s := &search{judge: j, seen: map[visit]bool{}}
		if root := yamldoc.Resolve(doc.Root); root.Kind == yaml.MappingNode && yamldoc.Get(root, "sops") != nil {
			s.seen[visit{yamldoc.Get(root, "sops"), "sops"}] = true // what SOPS notes about the file
		}
		s.node(doc.Root, place{})
		if s.found != "" {
			return s.found, nil
		}
	}
	if line := j.commented(text); line > 0 {
		return fmt.Sprintf("line %d", line), nil
	}
	return "", nil
}

// search looks for a credential in a document, and ends with the first.
type search struct {
	judge
	found string
	seen  map[visit]bool
	depth int // how many documents this one stands inside of
}

// visit is a node below a key: an alias may put it below several.
type visit struct {
	node *yaml.Node
	key  string
}

// place is where a node stands.
type place struct {
	path string
	key  string // the nearest one above, "" at the root
	// above is the key that says what a field of a general name, such as value, is.
	above string
}

func (p place) field(key string) place {
	step := key
	if !redact.IsPlainName(step) {
		step = "…"
	}
	return place{strings.TrimPrefix(p.path+"."+step, "."), key, p.key}
}

func (p place) item(i int) place { return place{p.path + "[" + strconv.Itoa(i) + "]", p.key, p.above} }

// maxDepth bounds how many documents inside each other are read as such.
const maxDepth = 3

func (s *search) node(n *yaml.Node, at place) {
	n = yamldoc.Resolve(n)
	if s.found != "" || n == nil || s.seen[visit{n, at.key}] {
		return
	}
	s.seen[visit{n, at.key}] = true
	switch n.Kind {
	case yaml.ScalarNode:
		s.scalar(n, at)
	case yaml.SequenceNode:
		s.sequence(n, at)
	case yaml.MappingNode:
		s.mapping(n, at)
	}
}

// sequence looks at the items of a list, and for a flag with its value behind it.
func (s *search) sequence(n *yaml.Node, at place) {
	flag := ""
	for i, item := range n.Content {
		place := at.item(i)
		text, isText := yamldoc.Scalar(yamldoc.Resolve(item))
		if flag != "" {
			place.key = flag
		}
		s.node(item, place)
		if flag = ""; isText && strings.HasPrefix(text, "-") && !strings.ContainsAny(text, "= ") {
			flag = strings.TrimLeft(text, "-")
		}
	}
}

func (s *search) mapping(m *yaml.Node, at place) {
	kind, _ := yamldoc.Scalar(yamldoc.Get(m, "kind"))
	name, isNamed := yamldoc.Scalar(yamldoc.Get(m, "name"))
	for i := 0; i+1 < len(m.Content) && s.found == ""; i += 2 {
		key, value := yamldoc.Resolve(m.Content[i]).Value, m.Content[i+1]
		below := at.field(key)
		if yamldoc.IsMerge(m.Content[i]) {
			below = at
		}
		if s.isSecret(key) {
			s.found = below.path
		}
		switch {
		case kind == "Secret" && (key == "data" || key == "stringData"):
			s.secret(value, below)
			continue
		case key == "value" && isNamed: // a variable of a container
			below.key = name
		case slices.Contains(general(), key):
			below.key = at.key
			if !redact.Speaks(at.key) {
				below.key = at.above
			}
		}
		s.node(value, below)
	}
}

// general are keys that say nothing of their value: what is above them does.
func general() []string { return []string{"value", "content", "data", "default", "plaintext", "raw"} }

// secret looks at the data of a Secret, every value of which is a credential.
func (s *search) secret(data *yaml.Node, at place) {
	data = yamldoc.Resolve(data)
	for i := 1; data.Kind == yaml.MappingNode && i < len(data.Content); i += 2 {
		text, _ := yamldoc.Scalar(yamldoc.Resolve(data.Content[i]))
		if text = strings.TrimSpace(text); text != "" && !isReplaced(text) {
			s.found = at.field(data.Content[i-1].Value).path
		}
	}
}

// scalar looks at a value, which may be a document of its own.
func (s *search) scalar(n *yaml.Node, at place) {
	text := strings.TrimSpace(n.Value)
	isNumber := n.ShortTag() == "!!int" || n.ShortTag() == "!!float"
	switch {
	case text == "" || yamldoc.IsNull(n) || n.ShortTag() == "!!bool" || isSwitch(text) || isReplaced(text):
	case s.isSecret(text), isNumber && isCredentialKey(at.key, text) && endsInCredential(at.key), !isNumber && isCredentialKey(at.key, text):
		s.found = at.path
	case strings.ContainsAny(text[:1], "{[") || strings.Contains(text, "\n"):
		s.inside(text, at)
	case s.assigns(text):
		s.found = at.path
	}
}

func (s *search) inside(text string, at place) {
	doc, err := yamldoc.Parse([]byte(text))
	if err == nil && doc.Root != nil && doc.Root.Kind != yaml.ScalarNode && s.depth < maxDepth {
		inner := &search{judge: s.judge, seen: map[visit]bool{}, depth: s.depth + 1}
		inner.node(doc.Root, place{path: at.path})
		s.found = inner.found
		return
	}
	for line := range strings.Lines(text) {
		if s.assigns(line) {
			s.found = at.path
		}
	}
}

// commented returns the first line in which a comment holds a credential, or which looks
// like one for other reasons; 0 if there is none. A # in a text counts as well.
func (j judge) commented(text []byte) int {
	number, isVariable := 0, false // the line before names a variable that is one
	for line := range bytes.Lines(text) {
		number++
		_, comment, found := strings.Cut(" "+strings.NewReplacer("\t", " ").Replace(string(line)), " #")
		if j.isSecret(string(line)) || found && (j.assigns(comment) || j.tells(comment)) {
			return number
		}
		key, value, _ := strings.Cut(strings.TrimLeft(comment, "# -"), ":")
		value = strings.TrimSpace(value)
		if isVariable && key == "value" && value != "" && !isReplaced(value) {
			return number
		}
		isVariable = found && key == "name" && isCredentialKey(value, "x")
	}
	return 0
}
