//go:build cluster

package rotate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rotate"
)

// childVariable makes the test program one that rotates: only a process can be killed.
const childVariable = "RUNTIME_AUTH_ROTATE_CHILD"

type child struct {
	ArgoCD, Cluster string
	Flags           []string
}

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(childVariable); ok {
		var c child
		err := json.Unmarshal([]byte(text), &c)
		if err == nil {
			err = c.rotate()
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "error: %v\n", err)
			if known, ok := errors.AsType[*apikey.Error](err); ok {
				fmt.Fprintf(os.Stderr, "  hint: %s\n", known.Hint)
			}
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func (c child) rotate() error {
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
	say := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	r := &rotate.Rotation{
		Keys: &apikey.Keys{API: api, Warn: func(message, hint string) { say("warning: %s; %s", message, hint) }}, Self: true,
		Secrets: core.Secrets(here), Apps: apps, Readers: consumer.Clients{Core: core, Apps: apps}, Say: say,
	}
	has := func(flag string) bool { return slices.Contains(c.Flags, flag) }
	o := rotate.Options{
		Target: apikey.Target{Namespace: here, Name: name, Key: key}, ID: fmt.Sprintf("new-%d", os.Getpid()), By: fmt.Sprint(os.Getpid()),
		Wait: 3 * time.Second, Poll: time.Millisecond, Settle: 5 * time.Millisecond, Again: "the same command",
		Undo: has("--undo"), DryRun: has("--dry-run"), NoRestart: has("--no-restart"),
	}
	_, err = r.Run(context.Background(), o)
	return err
}

func TestRotate(t *testing.T) {
	w := newWorld(t)
	if o := w.run(); o.err != "" {
		t.Fatal(o.output)
	}
	w.final("")
}

// moments are those at which a run can be killed that sends these requests: before and after
// each that changes something, and at the others once.
func moments(requests []string) (all []moment) {
	for i, request := range requests {
		if !strings.HasPrefix(request, "GET ") {
			all = append(all, moment{i + 1, false})
		}
		all = append(all, moment{i + 1, true})
	}
	return all
}

type moment struct {
	kill  int
	after bool
}

// TestKilled kills a rotation at each of its requests, and runs it again: world.check holds
// at every moment what must be so.
func TestKilled(t *testing.T) {
	first := newWorld(t)
	if o := first.run(); o.err != "" {
		t.Fatal(o.output)
	}
	for _, m := range moments(first.requests) {
		t.Run(fmt.Sprintf("%s after=%v", first.requests[m.kill-1], m.after), func(t *testing.T) {
			w := newWorld(t)
			w.moment = m
			if o := w.run(); o.err != "killed" {
				t.Fatal(o.output)
			}
			w.moment = moment{}
			if o := w.run(); o.err != "" {
				t.Fatal(o.output)
			}
			w.final("")
		})
	}
}

// TestKilledAgain kills the run that goes on, too.
func TestKilledAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	times := 20
	if testing.Short() {
		times = 5
	}
	for range times {
		var at []moment
		w := newWorld(t)
		for range 4 {
			w.moment = moment{1 + random.IntN(40), random.IntN(2) == 0}
			at = append(at, w.moment)
			if o := w.run(); o.err == "" {
				break
			} else if o.err != "killed" {
				t.Fatalf("%v: %s", at, o.output)
			}
		}
		w.moment = moment{}
		if o := w.run(); o.err != "" {
			t.Fatalf("%v: %s", at, o.output)
		}
		w.final("")
		if t.Failed() {
			t.Fatalf("killed at %v", at)
		}
	}
}

// revokeNew lets Argo CD refuse the new key from the moment on that a reader is restarted.
func (w *world) revokeNew() {
	w.meddle = func(_ int, r *http.Request) {
		if id := w.id(string(w.secret.Data[key])); r.Method == http.MethodPatch && r.URL.Query().Get("dryRun") == "" && id != "old-key" {
			w.excused = id
			w.store.Secret["accounts.ci.tokens"] = []byte(`[{"id":"old-key","iat":1700000000},{"id":"theirs","iat":1700000000}]`)
		}
	}
}

// TestUndone puts the old key back where Argo CD refuses the new one, and is killed at each
// request of that.
func TestUndone(t *testing.T) {
	w := newWorld(t)
	w.revokeNew()
	if o := w.run(); !strings.Contains(o.err, `Argo CD refuses API key "new-`) || !strings.Contains(o.err, `holds API key "old-key" as before`) {
		t.Fatal(o.output)
	}
	w.final("old-key")
	begun := slices.IndexFunc(w.requests, func(r string) bool { return strings.HasPrefix(r, "POST ") })
	for _, m := range moments(w.requests) {
		if m.kill < begun || m.after && m.kill%3 > 0 {
			continue // each change was seen before it happens, and so were the moments after some
		}
		w := newWorld(t)
		w.revokeNew()
		w.moment = m
		if o := w.run(); o.err != "killed" { // how often it asks about the new key differs a little
			continue
		}
		w.moment = moment{}
		switch o := w.run(); {
		case strings.Contains(o.err, "as before"):
			w.final("old-key")
		default: // the rotation was undone already, and this was a new one
			t.Errorf("killed at %v: %s", m, o.output)
		}
	}
}
