package export

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// credentialIn says where in a text of YAML a credential stands in plaintext: the path of
// the field, or the line where it is in a comment. It is "" if there is none. Nobody has
// said which fields hold one, so it goes by what keys are called and what values look
// like; what a tool replaces later is none. The error says that the text does not parse.
func credentialIn(text []byte) (string, error) {
	s := search{judge: newJudge()}
	for _, data := range stream.Split(text) {
		doc, err := yamldoc.Parse(data)
		if err != nil {
			return "", err
		}
		if doc.Root == nil {
			continue
		}
		root, err := yamldoc.Expand(doc.Root)
		if err != nil {
			return "", err
		}
		s.node(root, place{})
	}
	if line := s.commented(text); s.found == "" && line > 0 {
		return fmt.Sprintf("line %d", line), nil
	}
	return s.found, nil
}

// search looks for a credential in a document, and ends with the first.
type search struct {
	judge
	found string
}

// place is where a node stands.
type place struct {
	path string
	key  string // the nearest one above, "" at the root
	// above is the key that says what a field of a general name, such as value, is.
	above    string
	inSecret bool // in the data of a Secret, every value of which is a credential
	depth    int  // how many documents this one stands inside of
}

func (p place) field(key string) place {
	step := key
	if !mask.Name(strings.TrimPrefix(step, ".")) { // .dockerconfigjson
		step = "…"
	}
	p.path = strings.TrimPrefix(p.path+"."+step, ".")
	p.key, p.above = key, p.key
	return p
}

func (s *search) node(n *yaml.Node, at place) {
	switch {
	case s.found != "":
	case n.Kind == yaml.ScalarNode:
		s.scalar(n, at)
	case n.Kind == yaml.MappingNode:
		s.mapping(n, at)
	default:
		s.sequence(n, at)
	}
}

// sequence looks at the items of a list, and for a flag with its value behind it.
func (s *search) sequence(n *yaml.Node, at place) {
	flag := ""
	for i, item := range n.Content {
		below := at
		below.path += fmt.Sprintf("[%d]", i)
		if strings.HasPrefix(flag, "-") && !strings.ContainsAny(flag, "= ") {
			below.key = strings.TrimLeft(flag, "-")
		}
		s.node(item, below)
		flag = field(item)
	}
}

func (s *search) mapping(m *yaml.Node, at place) {
	kind, name := field(m, "kind"), field(m, "name")
	for pair := range slices.Chunk(m.Content, 2) {
		key, below := pair[0].Value, at.field(pair[0].Value)
		switch {
		case s.found != "":
			return
		case s.isSecret(key):
			s.found = below.path
		case at.path == "" && key == "sops": // what SOPS notes about the file
			continue
		case kind == "Secret" && (key == "data" || key == "stringData"):
			below.inSecret = true
		case key == "value" && name != "": // a variable of a container
			below.key = name
		case slices.Contains([]string{"value", "content", "data", "default", "plaintext", "raw"}, key):
			// These say nothing of their value: what is above them does.
			below.key = at.key
			if !s.speaks(at.key) {
				below.key = at.above
			}
		}
		s.node(pair[1], below)
	}
}

// maxDepth bounds how many documents inside each other are read as such.
const maxDepth = 3

// scalar looks at a value, which may be a document of its own.
func (s *search) scalar(n *yaml.Node, at place) {
	text := strings.TrimSpace(n.Value)
	isNumber := n.ShortTag() == "!!int" || n.ShortTag() == "!!float"
	switch {
	case text == "" || yamldoc.IsWord(text):
		return
	case s.isSecret(text):
		s.found = at.path
		return
	case s.isReplaced(text):
		return
	case at.inSecret, s.isCredentialKey(at.key, text) && (!isNumber || s.ends.MatchString(block.Fold(at.key))):
		s.found = at.path
		return
	}
	if strings.ContainsAny(text[:1], "{[") || strings.Contains(text, "\n") {
		root, err := parse([]byte(text))
		if err == nil && root.Kind != yaml.ScalarNode && at.depth < maxDepth {
			s.node(root, place{path: at.path, depth: at.depth + 1})
			return
		}
	}
	for line := range strings.Lines(text) {
		if s.assigns(line) {
			s.found = at.path
		}
	}
}

// commented returns the first line in which a comment holds a credential, or which looks
// like one for other reasons; 0 if there is none. A # in a text counts as well.
func (s *search) commented(text []byte) int {
	number, isVariable := 0, false // the line before names a variable that is one
	for line := range bytes.Lines(text) {
		number++
		_, comment, found := strings.Cut(" "+strings.ReplaceAll(string(line), "\t", " "), " #")
		key, value, _ := strings.Cut(strings.TrimLeft(comment, "# -"), ":")
		value = strings.TrimSpace(value)
		switch {
		case s.isSecret(string(line)), found && (s.assigns(comment) || s.tells(comment)),
			isVariable && key == "value" && value != "" && !s.isReplaced(value):
			return number
		}
		isVariable = found && key == "name" && s.isCredentialKey(value, "x")
	}
	return 0
}
