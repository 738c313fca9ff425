// Package export writes down what the post-renderer changes in a Runtime's manifests in
// the forms that GitOps engines take: a kustomize Component, the postRenderers of a Flux
// HelmRelease, an Argo CD Application or plugin. The changes are read off render's own
// input and output, so that what is exported cannot disagree with it.
package export

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Changes is what the post-renderer changed in a stream of manifests.
type Changes struct {
	objects []object
	secret  *yaml.Node // the Secret that it appended, in the Runtime's namespace; nil if there is none
}

// IsEmpty reports whether nothing was changed, because everything was right.
func (c Changes) IsEmpty() bool { return len(c.objects) == 0 && c.secret == nil }

// HasSecret reports whether a Secret with a plaintext credential was added.
func (c Changes) HasSecret() bool { return c.secret != nil }

// object is a workload with changed containers.
type object struct {
	apiVersion, kind, namespace, name string
	containers                        []container
}

// container is one of them.
type container struct {
	name   string // "" if it has none
	index  int
	hasEnv bool
	vars   []variable
}

// variable is an environment variable that was changed.
type variable struct {
	name    string
	after   *yaml.Node // the entry as it is now; nil where it was removed
	before  *yaml.Node // the entry that was in force; nil where there was none
	indexes []int      // of all entries of this name as they were
}

// Compare finds the changes between the manifests that render was given and those that
// it made of them. The error says that these are not what render makes of those.
func Compare(before, after []byte) (Changes, error) {
	old, edited := stream.Split(before), stream.Split(after)
	var c Changes
	for i, text := range edited {
		switch {
		case i >= len(old):
			var err error
			if c.secret, err = parse(text); err != nil {
				return Changes{}, fmt.Errorf("document %d of the wired stream: %w", i+1, err)
			}
		case !bytes.Equal(text, old[i]):
			if err := c.add(old[i], text); err != nil {
				return Changes{}, fmt.Errorf("document %d: %w", i+1, err)
			}
		}
	}
	return c, nil
}

// parse reads a document with its aliases written out.
func parse(text []byte) (*yaml.Node, error) {
	doc, err := yamldoc.Parse(text)
	if err != nil {
		return nil, err
	}
	if doc.Root == nil {
		return nil, errors.New("it is empty")
	}
	return yamldoc.Expand(doc.Root)
}

// add notes the changes in one document.
func (c *Changes) add(before, after []byte) error {
	old, err := parse(before)
	if err != nil {
		return err
	}
	edited, err := parse(after)
	if err != nil {
		return err
	}
	was, is := objects(old), objects(edited)
	if len(was) != len(is) {
		return errors.New("it does not hold the same objects before and after")
	}
	for i := range was {
		if changed := containers(was[i], is[i]); len(changed) > 0 {
			c.objects = append(c.objects, object{
				apiVersion: field(was[i], "apiVersion"), kind: field(was[i], "kind"),
				namespace: field(was[i], "metadata", "namespace"), name: field(was[i], "metadata", "name"), containers: changed,
			})
		}
	}
	return nil
}

// field returns the text at a path, "" if there is none.
func field(m *yaml.Node, path ...string) string {
	s, _ := yamldoc.Scalar(yamldoc.GetPath(m, path...))
	return s
}

// objects returns the objects of a document: itself, or those in a list.
func objects(root *yaml.Node) []*yaml.Node {
	items := yamldoc.Get(root, "items")
	if !strings.HasSuffix(field(root, "kind"), "List") || items == nil {
		return []*yaml.Node{root}
	}
	var found []*yaml.Node
	for _, item := range items.Content {
		found = append(found, objects(item)...)
	}
	return found
}

// containers returns those whose env has changed.
func containers(before, after *yaml.Node) []container {
	path := []string{"spec", "template", "spec", "containers"}
	is := yamldoc.Items(yamldoc.GetPath(after, path...))
	var found []container
	for i, was := range yamldoc.Items(yamldoc.GetPath(before, path...)) {
		if i >= len(is) {
			break
		}
		env := yamldoc.Get(was, "env")
		if vars := changed(env, yamldoc.Get(is[i], "env")); len(vars) > 0 {
			found = append(found, container{field(was, "name"), i, !yamldoc.IsNull(env), vars})
		}
	}
	return found
}

// changed returns the variables of a list of entries that are not what they were, in
// the order of their names.
func changed(before, after *yaml.Node) (found []variable) {
	was, is := entries(before), entries(after)
	all := maps.Clone(was)
	maps.Copy(all, is)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		v := variable{name: name, after: is[name].node, before: was[name].node, indexes: was[name].indexes}
		if !yamldoc.Equal(v.before, v.after) {
			found = append(found, v)
		}
	}
	return found
}

// entry is what a list of entries says about one name: the last of them counts.
type entry struct {
	node    *yaml.Node
	indexes []int
}

func entries(env *yaml.Node) map[string]entry {
	found := map[string]entry{}
	for i, n := range yamldoc.Items(env) {
		if name, ok := yamldoc.String(yamldoc.Get(n, "name")); ok {
			found[name] = entry{n, append(found[name].indexes, i)}
		}
	}
	return found
}
