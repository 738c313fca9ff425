package render

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

const (
	daemonSet = "DaemonSet"
	rollout   = "Rollout" // of Argo Rollouts
)

// Services returns the names of the services that may be allowed to be missing.
func Services() []string {
	var names []string
	for _, s := range services() {
		names = append(names, s.Name)
	}
	return names
}

// service is one service of the Runtime that talks to Argo CD.
type service auth.Service

func services() []service {
	var all []service
	for _, s := range auth.Services() {
		all = append(all, service(s))
	}
	return all
}

// is reports whether an object is the service.
func (s service) is(o object) bool {
	return o.kind == s.Kind && (o.name == s.Object || o.hasLabels(s.Labels))
}

// byName reports whether the service reads the Secret that it is told the name and key
// of; app-proxy gets the credential itself.
func (s service) byName() bool { return s.Name != auth.AppProxy }

// uses reports whether a container has variables that the service takes the credential from.
func (s service) uses(vars map[string]envedit.Var) bool {
	if s.byName() {
		return isGiven(vars, envTokenSecretName)
	}
	return isGiven(vars, envToken) || isGiven(vars, envPassword)
}

func isGiven(vars map[string]envedit.Var, name string) bool {
	_, found := vars[name]
	return found
}

// workload is a container that uses the credential, or may do so. It holds no nodes,
// which a run may give up to save memory.
type workload struct {
	// service is the name in the table of what it is or, once the whole stream is known,
	// stands for under another name; OtherService for a container that says by
	// ARGO_CD_TOKEN_SECRET_NAME that it reads the Secret, and "" for one of which only the
	// whole stream tells whether it stands for app-proxy.
	service string
	object  object
	label   string // the object's app.kubernetes.io/name
	name    string // of the container
	path    yamldoc.Path
	vars    map[string]envedit.Var
}

// workloads returns the containers of an object that use the credential: of a service
// the one that the chart wires, and of any workload those that carry
// ARGO_CD_TOKEN_SECRET_NAME. Init containers are never looked at.
func workloads(o object) ([]*workload, error) {
	containers := yamldoc.GetPath(o.node, "spec", "template", "spec", "containers")
	path := o.path.At("spec", "template", "spec", "containers")
	items := yamldoc.Items(containers)
	target, name, err := targetOf(o, items)
	if err != nil {
		return nil, err
	}
	var found []*workload
	for i, c := range items {
		w := &workload{object: o.withoutNode(), label: o.label(auth.LabelName), path: path.At(i), vars: envedit.Vars(yamldoc.Resolve(c))}
		w.name, _ = yamldoc.Scalar(yamldoc.Get(c, "name"))
		switch {
		case i == target:
			w.service = name
		case isGiven(w.vars, envTokenSecretName):
			w.service = OtherService
		case name != "" || !isGiven(w.vars, envToken) && !isGiven(w.vars, envPassword):
			continue
		}
		// Kubernetes would refuse it, and a patch that names a container which the chart
		// does not have makes such a one.
		if image, _ := yamldoc.Scalar(yamldoc.Get(c, "image")); image == "" && w.service != "" {
			return nil, streamErrorf("%s: the container %q has no image", o, w.name).
				hint("a patch may name a container that the chart does not have; name the right one")
		}
		found = append(found, w)
	}
	return found, nil
}

// targetOf returns the service that an object is and the index of the container which
// the chart wires: the one that it calls so, else the one that has the service's
// variables, else the only one. name is "" and target -1 where it is no service.
func targetOf(o object, items []*yaml.Node) (target int, name string, err error) {
	all := services()
	i := slices.IndexFunc(all, func(s service) bool { return s.is(o) })
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
		return -1, "", streamErrorf("%s has no containers", o)
	}
	return -1, "", streamErrorf("%s: cannot tell which container is the service %s: none is called %q, and %d have its variables", o, s.Name, s.Container, len(using))
}

// standsFor reports whether a workload that the table does not know may be a service
// under another name: one of the same kind, with the service's variables.
func (s service) standsFor(p *workload) bool {
	return p.object.kind == s.Kind && s.uses(p.vars) && (p.service == OtherService) == s.byName()
}

// isRenamed reports whether more tells that than its variables: the container's name,
// or the label that stays when the chart's own names are overridden.
func (s service) isRenamed(p *workload) bool {
	label := s.Labels[auth.LabelName]
	return s.standsFor(p) && (p.name == s.Container || label != "" && p.label == label)
}
