//go:build cluster

package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/preflight/page"
)

const ns = "codefresh"

// source lists what is in it; a resource in errs fails.
type source struct {
	objects map[string][]page.Object
	errs    map[string]error
}

func (s source) List(_ context.Context, resource, namespace string) iter.Seq2[page.Object, error] {
	return func(yield func(page.Object, error) bool) {
		if err := s.errs[resource]; err != nil {
			yield(nil, err)
			return
		}
		for _, o := range s.objects[resource] {
			if (namespace == "" || o.GetNamespace() == namespace) && !yield(o, nil) {
				return
			}
		}
	}
}

func find(t *testing.T, s source, refs ...consumer.Ref) consumer.Found {
	t.Helper()
	found, err := consumer.Find(t.Context(), s, ns, refs...)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// manifests reads the workloads of a rendered chart.
func manifests(t *testing.T, path string) source {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := source{objects: map[string][]page.Object{}}
	buffer := make([]byte, 1<<20)
	for d := yaml.NewDocumentDecoder(f); ; {
		n, err := d.Read(buffer)
		if errors.Is(err, io.EOF) {
			return s
		}
		if err != nil {
			t.Fatal(err)
		}
		o, _, err := scheme.Codecs.UniversalDeserializer().Decode(buffer[:n], nil, nil)
		if err != nil {
			continue // of a kind that is not Kubernetes' own
		}
		object, ok := o.(page.Object)
		if ok {
			object.SetNamespace(ns)
		}
		switch o.(type) {
		case *appsv1.Deployment:
			s.objects[consumer.Deployments] = append(s.objects[consumer.Deployments], object)
		case *appsv1.StatefulSet:
			s.objects[consumer.StatefulSets] = append(s.objects[consumer.StatefulSets], object)
		}
	}
}

// said is what was found as lines "KIND/NAME CONTAINER way once".
func said(w consumer.Workload) (lines []string) {
	for _, u := range w.Uses {
		lines = append(lines, fmt.Sprintf("%s/%s %s %s %v", w.Kind, w.Name, u.Container, u.Way, u.Once))
	}
	return lines
}

// TestChart finds in what the real chart renders the services that WIRING.md names.
func TestChart(t *testing.T) {
	const (
		app      = "Deployment/cap-app-proxy cap-app-proxy env true"
		operator = "Deployment/gitops-operator manager api false"
	)
	old := []string{app, operator, "Deployment/sources-server sources-server api false", "StatefulSet/event-reporter event-reporter api false"}
	g3 := []string{app, "Deployment/argo-gateway argo-gateway api false", "Deployment/cluster-event-reporter cluster-event-reporter api false",
		operator, "Deployment/runtime-event-reporter runtime-event-reporter api false"}
	slices.Sort(g3)
	for version, want := range map[string][]string{"0.18.0": old, "0.25.2": old, "main-2026-08": g3} {
		for mode, ref := range map[string]consumer.Ref{
			"token":     {Namespace: ns, Secret: "gitops-runtime-argo-cd-token", Key: "token"},
			"token-ref": {Namespace: ns, Secret: "my-argocd-token", Key: "my-token"},
		} {
			s := manifests(t, oracle.Files(t, filepath.Join("corpus", version, mode+".yaml"))[0])
			var got []string
			for _, w := range find(t, s, ref).Workloads {
				got = append(got, said(w)...)
			}
			slices.Sort(got)
			if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", version, mode, diff)
			}
			ref.Key = "another"
			if found := find(t, s, ref); len(found.Workloads) > 0 {
				t.Errorf("%s %s: another key is read by %v", version, mode, found.Workloads)
			}
		}
	}
}

func template(text string) corev1.PodSpec {
	var spec corev1.PodSpec
	if err := yaml.UnmarshalStrict([]byte(text), &spec); err != nil {
		panic(err)
	}
	return spec
}

