//go:build cluster

// Package reach connects to the pods behind a Service through the API server of their
// cluster, as kubectl port-forward does, but without a port on this machine that others
// could use too. It takes these rights in the namespace: get services, list pods and
// create pods/portforward.
package reach

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
)

// Forward reaches the Services of one namespace.
type Forward struct {
	Config    *rest.Config
	Core      corev1client.CoreV1Interface // of the same cluster
	Namespace string
	// Timeout is how long a connection may take to be opened.
	Timeout time.Duration
}

// Service returns the Service of Argo CD's API in the namespace. The error, an
// *argocd.DialError, says why there is none, or that there are several.
func (f Forward) Service(ctx context.Context) (*corev1.Service, error) {
	all, err := f.Core.Services(f.Namespace).List(ctx, metav1.ListOptions{LabelSelector: endpoint.ServerSelector})
	if err != nil {
		return nil, f.refused(ctx, err, "list", "services")
	}
	var names []string
	for _, s := range all.Items {
		names = append(names, strconv.Quote(s.Name))
	}
	switch len(names) {
	case 0:
		return nil, failed("name the namespace of Argo CD with -n, or the Service with --argo-cd-url http://SERVICE",
			"no Service with the labels %s in namespace %q", endpoint.ServerSelector, f.Namespace)
	case 1:
		return &all.Items[0], nil
	}
	return nil, failed("name one with --argo-cd-url http://SERVICE", "several Argo CD servers in namespace %q: Services %s", f.Namespace, strings.Join(names, ", "))
}

// URL returns the address of Argo CD's API behind its Service, for Dial: by https where a
// call without a credential is redirected there. o is how it is called; its URL and Dial do
// not count. The error is an *argocd.DialError, or one of a call.
func (f Forward) URL(ctx context.Context, o argocd.Options) (string, error) {
	s, err := f.Service(ctx)
	if err != nil {
		return "", err
	}
	o.Dial, o.URL = f.Dial, address(s, "http", 80)
	api, err := argocd.New(o)
	if err != nil {
		return "", err
	}
	_, err = api.Version(ctx)
	if answer, ok := errors.AsType[*argocd.Error](err); ok && answer.WantsTLS {
		return address(s, "https", 443), nil
	}
	return o.URL, err
}

// address is that of a Service: at the usual port of a scheme, or at the first that it serves.
func address(s *corev1.Service, scheme string, usual int32) string {
	is := func(p corev1.ServicePort) bool { return p.Port == usual }
	if len(s.Spec.Ports) == 0 || slices.ContainsFunc(s.Spec.Ports, is) {
		return scheme + "://" + s.Name
	}
	return fmt.Sprintf("%s://%s:%d", scheme, s.Name, s.Spec.Ports[0].Port)
}

// Dial connects to a ready pod behind the Service that an address names: SERVICE:PORT,
// where ".NAMESPACE" and more of the name inside the cluster may follow SERVICE. It is for
// argocd.Options, and its errors are *argocd.DialError, or that of the context.
func (f Forward) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.Timeout, f.tooLate())
	defer cancel()
	host, port, err := net.SplitHostPort(address)
	name, rest, _ := strings.Cut(host, ".")
	namespace, _, _ := strings.Cut(rest, ".")
	if err != nil || len(validation.IsDNS1123Label(name)) > 0 || cmp.Or(namespace, f.Namespace) != f.Namespace {
		return nil, failed("with --port-forward the address names a Service: http://SERVICE[:PORT][/PATH]", "%q is not a Service in namespace %q", host, f.Namespace)
	}
	s, err := f.Core.Services(f.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, failed("name the namespace of Argo CD with -n", "no Service %q in namespace %q", name, f.Namespace)
	}
	if err != nil {
		return nil, f.refused(ctx, err, "get", "services")
	}
	served, err := portOf(s, port)
	if err != nil {
		return nil, err
	}
	pod, err := f.ready(ctx, s)
	if err != nil {
		return nil, err
	}
	number, err := target(pod, served)
	if err != nil {
		return nil, err
	}
	c, err := f.open(ctx, pod.Name, number)
	if err != nil && !errors.As(err, new(*argocd.DialError)) {
		err = f.refused(ctx, err, "create", "pods/portforward")
	}
	return c, err
}

