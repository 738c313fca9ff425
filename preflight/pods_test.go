//go:build cluster

package preflight_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// runs adds a pod of app-proxy that has a Secret in its environment, since a time.
func (w *world) runs(secret, key string, since time.Time) *corev1.Pod {
	yes := true
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: here, Name: "cap-app-proxy-7-x", Labels: map[string]string{"pod-template-hash": "7"},
		OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "cap-app-proxy-7", Controller: &yes}},
	}}
	p.Spec.Containers = []corev1.Container{{Name: "app", Env: []corev1.EnvVar{{Name: "ARGO_CD_TOKEN", ValueFrom: &corev1.EnvVarSource{
		SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: secret}, Key: key},
	}}}}}
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}}}}
	w.pods = append(w.pods, p)
	return p
}

// changed notes in a Secret who has set a field of it, and when.
func (w *world) changed(secret, fields string, at time.Time) {
	s, time := w.secrets[here+"/"+secret], metav1.NewTime(at)
	s.ManagedFields = append(s.ManagedFields, metav1.ManagedFieldsEntry{Manager: "x", Time: &time, FieldsV1: metav1.NewFieldsV1(fields)})
}

// TestPodsCurrent: the API key was issued a day before now().
func TestPodsCurrent(t *testing.T) {
	issued := now().Add(-24 * time.Hour)
	before, after, later := issued.Add(-time.Hour), issued.Add(time.Hour), issued.Add(2*time.Hour)
	named := strings.Replace(passValues, "username: ci", "usernameSecretKeyRef: {name: ci-password, key: username}", 1)
	tests := map[string]struct {
		values string
		world  func(*world)
		status preflight.Status
		seen   string
	}{
		"nothing runs": {tokenValues, func(*world) {}, preflight.Skipped, `no running pod reads Secret "ci-token"`},
		"of another Secret": {tokenValues, func(w *world) { w.runs("other", "token", before) }, preflight.Skipped,
			`no running pod reads Secret "ci-token"`},
		"of another key":   {tokenValues, func(w *world) { w.runs("ci-token", "other", before) }, preflight.Skipped, "no running pod"},
		"no such Secret":   {tokenValues, func(w *world) { w.runs("ci-token", "token", before); delete(w.secrets, here+"/ci-token") }, preflight.Skipped, "no running pod"},
		"after the issue":  {tokenValues, func(w *world) { w.runs("ci-token", "token", after) }, preflight.OK, `every running pod has read Secret "ci-token"`},
		"before the issue": {tokenValues, func(w *world) { w.runs("ci-token", "token", before) }, preflight.Warning, `pod "cap-app-proxy-7-x" of Deployment "cap-app-proxy" read key "token" of Secret "ci-token" when it started at 2026-11-23T23:00:00Z, before the API key in it was issued at 2026-11-24T00:00:00Z: it still uses an older one`},
		"the older of two": {tokenValues, func(w *world) {
			w.runs("ci-token", "token", after).Name = "a"
			w.runs("ci-token", "token", before)
		}, preflight.Warning, `pod "cap-app-proxy-7-x"`},
		"written later": {tokenValues, func(w *world) {
			w.runs("ci-token", "token", after)
			w.changed("ci-token", `{"f:data":{"f:token":{}}}`, later)
		}, preflight.Warning, "and the Secret was changed at 2026-11-24T02:00:00Z: it probably still uses the old credential"},
		"something else written later": {tokenValues, func(w *world) {
			w.runs("ci-token", "token", after)
			w.changed("ci-token", `{"f:data":{"f:other":{}},"f:metadata":{"f:labels":{"f:token":{}}}}`, later)
			w.changed("ci-token", `{"f:data":{"f:token":{}}}`, issued)
			w.changed("ci-token", `[]`, later)
		}, preflight.OK, "every running pod"},
		"a time of issue that is made up": {tokenValues, func(w *world) {
			w.runs("ci-token", "token", after)
			w.secrets[here+"/ci-token"].Data["token"] = []byte(apiKey("ci", map[string]any{"iat": 1e11}))
			w.changed("ci-token", `{"f:data":{"f:token":{}}}`, issued)
		}, preflight.OK, "every running pod"},
		"waiting": {tokenValues, func(w *world) {
			w.runs("ci-token", "token", before).Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}
		}, preflight.OK, "every running pod"},
		"made later": {passValues, func(w *world) {
			w.runs("ci-password", "password", after)
			w.secrets[here+"/ci-password"].CreationTimestamp = metav1.NewTime(later)
		}, preflight.Warning, "probably"},
		"by text": {passValues, func(w *world) {
			w.runs("ci-password", "password", after)
			w.changed("ci-password", `{"f:stringData":{"f:password":{}}}`, later)
		}, preflight.Warning, "probably"},
		"the username": {named, func(w *world) {
			w.runs("ci-password", "username", after)
			w.changed("ci-password", `{"f:data":{"f:username":{}}}`, later)
		}, preflight.Warning, `key "username" of Secret "ci-password"`},
		"forbidden": {tokenValues, func(w *world) { w.refused["list pods"] = true }, preflight.Skipped, `no permission to list pods in namespace "argocd"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tt.world(w)
			r := report(t, w, tt.values)
			for _, result := range r.Results {
				if result.ID != preflight.CheckPodsCurrent {
					continue
				}
				if result.Status != tt.status || !strings.Contains(result.Seen, tt.seen) {
					t.Errorf("%+v", result)
				}
				if result.Status == preflight.Warning && result.Advice != "restart it: kubectl rollout restart deployment/cap-app-proxy -n argocd" {
					t.Errorf("advice %q", result.Advice)
				}
			}
			if strings.Contains(fmt.Sprint(r), "s3cr3t") {
				t.Error("a credential is quoted")
			}
		})
	}
	w := newWorld(t)
	p := w.runs("ci-token", "token", before)
	p.OwnerReferences[0].Kind = "Job"
	for _, result := range report(t, w, tokenValues).Results {
		if result.ID == preflight.CheckPodsCurrent && result.Advice != "restart it: kubectl delete pod cap-app-proxy-7-x -n argocd" {
			t.Errorf("advice %q", result.Advice)
		}
	}
}