// TestWays has every way to read a Secret, and what looks like one.
func TestWays(t *testing.T) {
	for text, want := range map[string]string{
		`{containers: [{name: a, env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}`:                                                  "a env true",
		`{containers: [{name: a, env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: other}}}]}]}`:                                              "",
		`{containers: [{name: a, env: [{name: X, valueFrom: {configMapKeyRef: {name: s, key: k}}}]}]}`:                                               "",
		`{containers: [{name: a, envFrom: [{secretRef: {name: s}}, {configMapRef: {name: s}}]}]}`:                                                    "a env true",
		`{containers: [{name: a, envFrom: [{configMapRef: {name: s}}]}]}`:                                                                            "",
		`{initContainers: [{name: i, envFrom: [{secretRef: {name: s}}]}], containers: [{name: a}]}`:                                                  "i env true",
		`{volumes: [{name: v, secret: {secretName: s}}], containers: [{name: a, volumeMounts: [{name: v, mountPath: /x}]}]}`:                         "a volume false",
		`{volumes: [{name: v, secret: {secretName: s}}], containers: [{name: a, volumeMounts: [{name: v, mountPath: /x, subPath: k}]}]}`:             "a volume true",
		`{volumes: [{name: v, secret: {secretName: s}}], containers: [{name: a}]}`:                                                                   "",
		`{volumes: [{name: v, secret: {secretName: s, items: [{key: o, path: o}]}}], containers: [{name: a, volumeMounts: [{name: v}]}]}`:            "",
		`{volumes: [{name: v, projected: {sources: [{configMap: {}}, {secret: {name: s}}]}}], containers: [{name: a, volumeMounts: [{name: v}]}]}`:   "a volume false",
		`{volumes: [{name: v, projected: {sources: [{secret: {name: other}}]}}], containers: [{name: a, volumeMounts: [{name: v}]}]}`:                "",
		`{containers: [{name: a, env: [{name: ARGO_CD_TOKEN_SECRET_NAME, value: s}, {name: ARGO_CD_TOKEN_SECRET_KEY, value: k}]}]}`:                  "a api false",
		`{containers: [{name: a, env: [{name: ARGO_CD_TOKEN_SECRET_NAME, value: s}, {name: ARGO_CD_TOKEN_SECRET_KEY, value: o}]}]}`:                  "",
		`{imagePullSecrets: [{name: s}], containers: [{name: a, env: [{name: ARGO_CD_TOKEN_SECRET_KEY, value: k}, {name: NAME, value: s}]}]}`:        "",
		`{containers: [{name: a, envFrom: [{secretRef: {name: s}}], env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]}, {name: b}]}`:    "a env true",
		`{volumes: [{name: v, secret: {secretName: s, items: [{key: k, path: o}]}}], containers: [{name: a, volumeMounts: [{name: v}, {name: w}]}]}`: "a volume false",
	} {
		d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "d"}}
		d.Spec.Template.Spec = template(text)
		found := find(t, source{objects: map[string][]page.Object{consumer.Deployments: {d}}}, consumer.Ref{Namespace: ns, Secret: "s", Key: "k"})
		got := ""
		for _, w := range found.Workloads {
			got += strings.TrimPrefix(strings.Join(said(w), "; "), "Deployment/d ")
		}
		if got != want {
			t.Errorf("%s\n%q, want %q", text, got, want)
		}
	}
}

// at is a time of the tests.
func at(minute int) metav1.Time {
	return metav1.NewTime(time.Date(2026, 11, 25, 12, minute, 0, 0, time.UTC))
}

