package scan

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

const (
	daemonSet = "DaemonSet"
	rollout   = "Rollout" // of Argo Rollouts
)

// Service is one service of the Runtime that talks to Argo CD.
type Service auth.Service

// Services returns the services of every generation.
func Services() []Service {
	var all []Service
	for _, s := range auth.Services() {
		all = append(all, Service(s))
	}
	return all
}

// is reports whether an object is the service.
func (s Service) is(o Object) bool {
	return o.Kind == s.Kind && (o.Name == s.Object || o.HasLabels(s.Labels))
}

// ByName reports whether the service reads the Secret that it is told the name and key
// of; app-proxy gets the credential itself.
func (s Service) ByName() bool { return s.Name != auth.AppProxy }

// uses reports whether a container has variables that the service takes the credential from.
func (s Service) uses(vars map[string]envedit.Var) bool {
	if s.ByName() {
		return IsGiven(vars, wiring.TokenSecretName)
	}
	return IsGiven(vars, wiring.Token) || IsGiven(vars, wiring.Password)
}

// IsGiven reports whether a variable is there.
func IsGiven(vars map[string]envedit.Var, name string) bool {
	_, found := vars[name]
	return found
}

// Workload is a container that uses the credential, or may do so. It holds no nodes,
// which a run may give up to save memory.
type Workload struct {
	// Service is the name in the table of what it is or, once the whole stream is known,
	// stands for under another name; OtherService for a container that says by
	// ARGO_CD_TOKEN_SECRET_NAME that it reads the Secret, and "" for one of which only the
	// whole stream tells whether it stands for app-proxy.
	Service string
	Object  Object
	label   string // the object's app.kubernetes.io/name
	Name    string // of the container
	Path    yamldoc.Path
	Vars    map[string]envedit.Var
}

// Workloads returns the containers of an object that use the credential: of a service
// the one that the chart wires, and of any workload those that carry
// ARGO_CD_TOKEN_SECRET_NAME. Init containers are never looked at.
func Workloads(o Object) ([]*Workload, error) {
	containers := yamldoc.GetPath(o.Node, "spec", "template", "spec", "containers")
	path := o.Path.At("spec", "template", "spec", "containers")
	items := yamldoc.Items(containers)
	target, name, err := targetOf(o, items)
	if err != nil {
		return nil, err
	}
	var found []*Workload
	for i, c := range items {
		w := &Workload{Object: o.WithoutNode(), label: o.Label(auth.LabelName), Path: path.At(i), Vars: envedit.Vars(yamldoc.Resolve(c))}
		w.Name, _ = yamldoc.Scalar(yamldoc.Get(c, "name"))
		switch {
		case i == target:
			w.Service = name
		case IsGiven(w.Vars, wiring.TokenSecretName):
			w.Service = OtherService
		case name != "" || !IsGiven(w.Vars, wiring.Token) && !IsGiven(w.Vars, wiring.Password):
			continue
		}
		// Kubernetes would refuse it, and a patch that names a container which the chart
		// does not have makes such a one.
		if image, _ := yamldoc.Scalar(yamldoc.Get(c, "image")); image == "" && w.Service != "" {
			return nil, &Error{Message: fmt.Sprintf("%s: the container %q has no image", o, w.Name), Hint: "a patch may name a container that the chart does not have; name the right one"}
		}
		found = append(found, w)
	}
	return found, nil
}

// targetOf returns the service that an object is and the index of the container which
// the chart wires: the one that it calls so, else the one that has the service's
// variables, else the only one. name is "" and target -1 where it is no service.
func targetOf(o Object, items []*yaml.Node) (target int, name string, err error) {
	all := Services()
	i := slices.IndexFunc(all, func(s Service) bool { return s.is(o) })
	if i < 0 {
		return -1, "", nil
	}
	s := all[i]
	var using []int
	for i, c := range items {
		if name, _ := yamldoc.Scalar(yamldoc.Get(c, "name")); name == s.Container {
			return i, s.Name, nil
		}
		if s.uses(envedit.Vars(yamldoc.Resolve(c))) {
			using = append(using, i)
		}
	}
	switch {
	case len(using) == 1:
		return using[0], s.Name, nil
	case len(items) == 1:
		return 0, s.Name, nil
	case len(items) == 0:
		return -1, "", &Error{Message: fmt.Sprintf("%s has no containers", o)}
	}
	return -1, "", &Error{Message: fmt.Sprintf("%s: cannot tell which container is the service %s: none is called %q, and %d have its variables", o, s.Name, s.Container, len(using))}
}

// StandsFor reports whether a workload that the table does not know may be a service
// under another name: one of the same kind, with the service's variables.
func (s Service) StandsFor(p *Workload) bool {
	return p.Object.Kind == s.Kind && s.uses(p.Vars) && (p.Service == OtherService) == s.ByName()
}

// IsRenamed reports whether more tells that than its variables: the container's name,
// or the label that stays when the chart's own names are overridden.
func (s Service) IsRenamed(p *Workload) bool {
	label := s.Labels[auth.LabelName]
	return s.StandsFor(p) && (p.Name == s.Container || label != "" && p.label == label)
}

// OtherService stands for a container that the table of services does not know, but that
// reads ARGO_CD_TOKEN_SECRET_NAME.
const OtherService = "other"

// Error says why what uses the credential cannot be told.
type Error struct {
	Message string // lower case, quotes nothing but names
	Hint    string // what to do, "" if there is nothing to say
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }
