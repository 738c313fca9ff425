//go:build cluster

package endpoint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
)

// The labels by which the Runtime finds Argo CD (gitops-runtime 0.18 to 0.30), and
// which Argo CD's own manifests and chart set.
const (
	componentLabel  = "app.kubernetes.io/component"
	serverComponent = "server"
	// PartOfLabel is PartOf on everything that belongs to Argo CD.
	PartOfLabel = "app.kubernetes.io/part-of"
	PartOf      = "argocd"
	// PartOfArgoCD selects it.
	PartOfArgoCD = PartOfLabel + "=" + PartOf
	// ServerSelector selects the Service of its API.
	ServerSelector = PartOfArgoCD + "," + componentLabel + "=" + serverComponent
)

// Parameters is the ConfigMap with the parameters of Argo CD's components, which they read
// when they start.
const Parameters = "argocd-cmd-params-cm"

const rootPathParameter = "server.rootpath"

func failed(advice, format string, args ...any) *verdict.Result {
	return &verdict.Result{Status: verdict.Failed, Seen: fmt.Sprintf(format, args...), Advice: advice}
}

func warning(advice, format string, args ...any) *verdict.Result {
	return &verdict.Result{Status: verdict.Warning, Seen: fmt.Sprintf(format, args...), Advice: advice}
}

// Unusable says why the values lead to no address, or none in the namespace; nil if they
// lead to one.
func (s Server) Unusable(namespace string) *verdict.Result {
	name, other := s.Name()
	switch {
	case len(s.Missing) > 0:
		return failed("set it to that of Argo CD's API, or leave it out", "%s.%s is empty, and the chart does not render without it", s.Path, s.Missing[0])
	case other != "" && other != namespace:
		return failed("install the Runtime into the namespace of its Argo CD, and name the Service alone", "%s.svc is %q, which is not in namespace %q", s.Path, s.Service, namespace)
	case len(validation.IsDNS1123Label(name)) > 0:
		return failed("name the Service alone, without a scheme, port or path", "%s.svc is %q, which cannot be the name of a Service", s.Path, s.Service)
	case s.RootPath != "" && s.RootPath[0] != '/':
		return failed(fmt.Sprintf("set it to %q", "/"+s.RootPath), "%s.rootpath is %q, without a slash at its beginning: the Runtime would call %s", s.Path, s.RootPath, s.URL())
	}
	return nil
}

// Source says which value names the Service.
func (s Server) Source() string {
	if s.Named {
		return fmt.Sprintf("which %s.svc names", s.Path)
	}
	return fmt.Sprintf("the chart's default for %s.svc", s.Path)
}

// Served checks the port and the labels of the Service.
func (s Server) Served(service *corev1.Service) *verdict.Result {
	what := fmt.Sprintf("Service %q", service.Name)
	var ports []string
	for _, p := range service.Spec.Ports {
		ports = append(ports, strconv.Itoa(int(p.Port)))
	}
	serves := "port " + strings.Join(ports, ", ")
	if len(ports) == 0 {
		serves = "no port"
	}
	setPort := fmt.Sprintf("set %s.port to one that it serves", s.Path)
	switch {
	case s.Port == NoPort:
		return failed(setPort, "%s.port is not a valid port; %s serves %s", s.Path, what, serves)
	case !slices.Contains(ports, strconv.Itoa(s.Port)) && service.Spec.Type != corev1.ServiceTypeExternalName:
		return failed(setPort, "%s does not serve port %d, which the Runtime calls; it serves %s", what, s.Port, serves)
	case service.Labels[PartOfLabel] != PartOf || !IsServer(*service):
		return warning(fmt.Sprintf("see whether %s.svc names Argo CD's API, and add the labels to it", s.Path),
			"%s lacks the labels %s: %s and %s: %s, by which the Runtime finds Argo CD", what, PartOfLabel, PartOf, componentLabel, serverComponent)
	}
	return &verdict.Result{Status: verdict.OK, Seen: fmt.Sprintf("%s in the same namespace serves %s; the Runtime calls %s", what, serves, s.URL())}
}

// ServerLabels are those of the Service of Argo CD's API.
func ServerLabels() map[string]string {
	return map[string]string{PartOfLabel: PartOf, componentLabel: serverComponent}
}

// IsServer reports whether a Service that belongs to Argo CD is that of its API.
func IsServer(s corev1.Service) bool { return s.Labels[componentLabel] == serverComponent }

// Several warns where the values name none of several servers; else it is nil.
func (s Server) Several(servers []corev1.Service) *verdict.Result {
	if s.Named || len(servers) < 2 {
		return nil
	}
	return warning(fmt.Sprintf("set %s.svc to the one that the Runtime should use", s.Path),
		"several Services of Argo CD's API: %s; the Runtime calls %q, %s", names(servers), s.Service, s.Source())
}

// Root compares the root path with that of Argo CD's parameters; nil if they agree. Either
// may be wrong, because argocd-server takes one as an argument too.
func (s Server) Root(parameters map[string]string) *verdict.Result {
	if SameRoot(parameters[rootPathParameter], s.RootPath) {
		return nil
	}
	return warning(fmt.Sprintf("set %s.rootpath to the path below which Argo CD is served", s.Path),
		"%s in ConfigMap %q is %q, and %s.rootpath is %q: the Runtime calls %s", rootPathParameter, Parameters, parameters[rootPathParameter], s.Path, s.RootPath, s.URL())
}

// Choose says which value has to name one of the servers in the Runtime's namespace.
func (s Server) Choose(servers []corev1.Service) string {
	if len(servers) > 1 {
		return fmt.Sprintf("name the right one of Argo CD's Services here in %s.svc: %s", s.Path, names(servers))
	}
	return fmt.Sprintf("Argo CD's API here is Service %s: name it in %s.svc", names(servers), s.Path)
}

// names lists the names of Services.
func names(services []corev1.Service) string {
	var all []string
	for _, s := range services {
		all = append(all, strconv.Quote(s.Name))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
