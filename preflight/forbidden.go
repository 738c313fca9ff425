//go:build cluster

package preflight

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// object names one object in the cluster, or all of a kind in a namespace.
type object struct {
	verb, resource string // as RBAC has them: get, secrets
	kind           string // as messages have it: Secret
	namespace      string // "" where the resource has none, or all are meant
	name           string // "" for a list
}

func (r *run) secretAt(name string) object {
	return object{verb: "get", resource: "secrets", kind: "Secret", namespace: r.opts.Namespace, name: name}
}

func (r *run) configMapAt(name string) object {
	return object{verb: "get", resource: "configmaps", kind: "ConfigMap", namespace: r.opts.Namespace, name: name}
}

// why says what the API server refused.
func (o object) why() string {
	s := fmt.Sprintf("no permission to %s %s", o.verb, o.resource)
	if o.name != "" {
		s += fmt.Sprintf(" %q", o.name)
	}
	if o.namespace != "" {
		return fmt.Sprintf("%s in namespace %q", s, o.namespace)
	}
	if o.name == "" {
		s += " in all namespaces"
	}
	return s
}

// grant says what to do about it.
func (o object) grant() string {
	kind := "Role"
	if o.namespace == "" {
		kind = "ClusterRole"
	}
	return fmt.Sprintf("grant it with a %s (verb %s, resource %s), or run the check as somebody who may", kind, o.verb, o.resource)
}

// outcome sorts the answers of the API server: found is set where there is an
// object; where there is none, or it is refused, that has become a result of the
// check id. Any other error is returned.
func (r *run) outcome(id string, o object, err error) (found bool, _ error) {
	switch {
	case err == nil:
		return true, nil
	case apierrors.IsForbidden(err):
		r.add(id, Skipped, o.why(), o.grant())
		return false, nil
	case apierrors.IsNotFound(err):
		return false, nil
	}
	return false, fmt.Errorf("cannot %s %s in the cluster: %w", o.verb, o.resource, err)
}
