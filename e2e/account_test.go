//go:build e2e

package e2e

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestRights holds that the API server really refuses what a service account may
// not do: other tests build on that.
func TestRights(t *testing.T) {
	c := newCluster(t)
	c.secret(t, "argo-cd-account", map[string]string{"api-token": canary})
	rule := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"argo-cd-account"}, Verbs: []string{"get"}}
	reader, nobody := c.as(t, rule), c.as(t)

	_, err := reader.client.CoreV1().Secrets(c.namespace).Get(t.Context(), "argo-cd-account", metav1.GetOptions{})
	if err != nil {
		t.Errorf("the reader gets the Secret: %v", err)
	}
	_, err = nobody.client.CoreV1().Secrets(c.namespace).Get(t.Context(), "argo-cd-account", metav1.GetOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("nobody gets the Secret: %v, not forbidden", err)
	}
	_, err = reader.client.CoreV1().Secrets(c.namespace).List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("the reader lists Secrets: %v, not forbidden", err)
	}
	_, err = reader.client.CoreV1().Secrets(newCluster(t).namespace).Get(t.Context(), "argo-cd-account", metav1.GetOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("the reader gets a Secret of another namespace: %v, not forbidden", err)
	}
	nobody.kubectl("get", "secret", "argo-cd-account").run(t).refused(t, "forbidden")
}
