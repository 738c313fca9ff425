//go:build cluster

package preflight

import (
	"context"
	"errors"
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
	partOfLabel     = "app.kubernetes.io/part-of"
	partOf          = "argocd"
	// PartOfArgoCD selects everything that belongs to Argo CD.
	PartOfArgoCD = partOfLabel + "=" + partOf
)

// argoCD looks for Argo CD's API in the Runtime's own namespace, where the Runtime
// expects it.
func (r *run) argoCD(ctx context.Context) ([]Result, error) {
	switch {
	case r.absent:
		return r.elsewhere(ctx, "the namespace does not exist, and so no Argo CD in it")
	case r.server.svc != "":
		return r.namedService(ctx)
	}
	servers, err := r.servers(ctx, r.opts.Namespace)
	switch {
	case err != nil:
		return nil, err
	case len(servers) == 0:
		return r.elsewhere(ctx, fmt.Sprintf("no Service of Argo CD's API in namespace %q (labels %s: %s, %s: %s)",
			r.opts.Namespace, partOfLabel, partOf, componentLabel, serverComponent))
	}
	return r.served(&servers[0], "")
}

// servers returns the Services of Argo CD's API in a namespace, or in all.
func (r *run) servers(ctx context.Context, namespace string) ([]corev1.Service, error) {
	all, err := r.cluster.ArgoCDServices(ctx, namespace)
	all, err = found(all, err, object{verb: "list", resource: "services", namespace: namespace})
	isOther := func(s corev1.Service) bool { return s.Labels[componentLabel] != serverComponent }
	return slices.DeleteFunc(slices.Clone(all), isOther), err
}

// namedService looks for the Service that the values name.
func (r *run) namedService(ctx context.Context) ([]Result, error) {
	field := r.server.path + ".svc"
	host := r.server.svc
	name, rest, qualified := strings.Cut(host, ".")
	if namespace, _, _ := strings.Cut(rest, "."); qualified && namespace != r.opts.Namespace {
		return result(Failed, fmt.Sprintf("%s is %q, which is not in namespace %q", field, host, r.opts.Namespace),
			"install the Runtime into the namespace of its Argo CD, and name the Service alone")
	}
	if len(validation.IsDNS1123Label(name)) > 0 {
		return r.elsewhere(ctx, fmt.Sprintf("%s is %q, which cannot be the name of a Service", field, host))
	}
	s, err := r.cluster.Service(ctx, r.opts.Namespace, name)
	s, err = found(s, err, object{"get", "services", r.opts.Namespace, name})
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return r.elsewhere(ctx, fmt.Sprintf("no Service %q in namespace %q, which %s names", name, r.opts.Namespace, field))
	}
	return r.served(s, field)
}

// served checks the port and the labels of the Service. field is the value that
// names it, "" where its labels did.
func (r *run) served(s *corev1.Service, field string) ([]Result, error) {
	r.service = s
	what := fmt.Sprintf("Service %q", s.Name)
	var ports []string
	for _, p := range s.Spec.Ports {
		ports = append(ports, strconv.Itoa(int(p.Port)))
	}
	serves := "port " + strings.Join(ports, ", ")
	if len(ports) == 0 {
		serves = "no port"
	}
	setPort := fmt.Sprintf("set %s.port to one that it serves", r.server.path)
	switch {
	case r.server.port == noPort:
		return result(Failed, fmt.Sprintf("%s.port is no number of a port; %s serves %s", r.server.path, what, serves), setPort)
	case r.server.port != 0 && !slices.Contains(ports, strconv.Itoa(r.server.port)):
		return result(Failed, fmt.Sprintf("%s does not serve port %d, which %s.port names; it serves %s", what, r.server.port, r.server.path, serves), setPort)
	case s.Labels[partOfLabel] != partOf || s.Labels[componentLabel] != serverComponent:
		return result(Warning, fmt.Sprintf("%s has not the labels %s: %s and %s: %s, by which the Runtime finds Argo CD", what, partOfLabel, partOf, componentLabel, serverComponent),
			fmt.Sprintf("see whether %s names Argo CD's API, and add the labels to it", field))
	}
	return result(OK, fmt.Sprintf("%s in the same namespace serves %s", what, serves), "")
}

// elsewhere reports that Argo CD is not where it should be, and where it is. That this
// may not be read is no result: the finding stands without.
func (r *run) elsewhere(ctx context.Context, seen string) ([]Result, error) {
	servers, err := r.servers(ctx, "")
	if err != nil && !errors.As(err, new(ended)) {
		return nil, err
	}
	var here, there []string
	for _, s := range servers {
		if s.Namespace == r.opts.Namespace {
			here = append(here, s.Name)
		} else {
			there = append(there, s.Namespace)
		}
	}
	advice := installThere
	switch {
	case len(here) > 0:
		advice = fmt.Sprintf("Argo CD's API here is Service %s: name it in %s.svc", firstOf(here, len(here)), r.server.path)
	case len(there) > 0:
		advice = fmt.Sprintf("Argo CD is in namespace %s: install the Runtime there", firstOf(there, 3))
	}
	return result(Failed, seen, advice)
}

// installThere is the advice where there is no Argo CD.
const installThere = "install the Runtime into the namespace of its Argo CD"
