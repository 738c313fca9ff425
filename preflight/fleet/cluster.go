//go:build cluster

package fleet

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/preflight/page"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
	"github.com/helm-runtime-auth/runtime-auth/preflight/settings"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// cluster is a preflight.Cluster that reads across namespaces. It may not be used by
// several goroutines.
type cluster struct {
	secrets, configMaps, services *store
	argoCD, namespaces            whole
	one                           preflight.Reader
	pods                          cursor
	podLists                      int // of one namespace
}

func newCluster(c corev1client.CoreV1Interface) *cluster {
	one := preflight.NewReader(c)
	services := page.Listing(c.Services("").List)
	return &cluster{
		secrets: newStore("secrets", page.Listing(c.Secrets("").List), one.Secret, consumer.NotReleases,
			preflight.ArgoCDSecret, settings.TLSSecret, auth.AppProxySecretName, auth.TokenSecretName, auth.PasswordSecretName, auth.DefaultPasswordRef().Name),
		configMaps: newStore("configmaps", page.Listing(c.ConfigMaps("").List), one.ConfigMap, "", preflight.ArgoCDConfigMap, endpoint.Parameters, rbac.ConfigMap),
		services:   newStore("services", services, one.Service, ""),
		argoCD:     whole{pager: page.New(services, endpoint.PartOfArgoCD, "")},
		namespaces: whole{pager: page.New(page.Listing(c.Namespaces().List), "", "")},
		one:        one, pods: cursor{pager: consumer.Clients{Core: c}.Pager(consumer.Pods, "")},
	}
}

// as gives an object of a store its type back.
func as[T page.Object](o page.Object, err error) (T, error) {
	typed, _ := o.(T)
	return typed, err
}

// Secret implements preflight.Cluster.
func (c *cluster) Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return as[*corev1.Secret](c.secrets.find(ctx, namespace, name))
}

// ConfigMap implements preflight.Cluster.
func (c *cluster) ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error) {
	return as[*corev1.ConfigMap](c.configMaps.find(ctx, namespace, name))
}

// Service implements preflight.Cluster.
func (c *cluster) Service(ctx context.Context, namespace, name string) (*corev1.Service, error) {
	return as[*corev1.Service](c.services.find(ctx, namespace, name))
}

// Namespace implements preflight.Cluster.
func (c *cluster) Namespace(ctx context.Context, name string) (*corev1.Namespace, error) {
	all, err := c.namespaces.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.GetName() == name {
			return as[*corev1.Namespace](o, nil)
		}
	}
	return nil, apierrors.NewNotFound(corev1.Resource("namespaces"), name)
}

// ArgoCDServices implements preflight.Cluster.
func (c *cluster) ArgoCDServices(ctx context.Context, namespace string) (found []corev1.Service, _ error) {
	all, err := c.argoCD.read(ctx)
	for _, o := range all {
		if s, ok := o.(*corev1.Service); ok && (namespace == "" || s.Namespace == namespace) {
			found = append(found, *s)
		}
	}
	return found, err
}

// Pods implements preflight.Cluster. A few Runtimes are not worth reading through all pods
// of a large cluster.
func (c *cluster) Pods(ctx context.Context, namespace string) (pods []*corev1.Pod, _ error) {
	if c.podLists < maxNames {
		c.podLists++
		return c.one.Pods(ctx, namespace)
	}
	if err := c.pods.move(ctx, namespace); err != nil {
		return nil, err
	}
	for _, o := range c.pods.here {
		pods = append(pods, o.(*corev1.Pod))
	}
	return pods, nil
}
