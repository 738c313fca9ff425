//go:build cluster

package rotate_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestHeldElsewhere does not revoke an API key that something reads from another place.
func TestHeldElsewhere(t *testing.T) {
	copied := func(w *world, name string) {
		w.others = []corev1.Secret{{ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: name}, Data: map[string][]byte{"token": w.secret.Data[key]}}}
	}
	read := func(d *appsv1.Deployment, name, key string) {
		c := &d.Spec.Template.Spec.Containers[0]
		c.Env = append(c.Env, corev1.EnvVar{Name: "OTHER", ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key},
		}})
	}
	for name, test := range map[string]struct {
		world func(*world)
		want  string
	}{
		"another Secret": {func(w *world) {
			copied(w, "copy")
			read(w.deployment, "copy", "token")
		}, `key "token" of Secret "copy" holds API key "old-key", too`},
		"another key of the Secret": {func(w *world) {
			w.secret.Data["other"] = w.secret.Data[key]
			read(w.deployment, w.secret.Name, "other")
		}, `key "other" of Secret "runtime-argo-cd-token" holds API key "old-key", too`},
		"which nothing reads": {func(w *world) { copied(w, "copy") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.world(w)
			o := w.run(moment{})
			if (o.err != "") != (test.want != "") || !strings.Contains(o.err, test.want) {
				t.Errorf("%q\n%s", o.err, o.output)
			}
			if test.want != "" {
				w.unchanged()
			} else if !strings.Contains(o.output, "nothing seems to read it there") {
				t.Error(o.output)
			}
		})
	}
}

// TestChanged tells somebody who changes the Secret from another run.
func TestChanged(t *testing.T) {
	w := newWorld(t)
	w.meddle = func(_ int, r *http.Request) {
		if w.secret.Annotations[own+"step"] == "grace" && r.Method == http.MethodPut {
			w.secret = w.secret.DeepCopy()
			w.secret.ResourceVersion = "x"
			w.secret.Data[key] = w.secret.Data[key+".previous"]
		}
	}
	if o := w.run(moment{}); !strings.Contains(o.err, `was changed by somebody else meanwhile; API keys ["old-key" "new-1"] may be alive`) {
		t.Error(o.err)
	}
}

// TestNodeClocks has the clock of a node ahead and behind: neither ends a key in use, nor
// waits for a pod that has the new one.
func TestNodeClocks(t *testing.T) {
	w := newWorld(t)
	for reader := range w.held { // by the node an hour from now
		w.created[reader], w.started[reader] = time.Now().Add(-10*time.Minute), time.Now().Add(50*time.Minute)
	}
	if o := w.run(moment{}, "--no-restart", "--impatient"); !strings.Contains(o.err, "holds what was in the Secret before") {
		t.Fatal(o.err)
	}
	for reader := range w.held {
		w.held[reader] = []string{string(w.secret.Data[key])}
		w.created[reader], w.started[reader] = time.Now().Add(2*time.Second), time.Now().Add(-time.Hour)
	}
	if o := w.run(moment{}, "--no-restart", "--impatient"); o.err != "" {
		t.Fatal(o.err)
	}
	w.final("")
}
