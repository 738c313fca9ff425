//go:build cluster

package fleet

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What the API server and kubectl keep for themselves is most of an object, and no
// check looks at it. What an object is for stays whole: any key may be asked for.

func trimSecret(s *corev1.Secret) { trimMeta(&s.ObjectMeta) }

func trimConfigMap(c *corev1.ConfigMap) { trimMeta(&c.ObjectMeta) }

func trimService(s *corev1.Service) {
	trimMeta(&s.ObjectMeta)
	s.Annotations, s.Status = nil, corev1.ServiceStatus{}
}

func trimNamespace(n *corev1.Namespace) {
	trimMeta(&n.ObjectMeta)
	n.Labels, n.Annotations = nil, nil
	n.Spec, n.Status.Conditions = corev1.NamespaceSpec{}, nil
}

func trimMeta(m *metav1.ObjectMeta) {
	m.ManagedFields, m.OwnerReferences, m.Finalizers = nil, nil, nil
	delete(m.Annotations, corev1.LastAppliedConfigAnnotation)
}
