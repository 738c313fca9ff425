// Package scan finds in the documents of a stream what the renderer has to look at: objects,
// and in them the containers that use the credential.
package scan

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Object is one Kubernetes object of a document.
type Object struct {
	Path                  yamldoc.Path // from the document's root
	Node                  *yaml.Node
	Kind, Name, Namespace string
}

// String returns KIND/NAME, for messages.
func (o Object) String() string { return o.Kind + "/" + o.Name }

// maxObjects bounds the objects of one document, which aliases can multiply.
const maxObjects = 1 << 16

// Objects returns the objects of a document, those in lists included.
func Objects(root *yaml.Node) (found []Object, err error) {
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

func newObject(n *yaml.Node, path yamldoc.Path, kind string) Object {
	metadata := yamldoc.Get(n, "metadata")
	name, _ := yamldoc.Scalar(yamldoc.Get(metadata, "name"))
	namespace, _ := yamldoc.Scalar(yamldoc.Get(metadata, "namespace"))
	return Object{Path: path, Node: n, Kind: kind, Name: name, Namespace: namespace}
}

// WithoutNode returns what is left of an Object when its document is given up.
func (o Object) WithoutNode() Object {
	o.Node = nil
	return o
}

// IsHook reports whether Helm runs the object as a hook, in place of keeping it.
func (o Object) IsHook() bool {
	return yamldoc.GetPath(o.Node, "metadata", "annotations", "helm.sh/hook") != nil
}

// IsWorkload reports whether the object runs containers from a template.
func (o Object) IsWorkload() bool {
	switch o.Kind {
	case auth.Deployment, auth.StatefulSet, daemonSet, rollout:
		return true
	}
	return false
}

// Label returns a label, "" if it is not there.
func (o Object) Label(key string) string {
	value, _ := yamldoc.Scalar(yamldoc.GetPath(o.Node, "metadata", "labels", key))
	return value
}

// HasLabels reports whether all labels are there.
func (o Object) HasLabels(want map[string]string) bool {
	for k, v := range want {
		if o.Label(k) != v {
			return false
		}
	}
	return true
}

// The ConfigMaps in which the chart keeps the merged values for its validation
// hook: from 0.20, and before.
const (
	ValuesConfig    = "helm-values-config"
	OldValuesConfig = "validate-values-config"
	ValuesKey       = "values.yaml"
)

// IsValuesConfig reports whether the object is such a ConfigMap.
func (o Object) IsValuesConfig() bool {
	return o.Kind == "ConfigMap" && (o.Name == ValuesConfig || o.Name == OldValuesConfig)
}
