//go:build cluster

package preflight

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// The labels by which the Runtime finds Argo CD (gitops-runtime 0.18 to 0.30), and
// which Argo CD's own manifests and chart set.
const (
	componentLabel  = "app.kubernetes.io/component"
	serverComponent = "server"
	// PartOfLabel with the value PartOf marks everything that belongs to Argo CD.
	PartOfLabel = "app.kubernetes.io/part-of"
	PartOf      = "argocd"
)

// argoCD looks for Argo CD's API in the Runtime's own namespace, where the Runtime
// expects it.
func (r *run) argoCD() error {
	switch {
	case r.bundled:
		r.skip(CheckArgoCD, "argo-cd.enabled is true: the chart brings an Argo CD of its own")
		return nil
	case r.absent:
		return r.elsewhere("the namespace does not exist, and so no Argo CD in it")
	}
	if r.server.svc != "" {
		return r.namedService()
	}
	servers, ok, err := r.servers(r.opts.Namespace)
	switch {
	case err != nil || !ok:
		return err
	case len(servers) == 0:
		return r.elsewhere(fmt.Sprintf("no Service of Argo CD's API in namespace %q (labels %s: %s, %s: %s)",
			r.opts.Namespace, PartOfLabel, PartOf, componentLabel, serverComponent))
	}
	r.served(&servers[0], "")
	return nil
}

// servers returns the Services of Argo CD's API in a namespace, or in all; ok is
// false where that has ended in a result.
func (r *run) servers(namespace string) (found []corev1.Service, ok bool, _ error) {
	all, err := r.cluster.ArgoCDServices(r.ctx, namespace)
	o := object{verb: "list", resource: "services", kind: "Service", namespace: namespace}
	if ok, err = r.outcome(CheckArgoCD, o, err); err != nil || !ok {
		return nil, false, err
	}
	for _, s := range all {
		if s.Labels[componentLabel] == serverComponent {
			found = append(found, s)
		}
	}
	return found, true, nil
}

// namedService looks for the Service that the values name.
func (r *run) namedService() error {
	field := r.server.path + ".svc"
	host := r.server.svc
	name, rest, qualified := strings.Cut(host, ".")
	if namespace, _, _ := strings.Cut(rest, "."); qualified && namespace != r.opts.Namespace {
		r.add(CheckArgoCD, Failed, fmt.Sprintf("%s is %q, which is not in namespace %q", field, host, r.opts.Namespace),
			"install the Runtime into the namespace of its Argo CD, and name the Service alone")
		return nil
	}
	if len(validation.IsDNS1123Label(name)) > 0 {
		return r.elsewhere(fmt.Sprintf("%s is %q, which cannot be the name of a Service", field, host))
	}
	s, err := r.cluster.Service(r.ctx, r.opts.Namespace, name)
	before := len(r.results)
	o := object{verb: "get", resource: "services", kind: "Service", namespace: r.opts.Namespace, name: name}
	found, err := r.outcome(CheckArgoCD, o, err)
	switch {
	case err != nil || len(r.results) > before:
		return err
	case !found:
		return r.elsewhere(fmt.Sprintf("no Service %q in namespace %q, which %s names", name, r.opts.Namespace, field))
	}
	r.served(s, field)
	return nil
}

// served checks the port and the labels of the Service. field is the value that
// names it, "" where its labels did.
func (r *run) served(s *corev1.Service, field string) {
	r.service = s
	what := fmt.Sprintf("Service %q", s.Name)
	switch {
	case r.server.port == noPort:
		r.add(CheckArgoCD, Failed, fmt.Sprintf("%s.port is no number of a port; %s serves %s", r.server.path, what, portsOf(s)),
			fmt.Sprintf("set %s.port to one that it serves", r.server.path))
	case r.server.port != 0 && !serves(s, r.server.port):
		r.add(CheckArgoCD, Failed, fmt.Sprintf("%s does not serve port %d, which %s.port names; it serves %s", what, r.server.port, r.server.path, portsOf(s)),
			fmt.Sprintf("set %s.port to one that it serves", r.server.path))
	case s.Labels[PartOfLabel] != PartOf || s.Labels[componentLabel] != serverComponent:
		r.add(CheckArgoCD, Warning, fmt.Sprintf("%s has not the labels %s: %s and %s: %s, by which the Runtime finds Argo CD", what, PartOfLabel, PartOf, componentLabel, serverComponent),
			fmt.Sprintf("see whether %s names Argo CD's API, and add the labels to it", field))
	default:
		r.add(CheckArgoCD, OK, fmt.Sprintf("%s in the same namespace serves %s", what, portsOf(s)), "")
	}
}

func serves(s *corev1.Service, port int) bool {
	return slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return int(p.Port) == port })
}

func portsOf(s *corev1.Service) string {
	var ports []string
	for _, p := range s.Spec.Ports {
		ports = append(ports, strconv.Itoa(int(p.Port)))
	}
	if len(ports) == 0 {
		return "no port"
	}
	return "port " + strings.Join(ports, ", ")
}

// elsewhere reports that Argo CD is not where it should be, and where it is.
func (r *run) elsewhere(seen string) error {
	advice := "install the Runtime into the namespace of its Argo CD"
	all, err := r.cluster.ArgoCDServices(r.ctx, "")
	quiet := &run{} // that this may not be read is no result: the finding stands without
	o := object{verb: "list", resource: "services", kind: "Service"}
	if _, err = quiet.outcome(CheckArgoCD, o, err); err != nil {
		return err
	}
	var here, there []string
	for _, s := range all {
		switch {
		case s.Labels[componentLabel] != serverComponent:
		case s.Namespace == r.opts.Namespace:
			here = append(here, fmt.Sprintf("%q", s.Name))
		default:
			there = append(there, fmt.Sprintf("%q", s.Namespace))
		}
	}
	switch {
	case len(here) > 0:
		advice = fmt.Sprintf("Argo CD's API here is Service %s: name it in %s.svc", strings.Join(here, ", "), r.server.path)
	case len(there) > 0:
		slices.Sort(there)
		there = slices.Compact(there)
		advice = fmt.Sprintf("Argo CD is in namespace %s: install the Runtime there", firstOf(there, 3))
	}
	r.add(CheckArgoCD, Failed, seen, advice)
	return nil
}

// firstOf lists the first of several names.
func firstOf(names []string, most int) string {
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
