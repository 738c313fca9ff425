//go:build cluster

package owner

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/settings"
	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
)

// Look reads Argo CD's Secret and ConfigMap in a namespace, and reports as Report does. unseen says what
// could not be read.
func Look(ctx context.Context, core corev1client.CoreV1Interface, namespace string) (found []verdict.Result, unseen []string) {
	note := func(err error, resource, name string) {
		why := "cannot"
		if apierrors.IsForbidden(err) {
			why = "no permission to"
		}
		if !apierrors.IsNotFound(err) {
			unseen = append(unseen, fmt.Sprintf("%s get %s %q in namespace %q", why, resource, name, namespace))
		}
	}
	s, err := core.Secrets(namespace).Get(ctx, settings.Secret, metav1.GetOptions{})
	if err != nil {
		s = nil
		note(err, "secrets", settings.Secret)
	}
	cm, err := core.ConfigMaps(namespace).Get(ctx, settings.ConfigMap, metav1.GetOptions{})
	if err != nil {
		cm = nil
		note(err, "configmaps", settings.ConfigMap)
	}
	return Report(s, cm), unseen
}
