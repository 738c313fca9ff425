//go:build cluster

// Package consumer finds what reads a Secret: the workloads whose pods refer to it, and the
// pods that run.
package consumer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/page"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
)

// Ref is one key of a Secret.
type Ref struct {
	Namespace string `json:"namespace"`
	Secret    string `json:"secret"`
	Key       string `json:"key"`
}

func (r Ref) compare(o Ref) int {
	return cmp.Or(cmp.Compare(r.Namespace, o.Namespace), cmp.Compare(r.Secret, o.Secret), cmp.Compare(r.Key, o.Key))
}

// Found is what reads some Secrets.
type Found struct {
	// Workloads come in the order of the Refs that they read, then by kind and name. One that
	// reads several is there for each.
	Workloads []Workload
	// Unseen is what RBAC did not allow to look at.
	Unseen []Unseen
}

// Unseen is a list that RBAC does not allow.
type Unseen struct {
	Resource  string `json:"resource"`
	Namespace string `json:"namespace,omitempty"` // "" for all
}

// String names the missing permission.
func (u Unseen) String() string {
	if u.Namespace == "" {
		return "no permission to list " + u.Resource + " in all namespaces"
	}
	return fmt.Sprintf("no permission to list %s in namespace %q", u.Resource, u.Namespace)
}

// Workload makes pods that read a Secret.
type Workload struct {
	Ref `json:"-"`
	// Kind is Deployment, StatefulSet or DaemonSet; for a pod of anything else that of
	// its controller, or Pod where it has none.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Release is what installed it: the Helm release, or the Argo CD Application that names it in
	// the label app.kubernetes.io/instance; "" where neither is known.
	Release string `json:"release,omitempty"`
	// Uses are those of the template, none where it does not refer to the Secret (any
	// more) or could not be looked at.
	Uses []Use `json:"-"`
	Pods []Pod `json:"pods"` // those that read it, by name
}

// Restarts reports whether `kubectl rollout restart` takes a workload of its kind.
func (w Workload) Restarts() bool {
	return w.Kind == "Deployment" || w.Kind == "StatefulSet" || w.Kind == "DaemonSet"
}

// Restart is the command that starts its pods again, or one pod where kubectl cannot do so
// for its kind.
func (w Workload) Restart(pod string) string {
	if w.Restarts() {
		return shell.Kubectl(w.Namespace, "rollout", "restart", strings.ToLower(w.Kind)+"/"+w.Name)
	}
	return shell.Kubectl(w.Namespace, "delete", "pod", pod)
}

// Pod has not ended, and reads a Secret.
type Pod struct {
	Name string `json:"name"`
	Uses []Use  `json:"-"`
	// Created is when the pod was, by the clock of the API server; the others are by that of
	// the node.
	Created time.Time `json:"-"`
	// Started is when the pod was; zero before.
	Started time.Time `json:"startedAt,omitzero"`
	// Read is since when a container of it goes on with what it has read once; zero where
	// none does. A container that was restarted has read it again.
	Read time.Time `json:"readAt,omitzero"`
}

// Find returns what reads any of the Secrets in a namespace, or in all where that is "".
// Pods are judged by what they were made with, and belong to what controls them; of a
// ReplicaSet's the name of the Deployment is what comes before the hash of the template.
// Argo Rollouts and other kinds are known by their pods alone. The error is any of the API
// server's but that it is forbidden.
func Find(ctx context.Context, from Source, namespace string, refs ...Ref) (found Found, _ error) {
	all := &finder{refs: refs}
	for _, resource := range []string{Deployments, StatefulSets, DaemonSets, Pods} {
		for o, err := range from.List(ctx, resource, namespace) {
			if apierrors.IsForbidden(err) {
				found.Unseen = append(found.Unseen, Unseen{resource, namespace})
				break
			}
			if err != nil {
				return found, fmt.Errorf("cannot list %s in the cluster: %w", resource, err)
			}
			all.add(o)
		}
	}
	found.Workloads = all.workloads()
	return found, nil
}

