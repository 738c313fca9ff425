package envedit

import (
	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Origin says where a variable takes its value from.
type Origin uint8

// The origins of a variable's value.
const (
	Other        Origin = iota // a field, nothing at all, or something the API server refuses
	Literal                    // value
	SecretKey                  // valueFrom.secretKeyRef
	ConfigMapKey               // valueFrom.configMapKeyRef
)

// Var is one environment variable of a container.
type Var struct {
	Name   string
	Origin Origin
	Value  string         // of a Literal
	Ref    auth.SecretRef // of a SecretKey, and of a ConfigMapKey
}

// Vars returns the variables of a container as the API server sees them, by name.
// Of several entries of one name the last is in force, as in Kubernetes.
func Vars(container *yaml.Node) map[string]Var {
	vars := map[string]Var{}
	for _, e := range yamldoc.Items(yamldoc.Get(container, "env")) {
		if name, ok := nameOf(e); ok {
			vars[name] = readVar(name, e)
		}
	}
	return vars
}

// nameOf returns the name of an entry of env.
func nameOf(entry *yaml.Node) (string, bool) {
	return yamldoc.String(yamldoc.Get(entry, "name"))
}

func readVar(name string, entry *yaml.Node) Var {
	value, from := yamldoc.Get(entry, "value"), yamldoc.Get(entry, "valueFrom")
	switch {
	case yamldoc.IsNull(from) && yamldoc.IsNull(value):
		return Var{Name: name, Origin: Literal} // the empty string
	case yamldoc.IsNull(from):
		if text, ok := yamldoc.String(value); ok {
			return Var{Name: name, Origin: Literal, Value: text}
		}
	case yamldoc.IsNull(value):
		return readSource(name, from)
	}
	return Var{Name: name}
}

func readSource(name string, from *yaml.Node) Var {
	secret, config := yamldoc.Get(from, "secretKeyRef"), yamldoc.Get(from, "configMapKeyRef")
	switch {
	case !yamldoc.IsNull(yamldoc.Get(from, "fieldRef")) || !yamldoc.IsNull(yamldoc.Get(from, "resourceFieldRef")):
	case yamldoc.IsNull(config):
		if ref, ok := readRef(secret); ok {
			return Var{Name: name, Origin: SecretKey, Ref: ref}
		}
	case yamldoc.IsNull(secret):
		if ref, ok := readRef(config); ok {
			return Var{Name: name, Origin: ConfigMapKey, Ref: ref}
		}
	}
	return Var{Name: name}
}

func readRef(n *yaml.Node) (ref auth.SecretRef, ok bool) {
	name, hasName := yamldoc.String(yamldoc.Get(n, "name"))
	key, hasKey := yamldoc.String(yamldoc.Get(n, "key"))
	ref = auth.SecretRef{Name: name, Key: key}
	if optional := yamldoc.Get(n, "optional"); !yamldoc.IsNull(optional) {
		is := optional.Value == "true"
		ref.Optional = &is
	}
	return ref, hasName && hasKey
}
