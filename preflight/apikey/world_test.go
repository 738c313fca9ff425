//go:build cluster

package apikey_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

const (
	here     = "argocd"
	password = "s3cr3t-password"
)

// world is an Argo CD and a cluster in memory, with a log of what is asked of both.
type world struct {
	store    *argocdtest.Memory
	server   *argocdtest.Server
	cluster  *fake.Clientset
	keys     *apikey.Keys
	warnings []string

	// hook may answer a request to Argo CD in its place, before ("") or after
	// ("done") Argo CD has done the work.
	hook func(moment string, w http.ResponseWriter, r *http.Request) bool

	mu     sync.Mutex
	log    []string
	opened int // sessions
	ended  int
}

// newWorld has an account "ci" that may have API keys, and no Secret.
func newWorld(t *testing.T, secrets ...*corev1.Secret) *world {
	t.Helper()
	w := &world{store: argocdtest.NewMemory()}
	w.store.SetAccount("ci", "apiKey, login")
	w.store.SetPassword("admin", password, time.Now().Add(-time.Hour))
	w.server = argocdtest.NewServer(argocdtest.Options{Store: w.store})
	t.Cleanup(w.server.Close)
	url := w.proxy(t)
	api, err := argocd.New(argocd.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	w.keys = &apikey.Keys{
		API: api, Login: apikey.Login{Username: "admin", Password: auth.NewSecret(password)},
		Place: shell.Place{Namespace: here, URL: url},
		Warn:  func(message, hint string) { w.warnings = append(w.warnings, message+"\n"+hint) },
	}
	var objects []runtime.Object
	for _, s := range secrets {
		objects = append(objects, s)
	}
	w.cluster = fake.NewClientset(objects...)
	w.cluster.PrependReactor("*", "secrets", w.dryRun)
	return w
}

// proxy stands before the stand-in, for faults in the midst of a run.
func (w *world) proxy(t *testing.T) string {
	t.Helper()
	to, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(to)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		// By the one the end of a session is awaited, by the other Argo CD is recognised.
		if !strings.HasSuffix(r.URL.Path, "/userinfo") && r.URL.Path != "/api/version" {
			w.note(r.Method + " " + r.URL.Path)
		}
		if w.hook != nil && w.hook("", rw, r) {
			return
		}
		answer := httptest.NewRecorder()
		pass.ServeHTTP(answer, r)
		w.count(r.URL.Path, answer.Code)
		if w.hook != nil && w.hook("done", rw, r) {
			return
		}
		for name, values := range answer.Header() {
			rw.Header()[name] = values
		}
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(answer.Body.Bytes())
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// dryRun logs the calls of the API server, and keeps those that only try from
// having an effect, as the fake one does not.
func (w *world) dryRun(a clienttesting.Action) (bool, runtime.Object, error) {
	var tried []string
	var object runtime.Object
	switch a := a.(type) {
	case clienttesting.CreateActionImpl:
		tried, object = a.CreateOptions.DryRun, a.Object
	case clienttesting.UpdateActionImpl:
		tried, object = a.UpdateOptions.DryRun, a.Object
	}
	if len(tried) == 0 {
		w.note(a.GetVerb())
		return false, nil, nil
	}
	w.note("try to " + a.GetVerb())
	if a.GetVerb() == "create" {
		name := object.(*corev1.Secret).Name
		if _, err := w.cluster.Tracker().Get(a.GetResource(), a.GetNamespace(), name); err == nil {
			return true, nil, apierrors.NewAlreadyExists(a.GetResource().GroupResource(), name)
		}
	}
	return true, object, nil
}

// refuse makes the API server answer a verb with an error, from the nth call on,
// counted from 1.
func (w *world) refuse(verb string, nth int, err error) {
	calls := 0
	w.cluster.PrependReactor(verb, "secrets", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if calls++; calls < nth {
			return false, nil, nil
		}
		w.note("refuse to " + verb)
		return true, nil, err
	})
}

func forbidden(name string) error {
	return apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, name, http.ErrNotSupported)
}

func (w *world) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, what)
}

func (w *world) calls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

// listed returns how many API keys Argo CD lists for account ci.
func (w *world) listed(t *testing.T) int {
	t.Helper()
	_, secret, err := w.store.Config(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(secret["accounts.ci.tokens"]), `"id"`)
}

// secret returns a Secret of the cluster, nil where there is none.
func (w *world) secret(t *testing.T, name string) *corev1.Secret {
	t.Helper()
	o, err := w.cluster.Tracker().Get(corev1.SchemeGroupVersion.WithResource("secrets"), here, name)
	if err != nil {
		return nil
	}
	return o.(*corev1.Secret)
}

func (w *world) count(path string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case path == "/api/v1/session" && status == http.StatusOK:
		w.opened++
	case path == "/auth/logout" && status == http.StatusSeeOther:
		w.ended++
	}
}

// checkSessions holds that every session that was opened has been ended.
func (w *world) checkSessions(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.opened != w.ended {
		t.Errorf("%d sessions opened, %d ended", w.opened, w.ended)
	}
}

// options are those of a run without anything special.
func options() apikey.Options {
	return apikey.Options{Account: "ci", ID: "key-1", Target: apikey.Target{Namespace: here, Name: "ci-token", Key: "token"}}
}

func opaque(name string, data map[string]string) *corev1.Secret {
	s := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: name, Labels: map[string]string{"team": "a"}, ResourceVersion: "7"},
		Type:       corev1.SecretTypeOpaque, Data: map[string][]byte{},
	}
	for k, v := range data {
		s.Data[k] = []byte(v)
	}
	return s
}
