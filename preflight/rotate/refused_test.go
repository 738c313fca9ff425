//go:build cluster

package rotate_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// unchanged holds that a run has sent nothing that changes anything.
func (w *world) unchanged() {
	w.t.Helper()
	for _, request := range w.requests {
		if !strings.HasPrefix(request, "GET ") && !strings.Contains(request, "dryRun=All") {
			w.t.Errorf("it sent %s", request)
		}
	}
	w.final("old-key")
}

// TestRefused has what is refused before anything is changed.
func TestRefused(t *testing.T) {
	yes, two := true, int32(2)
	tests := map[string]struct {
		world func(*world)
		flag  string
		want  string
	}{
		"kept by an operator": {func(w *world) {
			w.secret.OwnerReferences = []metav1.OwnerReference{{Kind: "ExternalSecret", Name: "es", Controller: &yes}}
		}, "", `is kept by ExternalSecret "es"`},
		"Helm's": {func(w *world) {
			w.secret.Annotations = map[string]string{"meta.helm.sh/release-name": "r"}
		}, "", `belongs to Helm release "r"`},
		"of an Application": {func(w *world) {
			w.secret.Annotations = map[string]string{"argocd.argoproj.io/tracking-id": "apps:/Secret:" + w.secret.Namespace + "/" + w.secret.Name}
		}, "", `is kept by Application "apps"`},
		"of a Kustomization": {func(w *world) {
			w.secret.Labels = map[string]string{"kustomize.toolkit.fluxcd.io/name": "infra"}
		}, "", `is kept by Kustomization "infra"`},
		"immutable":   {func(w *world) { w.secret.Immutable = &yes }, "", "is immutable"},
		"paused":      {func(w *world) { w.deployment.Spec.Paused = true }, "", `Deployment "cap-app-proxy" cannot be restarted: its rollout is paused`},
		"by deletion": {func(w *world) { w.stateful.Spec.UpdateStrategy.Type = "OnDelete" }, "", `its update strategy is OnDelete`},
		"a partition": {func(w *world) {
			w.stateful.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: &two}
		}, "", "the partition of its update strategy, 2,"},
		"not accepted":    {func(w *world) { w.store.SetAccount("ci", "login") }, "", `Argo CD does not accept API key "old-key"`},
		"nothing to undo": {func(*world) {}, "--undo", "there is nothing to undo"},
		"of another key": {func(w *world) {
			w.secret.Annotations = map[string]string{own + "step": "grace", own + "secret-key": "other"}
		}, "", `a rotation of key "other"`},
		"of a newer version": {func(w *world) {
			w.secret.Annotations = map[string]string{own + "step": "dance", own + "secret-key": key, own + "new-key-id": "old-key"}
		}, "--dry-run", ""},
		"another key was put in": {func(w *world) {
			w.secret.Annotations = map[string]string{own + "step": "grace", own + "secret-key": key, own + "old-key-id": "a", own + "new-key-id": "b"}
		}, "", `holds API key "old-key", not "b"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.world(w)
			o := w.run(moment{}, test.flag)
			if (o.err != "") != (test.want != "") || !strings.Contains(o.err, test.want) {
				t.Errorf("%q\n%s", o.err, o.output)
			}
			w.excused = "old-key"
			for annotation := range w.secret.Annotations {
				if strings.HasPrefix(annotation, own) {
					delete(w.secret.Annotations, annotation)
				}
			}
			if name != "not accepted" {
				w.unchanged()
			}
		})
	}
}

// TestDryRun says every step.
func TestDryRun(t *testing.T) {
	w := newWorld(t)
	o := w.run(moment{}, "--dry-run")
	for _, want := range []string{`Deployment "cap-app-proxy" reads it`, `would be done: make API key "new-1" of account "ci"`, "would be done: restart", `would be done: revoke API key "old-key"`} {
		if !strings.Contains(o.output, want) {
			t.Errorf("no %q in\n%s", want, o.output)
		}
	}
	w.unchanged()
}

// TestNewKeyRefused never writes a key that Argo CD does not accept.
func TestNewKeyRefused(t *testing.T) {
	w := newWorld(t)
	w.meddle = func(_ int, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/userinfo") && strings.Contains(string(w.store.Secret["accounts.ci.tokens"]), "new-1") {
			w.store.Secret["accounts.ci.tokens"] = []byte(before)
		}
	}
	if o := w.run(moment{}); !strings.Contains(o.err, "does not accept the API key that it has made") || !strings.Contains(o.err, "no API key was left behind") {
		t.Error(o.err)
	}
	w.final("old-key")
}

// stop lets the rollout of the Deployment come to nothing.
func (w *world) stop() {
	w.meddle = func(_ int, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "deployments/cap-app-proxy") {
			w.looks["cap-app-proxy"] = 0
		}
	}
}

// TestUndo waits in vain, and then puts the old key back, with every fault on the way.
func TestUndo(t *testing.T) {
	begun := func() *world {
		w := newWorld(t)
		w.stop()
		o := w.run(moment{}, "--impatient")
		if !strings.Contains(o.err, "not everything has restarted within 1ns: Deployment") || !strings.Contains(o.err, `API keys "old-key" and "new-1" both work`) ||
			!strings.Contains(o.output, "hint: continue with: the same command, or put the old key back with --undo") {
			t.Fatal(o.err)
		}
		w.meddle = nil
		return w
	}
	first := begun()
	if o := first.run(moment{}, "--undo"); o.err != "" {
		t.Fatal(o.err)
	}
	first.final("old-key")
	for _, m := range sample(moments(first.requests)) {
		w := begun()
		o := w.run(m, "--undo")
		if o.err != "" && w.secret.Annotations[own+"step"] != "" {
			o = w.run(moment{}, "--undo")
			if o.err != "" {
				t.Errorf("%v: %s", m, o.err)
			}
		}
		if w.final("old-key"); t.Failed() {
			t.Fatalf("%v", m)
		}
	}
}

// TestTooLate has no way back once the old key may be revoked.
func TestTooLate(t *testing.T) {
	w := newWorld(t)
	w.meddle = func(_ int, r *http.Request) { w.dead = w.dead || r.Method == http.MethodDelete }
	w.run(moment{})
	w.meddle = nil
	if o := w.run(moment{}, "--undo"); !strings.Contains(o.err, `too late to undo this: Secret "runtime-argo-cd-token" holds API key "new-1"`) {
		t.Error(o.err)
	}
	if o := w.run(moment{}); o.err != "" {
		t.Error(o.err)
	}
	w.final("")
}

// TestNoRestart waits until somebody else has restarted what reads the Secret.
func TestNoRestart(t *testing.T) {
	w := newWorld(t)
	o := w.run(moment{}, "--no-restart", "--impatient")
	if !strings.Contains(o.err, `pod "cap-app-proxy-0" of Deployment "cap-app-proxy" holds what was in the Secret before`) {
		t.Fatal(o.err)
	}
	looks := 0
	w.meddle = func(_ int, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/pods") {
			if looks++; looks == 3 {
				for reader := range w.held {
					w.held[reader], w.started[reader] = []string{string(w.secret.Data[key])}, time.Now().Add(2*time.Second)
				}
			}
		}
	}
	if o := w.run(moment{}, "--no-restart"); o.err != "" {
		t.Fatal(o.err)
	}
	for _, request := range w.requests {
		if strings.HasPrefix(request, "PATCH") {
			t.Errorf("it sent %s", request)
		}
	}
	w.final("")
}

// TestTwo runs two rotations at the same time.
func TestTwo(t *testing.T) {
	for range 15 {
		w := newWorld(t)
		var both sync.WaitGroup
		errs := make([]string, 2)
		for i := range errs {
			c := w.child(moment{}, nil)
			both.Go(func() {
				if err := c.rotate(t.Context(), &bytes.Buffer{}); err != nil {
					errs[i] = err.Error()
				}
			})
		}
		both.Wait()
		for _, err := range errs {
			if err != "" && !strings.Contains(err, "another run") && !strings.Contains(err, "was changed by somebody else") {
				t.Error(err)
			}
		}
		if o := w.run(moment{}); o.err != "" {
			t.Errorf("%q: %s", errs, o.err)
		}
		if w.final(""); t.Failed() {
			t.FailNow()
		}
	}
}

// TestInterrupted says what is alive, and how to go on.
func TestInterrupted(t *testing.T) {
	first := newWorld(t)
	first.run(moment{})
	for n := range first.requests {
		w := newWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		w.meddle = func(now int, _ *http.Request) {
			if now == n+1 {
				cancel()
			}
		}
		var output bytes.Buffer
		err := w.child(moment{}, nil).rotate(ctx, &output)
		cancel()
		w.meddle = nil
		begun := w.secret.Annotations[own+"step"] != ""
		if err != nil && begun && (!strings.HasPrefix(err.Error(), "interrupted; ") || !strings.Contains(output.String(), "hint: continue with: the same command")) {
			t.Errorf("%s: %v\n%s", first.requests[n], err, output.String())
		}
		if o := w.run(moment{}); o.err != "" {
			t.Errorf("%s: %s", first.requests[n], o.err)
		}
		if w.final(""); t.Failed() {
			t.FailNow()
		}
	}
}
