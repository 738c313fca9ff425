//go:build cluster

package rotate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1client "k8s.io/client-go/kubernetes/typed/apps/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rotate"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shelltest"
)

// childVariable makes the test program one that rotates: only a process can be killed.
const childVariable = "RUNTIME_AUTH_ROTATE_CHILD"

type child struct {
	ArgoCD, Cluster string
	Number          int // of the run
	Flags           []string
}

func TestMain(m *testing.M) {
	text, ok := os.LookupEnv(childVariable)
	if !ok {
		os.Exit(m.Run())
	}
	var c child
	err := json.Unmarshal([]byte(text), &c)
	if err == nil {
		err = c.rotate(context.Background(), os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(3)
	}
}

func (c child) rotate(ctx context.Context, output io.Writer) error {
	api, err := argocd.New(argocd.Options{URL: c.ArgoCD})
	if err != nil {
		return err
	}
	config := &rest.Config{Host: c.Cluster, QPS: -1}
	core, err := corev1client.NewForConfig(config)
	if err != nil {
		return err
	}
	apps, err := appsv1client.NewForConfig(config)
	if err != nil {
		return err
	}
	say := func(format string, args ...any) { fmt.Fprintf(output, format+"\n", args...) }
	r := &rotate.Rotation{
		Keys: &apikey.Keys{API: api, Warn: func(message, hint string) { say("warning: %s; %s", message, hint) }, Place: shell.Place{Namespace: here}}, Self: true,
		Secrets: core.Secrets(here), Apps: apps, Readers: consumer.Clients{Core: core, Apps: apps}, Say: say,
	}
	has := func(flag string) bool { return slices.Contains(c.Flags, flag) }
	o := rotate.Options{
		Target: apikey.Target{Namespace: here, Name: name, Key: key}, ID: fmt.Sprintf("new-%d", c.Number), By: fmt.Sprint(c.Number),
		Wait: 3 * time.Second, Poll: time.Millisecond, Settle: 5 * time.Millisecond, Again: "the same command",
		Undo: has("--undo"), DryRun: has("--dry-run"), NoRestart: has("--no-restart"),
	}
	if has("--impatient") {
		o.Wait = 1
	}
	result, err := r.Run(ctx, o)
	if known, ok := errors.AsType[*apikey.Error](err); ok {
		if wrong := shelltest.Wrong(known.Hint, shelltest.Accepted); wrong != nil {
			err = errors.Join(err, wrong)
		}
		say("hint: %s", known.Hint)
	}
	say("%+v", result)
	return err
}

func TestRotate(t *testing.T) {
	w := newWorld(t)
	if o := w.process(moment{}); o.err != "" || !strings.Contains(o.output, "theirs") {
		t.Fatal(o.output)
	}
	w.final("")
}

// moments are those at which something can go wrong in a run that sends these requests.
func moments(requests []string) (all []moment) {
	for i, request := range requests {
		for _, f := range []fault{killed, lost, gone} {
			all = append(all, moment{i + 1, false, f})
			if !strings.HasPrefix(request, "GET ") {
				all = append(all, moment{i + 1, true, f})
			}
		}
	}
	return all
}

// sample is every one of them where nothing may be left out, else every fifth.
func sample(all []moment) (some []moment) {
	first, step := 2, 5
	if oracle.Required() {
		first, step = 0, 1
	}
	for i := first; i < len(all); i += step {
		some = append(some, all[i])
	}
	return some
}

// TestKilled kills a rotation at each request by which it changes something, before and
// after that has its effect, and runs it again: world.check holds at every moment what must
// be so.
func TestKilled(t *testing.T) {
	first := newWorld(t)
	if o := first.run(moment{}); o.err != "" {
		t.Fatal(o.err)
	}
	for _, m := range moments(first.requests) {
		if request := first.requests[m.at-1]; m.fault != killed || strings.HasPrefix(request, "GET ") || strings.Contains(request, "dryRun") {
			continue
		}
		w := newWorld(t)
		if o := w.process(m); o.err != "killed" {
			t.Fatalf("%v: %s", m, o.output)
		}
		if o := w.process(moment{}); o.err != "" {
			t.Fatalf("%v: %s", m, o.output)
		}
		w.final("")
	}
}

// TestFault has every fault at each request, and runs the rotation again.
func TestFault(t *testing.T) {
	first := newWorld(t)
	if o := first.run(moment{}); o.err != "" {
		t.Fatal(o.err)
	}
	for _, m := range sample(moments(first.requests)) {
		w := newWorld(t)
		o := w.run(m)
		if o.err != "" {
			o = w.run(moment{})
		}
		if o.err != "" {
			t.Errorf("%s, %v: %s", first.requests[m.at-1], m, o.err)
		}
		if w.final(""); t.Failed() {
			t.Fatalf("%s, %v", first.requests[m.at-1], m)
		}
	}
}

// TestFaults has them in the runs that go on, too.
func TestFaults(t *testing.T) {
	random, times := rand.New(rand.NewPCG(1, 2)), 15
	if oracle.Required() {
		times = 100
	}
	for range times {
		var at []moment
		w := newWorld(t)
		for range 5 {
			m := moment{1 + random.IntN(40), random.IntN(2) == 0, fault(random.IntN(3))}
			at = append(at, m)
			if o := w.run(m); o.err == "" {
				break
			}
		}
		if o := w.run(moment{}); o.err != "" {
			t.Errorf("%v: %s", at, o.err)
		}
		if w.final(""); t.Failed() {
			t.Fatalf("faults at %v", at)
		}
	}
}

const before = `[{"id":"old-key","iat":1700000000},{"id":"theirs","iat":1700000000}]`

// revokeNew lets Argo CD refuse the new key from the moment on that a reader is restarted.
func (w *world) revokeNew() {
	w.meddle = func(_ int, r *http.Request) {
		if id := w.id(string(w.secret.Data[key])); r.Method == http.MethodPatch && r.URL.Query().Get("dryRun") == "" && id != "old-key" {
			w.excused = id
			w.store.Secret["accounts.ci.tokens"] = []byte(before)
		}
	}
}

// TestUndone puts the old key back where Argo CD refuses the new one, with every fault on
// the way.
func TestUndone(t *testing.T) {
	first := newWorld(t)
	first.revokeNew()
	if o := first.run(moment{}); !strings.Contains(o.err, `Argo CD refuses API key "new-1"`) || !strings.Contains(o.err, `holds API key "old-key" as before`) {
		t.Fatal(o.err)
	}
	first.final("old-key")
	for _, m := range sample(moments(first.requests)) {
		w := newWorld(t)
		w.revokeNew()
		o := w.run(m)
		for range 2 {
			if !strings.Contains(o.err, "and the new one was revoked") {
				o = w.run(moment{})
			}
		}
		if w.final("old-key"); t.Failed() || !strings.Contains(o.err, "and the new one was revoked") {
			t.Fatalf("%v: %s", m, o.err)
		}
	}
}
