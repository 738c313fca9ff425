//go:build cluster

package preflight

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
)

// Cluster is what the checks read of a cluster. Errors are those of the API server
// (k8s.io/apimachinery/pkg/api/errors); any other error ends the run, because then
// nothing can be said. What is returned is not changed.
type Cluster interface {
	Namespace(ctx context.Context, name string) (*corev1.Namespace, error)
	Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error)
	ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error)
	Service(ctx context.Context, namespace, name string) (*corev1.Service, error)
	// ArgoCDServices returns the Services with the label app.kubernetes.io/part-of:
	// argocd in one namespace, or in all where it is "".
	ArgoCDServices(ctx context.Context, namespace string) ([]corev1.Service, error)
	// Pods returns those of a namespace that have not ended.
	Pods(ctx context.Context, namespace string) ([]*corev1.Pod, error)
}

// Reader is a Cluster that is asked for one object at a time, as far as that goes.
type Reader struct{ core corev1client.CoreV1Interface }

// NewReader returns a Reader that asks through a client.
func NewReader(core corev1client.CoreV1Interface) Reader { return Reader{core} }

// Namespace implements Cluster.
func (r Reader) Namespace(ctx context.Context, name string) (*corev1.Namespace, error) {
	return r.core.Namespaces().Get(ctx, name, metav1.GetOptions{})
}

// Secret implements Cluster.
func (r Reader) Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return r.core.Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
}

// ConfigMap implements Cluster.
func (r Reader) ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error) {
	return r.core.ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
}

// Service implements Cluster.
func (r Reader) Service(ctx context.Context, namespace, name string) (*corev1.Service, error) {
	return r.core.Services(namespace).Get(ctx, name, metav1.GetOptions{})
}

// ArgoCDServices implements Cluster.
func (r Reader) ArgoCDServices(ctx context.Context, namespace string) ([]corev1.Service, error) {
	all, err := r.core.Services(namespace).List(ctx, metav1.ListOptions{LabelSelector: endpoint.PartOfArgoCD})
	if err != nil {
		return nil, err
	}
	return all.Items, nil
}

// Pods implements Cluster.
func (r Reader) Pods(ctx context.Context, namespace string) (pods []*corev1.Pod, _ error) {
	for o, err := range (consumer.Clients{Core: r.core}).List(ctx, consumer.Pods, namespace) {
		if err != nil {
			return nil, err
		}
		pods = append(pods, o.(*corev1.Pod))
	}
	return pods, nil
}

// found sorts the answers of the API server about an object: got, nothing where there is
// none, or an error, which is an ended where RBAC does not allow to look.
func found[T any](got T, err error, o object) (T, error) {
	var nothing T
	switch {
	case apierrors.IsForbidden(err):
		return nothing, ended{o.refused()}
	case apierrors.IsNotFound(err):
		return nothing, nil
	case err != nil:
		return nothing, fmt.Errorf("cannot %s %s in the cluster: %w", o.verb, o.resource, err)
	}
	return got, nil
}

// secret reads a Secret beside the Runtime, nil where there is none. Each is read once,
// so that all checks speak of the same.
func (r *run) secret(ctx context.Context, name string) (*corev1.Secret, error) {
	if s, ok := r.secretsRead[name]; ok {
		return s, nil
	}
	s, err := r.cluster.Secret(ctx, r.opts.Namespace, name)
	s, err = found(s, err, object{"get", "secrets", r.opts.Namespace, name})
	if err == nil {
		r.secretsRead[name] = s
	}
	return s, err
}

// object names an object of the cluster, or all of a kind, and what is done with it.
type object struct {
	verb, resource string // as RBAC has them: get, secrets
	namespace      string // "" where the resource has none, or all are meant
	name           string // "" for a list
}

// refused is the result where RBAC does not allow to look.
func (o object) refused() Result {
	what, role := o.verb+" "+o.resource, "ClusterRole"
	if o.name != "" {
		what += fmt.Sprintf(" %q", o.name)
	}
	if o.namespace != "" {
		what, role = fmt.Sprintf("%s in namespace %q", what, o.namespace), "Role"
	}
	return Result{Status: Skipped, Seen: "no permission to " + what,
		Advice: fmt.Sprintf("grant it with a %s (verb %s, resource %s), or run the check as somebody who may", role, o.verb, o.resource)}
}
