//go:build cluster

package fleet

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
)

// listed is what the typed lists have in common.
type listed[L any] interface {
	*L
	GetContinue() string
}

// newLister makes a lister of a typed client's List.
func newLister[T, L any, P listed[L]](list func(context.Context, metav1.ListOptions) (P, error), items func(P) []T) lister[T] {
	return func(ctx context.Context, opts metav1.ListOptions) ([]T, string, error) {
		l, err := list(ctx, opts)
		if err != nil {
			return nil, "", err
		}
		return items(l), l.GetContinue(), nil
	}
}

func listSecrets(c corev1client.CoreV1Interface, namespace string) lister[corev1.Secret] {
	return newLister(c.Secrets(namespace).List, func(l *corev1.SecretList) []corev1.Secret { return l.Items })
}

func listConfigMaps(c corev1client.CoreV1Interface, namespace string) lister[corev1.ConfigMap] {
	return newLister(c.ConfigMaps(namespace).List, func(l *corev1.ConfigMapList) []corev1.ConfigMap { return l.Items })
}

func listServices(c corev1client.CoreV1Interface) lister[corev1.Service] {
	return newLister(c.Services("").List, func(l *corev1.ServiceList) []corev1.Service { return l.Items })
}

func listNamespaces(c corev1client.CoreV1Interface) lister[corev1.Namespace] {
	return newLister(c.Namespaces().List, func(l *corev1.NamespaceList) []corev1.Namespace { return l.Items })
}
