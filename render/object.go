package render

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// object is one Kubernetes object of a document.
type object struct {
	path                  yamldoc.Path // from the document's root
	node                  *yaml.Node
	kind, name, namespace string
}

// String returns KIND/NAME, for messages.
func (o object) String() string { return o.kind + "/" + o.name }

// maxObjects bounds the objects of one document, which aliases can multiply.
const maxObjects = 1 << 16

// objects returns the objects of a document, those in lists included.
func objects(root *yaml.Node) (found []object, err error) {
	seen := 0
	var add func(n *yaml.Node, path yamldoc.Path)
	add = func(n *yaml.Node, path yamldoc.Path) {
		n = yamldoc.Resolve(n)
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		if seen++; seen > maxObjects {
			err = fmt.Errorf("holds more than %d objects", maxObjects)
			return
		}
		kind, _ := yamldoc.Scalar(yamldoc.Get(n, "kind"))
		items := yamldoc.Get(n, "items")
		if !strings.HasSuffix(kind, "List") || items == nil || items.Kind != yaml.SequenceNode {
			found = append(found, newObject(n, path, kind))
			return
		}
		for i, item := range items.Content {
			if err == nil {
				add(item, path.At("items", i))
			}
		}
	}
	add(root, nil)
	return found, err
}

func newObject(n *yaml.Node, path yamldoc.Path, kind string) object {
	metadata := yamldoc.Get(n, "metadata")
	name, _ := yamldoc.Scalar(yamldoc.Get(metadata, "name"))
	namespace, _ := yamldoc.Scalar(yamldoc.Get(metadata, "namespace"))
	return object{path: path, node: n, kind: kind, name: name, namespace: namespace}
}

// withoutNode returns what is left of an object when its document is given up.
func (o object) withoutNode() object {
	o.node = nil
	return o
}

// isHook reports whether Helm runs the object as a hook, in place of keeping it.
func (o object) isHook() bool {
	return yamldoc.GetPath(o.node, "metadata", "annotations", "helm.sh/hook") != nil
}

// isWorkload reports whether the object runs containers from a template.
func (o object) isWorkload() bool {
	switch o.kind {
	case auth.Deployment, auth.StatefulSet, daemonSet, rollout:
		return true
	}
	return false
}

func (o object) label(key string) string {
	value, _ := yamldoc.Scalar(yamldoc.GetPath(o.node, "metadata", "labels", key))
	return value
}

func (o object) hasLabels(want map[string]string) bool {
	for k, v := range want {
		if o.label(k) != v {
			return false
		}
	}
	return true
}
