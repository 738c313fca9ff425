//go:build cluster

package preflight

import (
	"context"

	corev1 "k8s.io/api/core/v1"
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
}