// portOf returns the port of a Service with a number.
func portOf(s *corev1.Service, port string) (corev1.ServicePort, error) {
	var served []string
	for _, p := range s.Spec.Ports {
		if number := strconv.Itoa(int(p.Port)); number != port {
			served = append(served, number)
			continue
		}
		return p, nil
	}
	return corev1.ServicePort{}, failed("name one that it serves in the address: http://"+s.Name+":PORT",
		"Service %q does not serve port %s; it serves %s", s.Name, port, cmp.Or(strings.Join(served, ", "), "none"))
}

// ready returns a pod behind a Service, the first by name of those that are ready.
func (f Forward) ready(ctx context.Context, s *corev1.Service) (*corev1.Pod, error) {
	if len(s.Spec.Selector) == 0 { // and all pods of the namespace would match it
		return nil, failed("name another Service, or give an address that can be reached from here without --port-forward", "Service %q selects no pods", s.Name)
	}
	selector := labels.SelectorFromSet(s.Spec.Selector).String()
	pods, err := f.Core.Pods(f.Namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, f.refused(ctx, err, "list", "pods")
	}
	is := slices.DeleteFunc(slices.Clone(pods.Items), func(p corev1.Pod) bool {
		return p.DeletionTimestamp != nil || !slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
	})
	if len(is) == 0 {
		return nil, failed("see why: "+shell.Kubectl(f.Namespace, "get", "pods", "-l", selector),
			"none of the %d pods behind Service %q is ready", len(pods.Items), s.Name)
	}
	first := slices.MinFunc(is, func(a, b corev1.Pod) int { return cmp.Compare(a.Name, b.Name) })
	return &first, nil
}

// target returns the number of the pod's port to which a Service sends.
func target(pod *corev1.Pod, served corev1.ServicePort) (int, error) {
	name := served.TargetPort.StrVal
	if name == "" {
		return cmp.Or(served.TargetPort.IntValue(), int(served.Port)), nil
	}
	for _, c := range slices.Concat(pod.Spec.Containers, pod.Spec.InitContainers) { // sidecars are among the latter
		for _, p := range c.Ports {
			if p.Name == name {
				return int(p.ContainerPort), nil
			}
		}
	}
	return 0, failed("see the ports of its containers", "pod %q has no port named %q, to which port %d of the Service leads", pod.Name, name, served.Port)
}

// refused explains what the API server does not do; the end of a context stays what it is.
func (f Forward) refused(ctx context.Context, err error, verb, resource string) error {
	late, isNet := errors.AsType[net.Error](err)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case isNet && late.Timeout(): // a deadline that is that of the context
		return f.tooLate()
	case apierrors.IsForbidden(err):
		return failed(fmt.Sprintf("grant it with a Role (verb %s, resource %s), or leave out --port-forward", verb, resource),
			"no permission to %s %s in namespace %q", verb, resource, f.Namespace)
	case apierrors.IsUnauthorized(err):
		return failed("log in to the cluster again", "the cluster does not know who you are")
	}
	return failed("see whether the API server and the node of the pod can be reached", "cannot %s %s in namespace %q: %s", verb, resource, f.Namespace, argocd.Shown(argocd.Plain(err)))
}

func (f Forward) tooLate() error {
	return failed("see whether the API server answers, or allow it more time with --timeout", "no connection to a pod within %s", f.Timeout)
}

// failed makes an error.
func failed(hint, format string, args ...any) error {
	return &argocd.DialError{Reason: fmt.Sprintf(format, args...), Hint: hint}
}
