//go:build cluster

package cluster

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// reader is the cluster as one run of the checks sees it: every object is read at
// most once, so that all checks speak of the same.
type reader struct {
	core corev1client.CoreV1Interface
	seen map[string]answer
}

// answer is what a call gave.
type answer struct {
	object any
	err    error
}

func newReader(core corev1client.CoreV1Interface) *reader {
	return &reader{core: core, seen: map[string]answer{}}
}

// once makes a call, or repeats its answer.
func once[T any](r *reader, key string, call func() (T, error)) (T, error) {
	if a, ok := r.seen[key]; ok {
		return a.object.(T), a.err
	}
	object, err := call()
	r.seen[key] = answer{object, err}
	return object, err
}

// Namespace implements preflight.Cluster.
func (r *reader) Namespace(ctx context.Context, name string) (*corev1.Namespace, error) {
	return once(r, "namespace/"+name, func() (*corev1.Namespace, error) {
		return r.core.Namespaces().Get(ctx, name, metav1.GetOptions{})
	})
}

// Secret implements preflight.Cluster.
func (r *reader) Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return once(r, "secret/"+namespace+"/"+name, func() (*corev1.Secret, error) {
		return r.core.Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	})
}

// ConfigMap implements preflight.Cluster.
func (r *reader) ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error) {
	return once(r, "configmap/"+namespace+"/"+name, func() (*corev1.ConfigMap, error) {
		return r.core.ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	})
}

// Service implements preflight.Cluster.
func (r *reader) Service(ctx context.Context, namespace, name string) (*corev1.Service, error) {
	return once(r, "service/"+namespace+"/"+name, func() (*corev1.Service, error) {
		return r.core.Services(namespace).Get(ctx, name, metav1.GetOptions{})
	})
}

// pageSize is how many objects are asked for at a time.
const pageSize = 500

// ArgoCDServices implements preflight.Cluster.
func (r *reader) ArgoCDServices(ctx context.Context, namespace string) ([]corev1.Service, error) {
	return once(r, "services/"+namespace, func() (all []corev1.Service, _ error) {
		opts := metav1.ListOptions{LabelSelector: preflight.PartOfLabel + "=" + preflight.PartOf, Limit: pageSize}
		for {
			page, err := r.core.Services(namespace).List(ctx, opts)
			if err != nil {
				return nil, err
			}
			all = append(all, page.Items...)
			if opts.Continue = page.Continue; opts.Continue == "" {
				return all, nil
			}
		}
	})
}