// pod reads Secret s, key k, into its environment.
func pod(name, ownerKind, owner string, status corev1.PodStatus) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}, Status: status}
	p.Spec = template(`{containers: [{name: a, envFrom: [{secretRef: {name: s}}]}, {name: b}], initContainers: [{name: i}]}`)
	if owner != "" {
		yes := true
		p.OwnerReferences = []metav1.OwnerReference{{Kind: ownerKind, Name: owner, Controller: &yes}}
	}
	if _, hash, ok := strings.Cut(owner, "-"); ok && ownerKind == "ReplicaSet" {
		p.Labels = map[string]string{appsv1.DefaultDeploymentUniqueLabelKey: hash}
	}
	return p
}

func running(started int, containers ...corev1.ContainerStatus) corev1.PodStatus {
	start := at(started)
	return corev1.PodStatus{StartTime: &start, ContainerStatuses: containers}
}

func runs(container string, since int) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: container, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(since)}}}
}

// TestPods gives pods to what made them, whatever its template says by now.
func TestPods(t *testing.T) {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "new"}}
	d.Spec.Template.Spec = template(`{containers: [{name: a, envFrom: [{secretRef: {name: s}}]}]}`)
	waits := corev1.ContainerStatus{Name: "a", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CreateContainerConfigError"}}}
	byInit := pod("by-init", "", "", running(1, runs("a", 9)))
	byInit.Spec = template(`{initContainers: [{name: i, envFrom: [{secretRef: {name: s}}]}], containers: [{name: a}]}`)
	byInit.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "i", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{StartedAt: at(2)}}}}
	elsewhere := pod("elsewhere", "", "", running(1))
	elsewhere.Namespace = "other"
	s := source{objects: map[string][]page.Object{
		consumer.Deployments: {d},
		consumer.Pods: {
			pod("old-7-x", "ReplicaSet", "old-7", running(1, runs("a", 5), runs("b", 2))),
			pod("db-0", "StatefulSet", "db", running(1, waits)),
			pod("job-x", "Job", "job", corev1.PodStatus{}),
			byInit, elsewhere,
		},
	}}
	var got []string
	for _, w := range find(t, s, consumer.Ref{Namespace: ns, Secret: "s", Key: "k"}).Workloads {
		line := fmt.Sprintf("%s/%s restarts %v:", w.Kind, w.Name, w.Restarts())
		for _, p := range w.Pods {
			line += fmt.Sprintf(" %s started %s read %s", p.Name, minute(p.Started), minute(p.Read))
		}
		got = append(got, line)
	}
	want := []string{
		"Deployment/new restarts true:",
		"Deployment/old restarts true: old-7-x started 1 read 5",
		"Job/job restarts false: job-x started - read -",
		"Pod/by-init restarts false: by-init started 1 read 2",
		"StatefulSet/db restarts true: db-0 started 1 read -",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return fmt.Sprint(t.Minute())
}

// TestUnseen goes on without what RBAC does not allow; any other error ends it.
func TestUnseen(t *testing.T) {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "d"}}
	d.Spec.Template.Spec = template(`{containers: [{name: a, envFrom: [{secretRef: {name: s}}]}]}`)
	s := source{objects: map[string][]page.Object{consumer.Deployments: {d}}, errs: map[string]error{}}
	for _, resource := range []string{consumer.StatefulSets, consumer.Pods} {
		s.errs[resource] = apierrors.NewForbidden(schema.GroupResource{Resource: resource}, "", errors.New("no"))
	}
	ref := consumer.Ref{Namespace: ns, Secret: "s", Key: "k"}
	found := find(t, s, ref)
	want := []consumer.Unseen{{Resource: "statefulsets", Namespace: ns}, {Resource: "pods", Namespace: ns}}
	if diff := cmp.Diff(want, found.Unseen); diff != "" || len(found.Workloads) != 1 {
		t.Errorf("%d workloads, unseen (-want +got):\n%s", len(found.Workloads), diff)
	}
	s.errs[consumer.Pods] = errors.New("connection lost")
	if _, err := consumer.Find(t.Context(), s, ns, ref); err == nil || err.Error() != "cannot list pods in the cluster: connection lost" {
		t.Errorf("error %v", err)
	}
}
