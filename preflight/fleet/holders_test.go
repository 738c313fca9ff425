//go:build cluster

package fleet_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsv1client "k8s.io/client-go/kubernetes/typed/apps/v1"
	"k8s.io/client-go/rest"

	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
)

// TestThousandHolders holds a look for the holders of an account's API keys to as few
// requests as TestThousand, and to pages of a bounded size: pods take several kilobytes.
func TestThousandHolders(t *testing.T) {
	const namespaces = 1000
	s, c := newServer(t)
	apps, err := appsv1client.NewForConfig(&rest.Config{Host: s.url, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	padding := strings.Repeat("x", 8<<10)
	for i := range namespaces {
		namespace := fmt.Sprintf("team-%04d", i)
		s.argoCD(namespace, "ci-token") // the id of its API key is key-NAMESPACE
		s.pod(namespace, "ci-token", now().Add(time.Duration(i%2-1)*2*time.Hour))
		pod := s.objects["pods"][namespace+"/cap-app-proxy-7-x"].(*corev1.Pod)
		pod.Annotations = map[string]string{"padding": padding}
		s.put(&appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "cap-app-proxy", Annotations: pod.Annotations},
			Spec:       appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: pod.Spec}},
		})
		s.put(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "sh.helm.release.v1.x.v1"}, Type: "helm.sh/release.v1"})
	}
	found, err := consumer.HoldersOf(t.Context(), consumer.Clients{Core: c, Apps: apps}, "", "ci")
	if err != nil || len(found.Unseen) > 0 {
		t.Fatal(err, found.Unseen)
	}
	for i := range namespaces {
		namespace := fmt.Sprintf("team-%04d", i)
		h := found.ByID["key-"+namespace]
		if len(h) != 1 || h[0].Namespace != namespace || len(h[0].Workloads) != 1 || h[0].Workloads[0].Name != "cap-app-proxy" || h[0].Pods() != 1 {
			t.Fatalf("%s: %+v", namespace, h)
		}
	}
	if len(found.Outdated) != namespaces/2 {
		t.Errorf("%d pods started before the key was issued, want %d", len(found.Outdated), namespaces/2)
	}
	t.Logf("%d requests for %d namespaces, the largest page has %d objects", len(s.requests), namespaces, slices.Max(s.sizes))
	if len(s.requests) > 20 {
		t.Errorf("%d requests, want 20 at most: %q", len(s.requests), s.requests)
	}
	if n := s.count("list secrets  "); n > 0 {
		t.Errorf("%d lists of Secrets with the records of Helm in them", n)
	}
}