// Running returns what Find would, from pods alone: without what has none that read the
// Secrets, and without Uses.
func Running(pods []*corev1.Pod, refs ...Ref) []Workload {
	all := &finder{refs: refs}
	for _, pod := range pods {
		all.add(pod)
	}
	return all.workloads()
}

// finder collects workloads by what they read.
type finder struct {
	refs  []Ref
	found map[Ref][]*Workload
}

// add takes an object if it reads any of the Secrets.
func (f *finder) add(o page.Object) {
	kind, name, spec := "", o.GetName(), (*corev1.PodSpec)(nil)
	switch o := o.(type) {
	case *appsv1.Deployment:
		kind, spec = "Deployment", &o.Spec.Template.Spec
	case *appsv1.StatefulSet:
		kind, spec = "StatefulSet", &o.Spec.Template.Spec
	case *appsv1.DaemonSet:
		kind, spec = "DaemonSet", &o.Spec.Template.Spec
	case *corev1.Pod:
		kind, name = controller(o)
		spec = &o.Spec
	}
	for _, ref := range f.refs {
		if ref.Namespace != o.GetNamespace() {
			continue
		}
		u := uses(spec, ref)
		if len(u) == 0 {
			continue
		}
		w := f.workload(ref, kind, name)
		w.Release = cmp.Or(o.GetAnnotations()["meta.helm.sh/release-name"], w.Release, o.GetLabels()["app.kubernetes.io/instance"])
		if pod, ok := o.(*corev1.Pod); ok {
			w.Pods = append(w.Pods, newPod(pod, u))
		} else {
			w.Uses = u
		}
	}
}

func (f *finder) workloads() (all []Workload) {
	for _, ref := range f.refs {
		of := f.found[ref]
		slices.SortFunc(of, func(a, b *Workload) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
		for _, w := range of {
			slices.SortFunc(w.Pods, func(a, b Pod) int { return cmp.Compare(a.Name, b.Name) })
			all = append(all, *w)
		}
	}
	return all
}

func (f *finder) workload(ref Ref, kind, name string) *Workload {
	for _, w := range f.found[ref] {
		if w.Kind == kind && w.Name == name {
			return w
		}
	}
	w := &Workload{Ref: ref, Kind: kind, Name: name, Pods: []Pod{}}
	if f.found == nil {
		f.found = map[Ref][]*Workload{}
	}
	f.found[ref] = append(f.found[ref], w)
	return w
}

// controller says what made a pod. A Deployment names its ReplicaSets NAME-HASH and gives
// their pods the hash as a label (pkg/controller/deployment/sync.go of Kubernetes 1.37).
func controller(pod *corev1.Pod) (kind, name string) {
	owner := metav1.GetControllerOf(pod)
	if owner == nil {
		return "Pod", pod.Name
	}
	hash := pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
	if deployment, ok := strings.CutSuffix(owner.Name, "-"+hash); ok && hash != "" && owner.Kind == "ReplicaSet" {
		return "Deployment", deployment
	}
	return owner.Kind, owner.Name
}

func newPod(pod *corev1.Pod, u []Use) Pod {
	p := Pod{Name: pod.Name, Uses: u, Created: pod.CreationTimestamp.Time}
	if pod.Status.StartTime != nil {
		p.Started = pod.Status.StartTime.Time
	}
	earliest := func(at time.Time) {
		if p.Read.IsZero() || at.Before(p.Read) {
			p.Read = at
		}
	}
	once := func(container string) bool {
		return slices.ContainsFunc(u, func(u Use) bool { return u.Once && u.Container == container })
	}
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		switch {
		case !once(c.Name):
		case c.State.Running != nil:
			earliest(c.State.Running.StartedAt.Time)
		case c.State.Terminated != nil && slices.ContainsFunc(pod.Spec.InitContainers, func(i corev1.Container) bool { return i.Name == c.Name }):
			earliest(c.State.Terminated.StartedAt.Time) // the others go on with what it has left
		}
	}
	return p
}
