//go:build cluster

package fleet

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// notReleases leaves out the records of Helm, which are most of what Secrets hold.
const notReleases = "type!=helm.sh/release.v1"

// cluster is a preflight.Cluster that reads across namespaces. It may not be used by
// several goroutines.
type cluster struct {
	secrets    store[corev1.Secret, *corev1.Secret]
	configMaps store[corev1.ConfigMap, *corev1.ConfigMap]
	services   store[corev1.Service, *corev1.Service]
	// argoCD and namespaces are small, and needed in any order.
	argoCD     index[corev1.Service, *corev1.Service]
	namespaces index[corev1.Namespace, *corev1.Namespace]
}

func newCluster(c corev1client.CoreV1Interface) *cluster {
	return &cluster{
		secrets: store[corev1.Secret, *corev1.Secret]{
			resource: "secrets", list: listSecrets(c, ""), trim: trimSecret, all: notReleases,
			get: func(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
				return c.Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
			},
			common: []string{preflight.ArgoCDSecret, schema.AppProxySecretName, schema.TokenSecretName,
				schema.PasswordSecretName, schema.DefaultPasswordRef().Name},
		},
		configMaps: store[corev1.ConfigMap, *corev1.ConfigMap]{
			resource: "configmaps", list: listConfigMaps(c, ""), trim: trimConfigMap, common: []string{preflight.ArgoCDConfigMap},
			get: func(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error) {
				return c.ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
			},
		},
		services: store[corev1.Service, *corev1.Service]{
			resource: "services", list: listServices(c), trim: trimService,
			get: func(ctx context.Context, namespace, name string) (*corev1.Service, error) {
				return c.Services(namespace).Get(ctx, name, metav1.GetOptions{})
			},
		},
		argoCD: index[corev1.Service, *corev1.Service]{
			pager: newPager(listServices(c), preflight.PartOfLabel+"="+preflight.PartOf, "", trimService), by: (*corev1.Service).GetNamespace,
		},
		namespaces: index[corev1.Namespace, *corev1.Namespace]{
			pager: newPager(listNamespaces(c), "", "", trimNamespace), by: (*corev1.Namespace).GetName,
		},
	}
}

func (c *cluster) Namespace(ctx context.Context, name string) (*corev1.Namespace, error) {
	found, err := c.namespaces.find(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, apierrors.NewNotFound(corev1.Resource("namespaces"), name)
	}
	return &found[0], nil
}

func (c *cluster) Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return c.secrets.find(ctx, namespace, name)
}

func (c *cluster) ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error) {
	return c.configMaps.find(ctx, namespace, name)
}

func (c *cluster) Service(ctx context.Context, namespace, name string) (*corev1.Service, error) {
	return c.services.find(ctx, namespace, name)
}

func (c *cluster) ArgoCDServices(ctx context.Context, namespace string) ([]corev1.Service, error) {
	if namespace == "" {
		return c.argoCD.read(ctx)
	}
	return c.argoCD.find(ctx, namespace)
}
