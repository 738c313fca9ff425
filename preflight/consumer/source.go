//go:build cluster

package consumer

import (
	"context"
	"iter"

	appsv1client "k8s.io/client-go/kubernetes/typed/apps/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/page"
)

// The resources that a Source lists, as RBAC names them.
const (
	Secrets      = "secrets" // without Helm's records, which are most of what Secrets hold
	Pods         = "pods"    // without those that have ended
	Deployments  = "deployments"
	StatefulSets = "statefulsets"
	DaemonSets   = "daemonsets"
)

// NotReleases is the field selector of Secrets that are no records of Helm.
const NotReleases = "type!=helm.sh/release.v1"

// Source lists the objects of a resource in one namespace, or in all where that is "".
// Errors are those of the API server; the first is the last.
type Source interface {
	List(ctx context.Context, resource, namespace string) iter.Seq2[page.Object, error]
}

// Clients is a Source that asks the API server, in pages.
type Clients struct {
	Core corev1client.CoreV1Interface
	Apps appsv1client.AppsV1Interface
}

// List implements Source.
func (c Clients) List(ctx context.Context, resource, namespace string) iter.Seq2[page.Object, error] {
	return c.Pager(resource, namespace).All(ctx)
}

// Pager lists like List, step by step.
func (c Clients) Pager(resource, namespace string) *page.Pager {
	switch resource {
	case Secrets:
		return page.New(page.Listing(c.Core.Secrets(namespace).List), "", NotReleases)
	case Pods:
		return page.New(page.Listing(c.Core.Pods(namespace).List), "", "status.phase!=Succeeded,status.phase!=Failed")
	case Deployments:
		return page.New(page.Listing(c.Apps.Deployments(namespace).List), "", "")
	case StatefulSets:
		return page.New(page.Listing(c.Apps.StatefulSets(namespace).List), "", "")
	case DaemonSets:
		return page.New(page.Listing(c.Apps.DaemonSets(namespace).List), "", "")
	}
	panic("consumer: no such resource: " + resource)
}
