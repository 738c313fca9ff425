//go:build cluster

package apikey_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shelltest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

const canI = "GET /api/v1/account/can-i/"

func TestCreate(t *testing.T) {
	w := newWorld(t)
	o := options()
	o.ExpiresIn = time.Hour
	r, err := w.keys.Create(t.Context(), w.cluster.CoreV1().Secrets(here), o)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"get", "try to create",
		"POST /api/v1/session", canI + "accounts/get/ci", canI + "accounts/update/ci",
		"GET /api/v1/account/ci", "POST /api/v1/account/ci/token",
		"create",
		canI + "applications/get/*/*", canI + "applications/sync/*/*", canI + "projects/get/*", canI + "clusters/get/*", canI + "repositories/get/*",
		"GET /auth/logout",
	}
	if diff := cmp.Diff(want, w.calls()); diff != "" {
		t.Errorf("the order of the steps (-want +got):\n%s", diff)
	}
	if until := time.Until(r.Expires); until < 59*time.Minute || until > time.Hour {
		t.Errorf("expires %s", r.Expires)
	}
	s := w.secret(t, "ci-token")
	if s == nil || string(s.Data["token"]) != r.Token.Reveal() || len(s.Data) != 1 || s.Type != corev1.SecretTypeOpaque {
		t.Fatalf("the Secret is %v", s != nil)
	}
	meta := map[string]string{"app.kubernetes.io/managed-by": "runtime-auth", "runtime-auth/account": "ci", "runtime-auth/key-id": "key-1"}
	for k, v := range s.Annotations {
		s.Labels[k] = v
	}
	if diff := cmp.Diff(meta, s.Labels); diff != "" {
		t.Errorf("labels and annotations (-want +got):\n%s", diff)
	}
	who, err := w.keys.API.Userinfo(t.Context(), r.Token)
	if err != nil || who.Username != "ci" {
		t.Errorf("Argo CD takes the key for %+v, %v", who, err)
	}
	for _, text := range []string{fmt.Sprint(r), fmt.Sprintf("%#v", r)} {
		if strings.Contains(text, r.Token.Reveal()) {
			t.Error("a formatted result quotes the key")
		}
	}
}

// TestCreateForced sets one key and leaves everything else. What was copied from an object that
// an Application keeps is not kept itself.
func TestCreateForced(t *testing.T) {
	before := opaque("ci-token", map[string]string{"other": "s3cr3t-other"})
	before.Annotations = map[string]string{"argocd.argoproj.io/tracking-id": "apps:/Secret:elsewhere/ci-token"}
	w := newWorld(t, before)
	o := options()
	o.Force = true
	secrets := w.cluster.CoreV1().Secrets(here)
	first, err := w.keys.Create(t.Context(), secrets, o)
	if err != nil || !first.Updated || first.Replaced != nil {
		t.Fatalf("%+v, %v", first, err)
	}
	o.ID = "key-2"
	second, err := w.keys.Create(t.Context(), secrets, o)
	if err != nil || second.Replaced == nil || second.Replaced.ID != "key-1" || second.Replaced.Account != "ci" {
		t.Fatalf("%+v, %v", second, err)
	}
	s := w.secret(t, "ci-token")
	if string(s.Data["other"]) != "s3cr3t-other" || string(s.Data["token"]) != second.Token.Reveal() {
		t.Error("the data is not what it should be")
	}
	if diff := cmp.Diff(map[string]string{"team": "a"}, s.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if s.Annotations["runtime-auth/key-id"] != "key-2" {
		t.Errorf("annotations %v", s.Annotations)
	}
	if n := w.listed(t); n != 2 {
		t.Errorf("%d API keys: the replaced one is not ours to revoke", n)
	}
}

// TestCreateRefused has what must be noticed before a key is made.
func TestCreateRefused(t *testing.T) {
	yes := true
	changed := func(change func(*corev1.Secret)) *corev1.Secret {
		s := opaque("ci-token", nil)
		change(s)
		return s
	}
	force := func(o *apikey.Options) { o.Force = true }
	named := func(name string) func(*apikey.Options) { return func(o *apikey.Options) { o.Target.Name = name } }
	tests := map[string]struct {
		exists  *corev1.Secret
		options func(*apikey.Options)
		world   func(*world)
		want    string // in the reason
		hint    string
	}{
		"the Secret exists": {exists: opaque("ci-token", nil), want: `Secret "ci-token" exists in namespace "argocd" already`, hint: "--force"},
		"immutable":         {exists: changed(func(s *corev1.Secret) { s.Immutable = &yes }), options: force, want: "is immutable", hint: "--secret-name"},
		"being deleted":     {exists: changed(func(s *corev1.Secret) { s.DeletionTimestamp = &metav1.Time{}; s.Finalizers = []string{"a/b"} }), options: force, want: "is being deleted"},
		"being rotated": {exists: changed(func(s *corev1.Secret) { s.Annotations = map[string]string{apikey.Rotating: "grace"} }), options: force,
			want: "has begun and not ended", hint: "token rotate -n argocd"},
		"of another type":    {exists: changed(func(s *corev1.Secret) { s.Type = corev1.SecretTypeTLS }), options: force, want: `is of type "kubernetes.io/tls"`},
		"of a Helm release":  {exists: changed(func(s *corev1.Secret) { s.Annotations = map[string]string{"meta.helm.sh/release-name": "x"} }), options: force, want: `belongs to Helm release "x"`},
		"labelled as Helm's": {exists: changed(func(s *corev1.Secret) { s.Labels["app.kubernetes.io/managed-by"] = "Helm" }), options: force, want: "belongs to Helm"},
		"of Argo CD":         {exists: changed(func(s *corev1.Secret) { s.Labels["app.kubernetes.io/part-of"] = "argocd" }), options: force, want: "belongs to Argo CD"},
		"a repository":       {exists: changed(func(s *corev1.Secret) { s.Labels["argocd.argoproj.io/secret-type"] = "cluster" }), options: force, want: "belongs to Argo CD"},
		"kept by an operator": {exists: changed(func(s *corev1.Secret) {
			s.OwnerReferences = []metav1.OwnerReference{{Kind: "ExternalSecret", Name: "x", Controller: &yes}}
		}), options: force, want: `is kept by ExternalSecret "x"`},
		"sealed": {exists: changed(func(s *corev1.Secret) {
			s.OwnerReferences = []metav1.OwnerReference{{Kind: "SealedSecret", Name: "ci-token", Controller: &yes}}
		}), options: force, want: `is kept by SealedSecret "ci-token"`, hint: "--secret-name"},
		"of the operator": {exists: changed(func(s *corev1.Secret) {
			s.Annotations = map[string]string{"argocds.argoproj.io/name": "gitops"}
		}), options: force, want: `is kept by ArgoCD "gitops"`},
		"of an Application": {exists: changed(func(s *corev1.Secret) {
			s.Annotations = map[string]string{"argocd.argoproj.io/tracking-id": "apps:/Secret:argocd/ci-token"}
		}), options: force, want: `is kept by Application "apps"`, hint: "--secret-name"},
		"of an Application, by label": {exists: changed(func(s *corev1.Secret) { s.Labels["argocd.argoproj.io/instance"] = "apps" }), options: force, want: `is kept by Application "apps"`},
		"of a Kustomization":          {exists: changed(func(s *corev1.Secret) { s.Labels["kustomize.toolkit.fluxcd.io/name"] = "infra" }), options: force, want: `is kept by Kustomization "infra"`},
		"of a HelmRelease": {exists: changed(func(s *corev1.Secret) {
			s.Labels["app.kubernetes.io/managed-by"], s.Labels["helm.toolkit.fluxcd.io/name"] = "Helm", "runtime"
		}), options: force, want: `is kept by HelmRelease "runtime"`},
		"of a chart, by its labels": {exists: changed(func(s *corev1.Secret) {
			s.Labels["app.kubernetes.io/managed-by"], s.Labels["app.kubernetes.io/instance"] = "Helm", "x"
		}), options: force, want: "belongs to Helm"},
		"argocd-secret":               {options: named("argocd-secret"), want: "Argo CD keeps its own settings", hint: "--secret-name"},
		"argocd-initial-admin-secret": {options: named("argocd-initial-admin-secret"), want: "first password"},
		"codefresh-token":             {options: named("codefresh-token"), want: "token for Codefresh"},
		"argocd-token":                {options: named("argocd-token"), want: "written by app-proxy"},
		"the chart's":                 {options: named("gitops-runtime-argo-cd-token"), want: "by the Runtime's chart"},
		"a record of Helm's":          {options: named("sh.helm.release.v1.x.v1"), want: "one of Helm's records"},
		"no right to create":          {world: func(w *world) { w.refuse("create", 1, forbidden("ci-token")) }, want: `cannot create Secret "ci-token" in namespace "argocd"`, hint: "verb create, resource secrets"},
		"no right to update": {exists: opaque("ci-token", nil), options: force, world: func(w *world) { w.refuse("update", 1, forbidden("ci-token")) },
			want: "cannot update Secret", hint: "verb update, resource secrets"},
		"no right to read, by force": {options: force, world: func(w *world) { w.refuse("get", 1, forbidden("ci-token")) }, want: "cannot get Secret", hint: "verb get"},
		"exists, and no right to read": {exists: opaque("ci-token", nil), world: func(w *world) { w.refuse("get", 1, forbidden("ci-token")) },
			want: "exists in namespace"},
		"no such namespace": {world: func(w *world) {
			w.refuse("create", 1, apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, here))
		}, want: "cannot create Secret", hint: "with -n"},
		"a wrong password": {world: func(w *world) { w.keys.Login.Password = auth.NewSecret("s3cr3t-wrong") }, want: "Invalid username or password", hint: "--auth-token-file"},
		"a token of nobody": {world: func(w *world) { w.keys.Login = apikey.Login{Token: auth.NewSecret("s3cr3t.to.ken")} },
			want: "Argo CD does not accept the token: \"invalid session: token is malformed", hint: "--auth-token-file"},
		"no such account":  {options: func(o *apikey.Options) { o.Account = "nobody" }, want: `account "nobody" does not exist`, hint: `"accounts.nobody: apiKey"`},
		"no capability":    {world: func(w *world) { w.store.SetAccount("ci", "login") }, want: `lacks the capability "apiKey"`, hint: `"accounts.ci: apiKey, login"`},
		"admin":            {options: func(o *apikey.Options) { o.Account = "admin" }, want: `lacks the capability "apiKey"`, hint: `"accounts.admin: apiKey, login"`},
		"disabled account": {world: func(w *world) { w.store.SetAccount("ci.enabled", "false") }, want: `account "ci" is disabled`, hint: `accounts.ci.enabled: \"true\"`},
		"a taken id": {world: func(w *world) { w.store.Secret["accounts.ci.tokens"] = []byte(`[{"id":"key-1","iat":1}]`) },
			want: `has an API key with the id "key-1" already`, hint: "--id"},
	}
	for name, test := range tests {
		for _, dry := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, dry run %t", name, dry), func(t *testing.T) {
				var w *world
				if test.exists != nil {
					w = newWorld(t, test.exists.DeepCopy())
				} else {
					w = newWorld(t)
				}
				o := options()
				o.DryRun = dry
				if test.options != nil {
					test.options(&o)
				}
				if test.world != nil {
					test.world(w)
				}
				before := w.listed(t)
				_, err := w.keys.Create(t.Context(), w.cluster.CoreV1().Secrets(here), o)
				checkError(t, err, test.want, test.hint)
				for _, call := range w.calls() {
					if strings.HasSuffix(call, "/token") || call == "create" || call == "update" {
						t.Errorf("it was refused too late: %s", call)
					}
				}
				if n := w.listed(t); n != before {
					t.Errorf("%d API keys instead of %d", n, before)
				}
				w.checkSessions(t)
			})
		}
	}
}

func checkError(t *testing.T, err error, reason, hint string) {
	t.Helper()
	var e *apikey.Error
	switch {
	case !errors.As(err, &e):
		t.Fatalf("%T %v is no *Error", err, err)
	case !strings.Contains(e.Reason, reason):
		t.Errorf("the reason is %q, without %q", e.Reason, reason)
	case !strings.Contains(e.Hint, hint):
		t.Errorf("the hint is %q, without %q", e.Hint, hint)
	}
	if wrong := shelltest.Wrong(e.Hint, shelltest.Accepted); wrong != nil {
		t.Error(wrong)
	}
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if text := fmt.Sprintf("%v %+v %#v", cause, cause, cause); strings.Contains(text, "s3cr3t") || strings.Contains(text, "eyJ") {
			t.Errorf("a credential is in %T", cause)
		}
	}
}

// TestCreateTakenBack has what goes wrong once the key is there.
func TestCreateTakenBack(t *testing.T) {
	lost := errors.New("connection lost")
	gone := func(path, moment string) func(*world) {
		return func(w *world) {
			w.hook = func(now string, rw http.ResponseWriter, r *http.Request) bool {
				if now != moment || r.Method+" "+r.URL.Path != path {
					return false
				}
				rw.WriteHeader(http.StatusBadGateway)
				return true
			}
		}
	}
	tests := map[string]struct {
		world  func(*world)
		force  bool
		want   []string
		hint   string
		listed int
	}{
		"the Secret appears meanwhile": {world: func(w *world) {
			w.refuse("create", 2, apierrors.NewAlreadyExists(schema.GroupResource{Resource: "secrets"}, "ci-token"))
		}, want: []string{"exists in namespace", "was revoked again"}, hint: "--force"},
		"the Secret changes meanwhile": {force: true, world: func(w *world) {
			w.refuse("update", 2, apierrors.NewConflict(schema.GroupResource{Resource: "secrets"}, "ci-token", lost))
		}, want: []string{"was changed by somebody else", "was revoked again"}, hint: "try again"},
		"the API server is gone": {world: func(w *world) { w.refuse("create", 2, lost) },
			want: []string{"cannot create Secret", "connection lost", "was revoked again"}},
		"so is Argo CD": {world: func(w *world) {
			w.refuse("create", 2, lost)
			gone("DELETE /api/v1/account/ci/token/key-1", "")(w)
		}, want: []string{"connection lost", `API key "key-1" of account "ci" may be left behind`}, hint: "--account ci --id key-1", listed: 1},
		"the answer with the key is lost":  {world: gone("POST /api/v1/account/ci/token", "done"), want: []string{"502", "was revoked again"}},
		"the request for a key is lost":    {world: gone("POST /api/v1/account/ci/token", ""), want: []string{"502", "no API key was left behind"}},
		"a proxy hands out something else": {world: answer("POST /api/v1/account/ci/token", `{"token":"s3cr3t.eyJ.x"}`), want: []string{"what Argo CD returned is not an API key", "was revoked again"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var w *world
			if test.force {
				w = newWorld(t, opaque("ci-token", nil))
			} else {
				w = newWorld(t)
			}
			test.world(w)
			o := options()
			o.Force = test.force
			_, err := w.keys.Create(t.Context(), w.cluster.CoreV1().Secrets(here), o)
			for _, want := range test.want {
				checkError(t, err, want, test.hint)
			}
			if n := w.listed(t); n != test.listed {
				t.Errorf("%d API keys are left behind", n)
			}
			w.checkSessions(t)
		})
	}
}

// answer makes a proxy answer in the place of Argo CD, which has done the work.
func answer(path, body string) func(*world) {
	return func(w *world) {
		w.hook = func(moment string, rw http.ResponseWriter, r *http.Request) bool {
			if moment != "done" || r.Method+" "+r.URL.Path != path {
				return false
			}
			rw.Header().Set("Content-Type", "application/json")
			_, _ = rw.Write([]byte(body))
			return true
		}
	}
}

// TestCreateTakenMeanwhile holds that a key of somebody else is never revoked: the id
// is taken between the look at the account and the call.
func TestCreateTakenMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.hook = func(moment string, _ http.ResponseWriter, r *http.Request) bool {
		if moment == "" && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/token") {
			_ = w.store.SaveSecret(r.Context(), "accounts.ci.tokens", []byte(`[{"id":"key-1","iat":1}]`))
		}
		return false
	}
	_, err := w.keys.Create(t.Context(), w.cluster.CoreV1().Secrets(here), options())
	checkError(t, err, "already has token with id", "")
	if n := w.listed(t); n != 1 {
		t.Errorf("%d API keys: that of somebody else was revoked", n)
	}
}

// TestCreateLost has an API server whose answer to the write is lost: the key is revoked if the
// look afterwards shows that it is not in the Secret, and stays where it is, or nobody can tell.
func TestCreateLost(t *testing.T) {
	lost := errors.New("connection lost")
	for name, test := range map[string]struct {
		answer        error
		stored, blind bool
		want, hint    string // of the error; "" where there is none
		listed        int
	}{
		"stored":                    {answer: lost, stored: true, listed: 1},
		"stored, and a 500":         {answer: apierrors.NewInternalError(lost), stored: true, listed: 1},
		"not stored":                {answer: lost, want: "connection lost; the API key was revoked again"},
		"not stored, and a 500":     {answer: apierrors.NewInternalError(lost), want: "connection lost; the API key was revoked again"},
		"stored, and nobody sees":   {answer: lost, stored: true, blind: true, want: `API key "key-1" of account "ci" was not revoked: Secret "ci-token" in namespace "argocd" may hold it`, hint: " --account ci --id key-1", listed: 1},
		"not stored, nobody sees":   {answer: lost, blind: true, want: `API key "key-1" of account "ci" was not revoked`, hint: " --account ci;", listed: 1},
		"refused, and nobody looks": {answer: forbidden("ci-token"), blind: true, want: "cannot create Secret \"ci-token\"", listed: 0},
	} {
		for _, force := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, force %t", name, force), func(t *testing.T) {
				w := newWorld(t)
				o := options()
				if o.Force = force; force {
					w = newWorld(t, opaque("ci-token", map[string]string{"token": "s3cr3t-before"}))
					test.want = strings.Replace(test.want, "cannot create", "cannot update", 1)
				}
				sent := false
				w.cluster.PrependReactor("*", "secrets", func(a clienttesting.Action) (bool, runtime.Object, error) {
					var tried []string
					var object runtime.Object
					switch a := a.(type) {
					case clienttesting.CreateActionImpl:
						tried, object = a.CreateOptions.DryRun, a.Object
					case clienttesting.UpdateActionImpl:
						tried, object = a.UpdateOptions.DryRun, a.Object
					default:
						return sent && test.blind, nil, lost
					}
					if len(tried) > 0 {
						return false, nil, nil
					}
					if sent = true; test.stored {
						_ = w.cluster.Tracker().Delete(a.GetResource(), here, "ci-token")
						_ = w.cluster.Tracker().Add(object)
					}
					return true, nil, test.answer
				})
				r, err := w.keys.Create(t.Context(), w.cluster.CoreV1().Secrets(here), o)
				if test.want != "" {
					checkError(t, err, test.want, test.hint)
				} else if err != nil || string(w.secret(t, "ci-token").Data["token"]) != r.Token.Reveal() {
					t.Errorf("the key is not in the Secret: %v", err)
				}
				if n := w.listed(t); n != test.listed {
					t.Errorf("%d API keys, want %d", n, test.listed)
				}
				w.checkSessions(t)
			})
		}
	}
}

// TestCreateWebhook has an admission webhook that repeats what it is sent.
func TestCreateWebhook(t *testing.T) {
	w := newWorld(t)
	w.cluster.PrependReactor("create", "secrets", func(a clienttesting.Action) (bool, runtime.Object, error) {
		create := a.(clienttesting.CreateActionImpl)
		if len(create.CreateOptions.DryRun) > 0 {
			return false, nil, nil
		}
		key := create.Object.(*corev1.Secret).Data["token"]
		return true, nil, apierrors.NewBadRequest(fmt.Sprintf("denied:\n\x1b[31m%s %s", key, base64.StdEncoding.EncodeToString(key)))
	})
	_, err := w.keys.Create(t.Context(), w.cluster.CoreV1().Secrets(here), options())
	checkError(t, err, "denied: [31m[redacted] [redacted]; the API key was revoked again", "")
}

// TestCreateInterrupted is stopped in the midst, and still cleans up.
func TestCreateInterrupted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.cluster.PrependReactor("create", "secrets", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if len(a.(clienttesting.CreateActionImpl).CreateOptions.DryRun) > 0 {
			return false, nil, nil
		}
		cancel()
		return true, nil, ctx.Err()
	})
	_, err := w.keys.Create(ctx, w.cluster.CoreV1().Secrets(here), options())
	checkError(t, err, "interrupted; the API key was revoked again", "")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not what cancelling gives", err)
	}
	if n := w.listed(t); n != 0 {
		t.Errorf("%d API keys are left behind", n)
	}
	w.checkSessions(t)
}

func TestCreateDryRun(t *testing.T) {
	w := newWorld(t)
	o := options()
	o.DryRun = true
	o.Deliver = func(apikey.Result) error { t.Error("delivered"); return nil }
	r, err := w.keys.Create(t.Context(), w.cluster.CoreV1().Secrets(here), o)
	if err != nil || !r.Token.IsZero() || r.Manifest().StringData["token"] != apikey.NotMade {
		t.Errorf("%+v, %v", r, err)
	}
	want := []string{"get", "try to create", "POST /api/v1/session", canI + "accounts/get/ci", canI + "accounts/update/ci", "GET /api/v1/account/ci", "GET /auth/logout"}
	if diff := cmp.Diff(want, w.calls()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// TestCreateDelivered has no cluster, and a reader that is gone.
func TestCreateDelivered(t *testing.T) {
	w := newWorld(t)
	o := options()
	var got apikey.Result
	o.Deliver = func(r apikey.Result) error { got = r; return nil }
	r, err := w.keys.Create(t.Context(), nil, o)
	if err != nil || got.Token.IsZero() || got.Manifest().StringData["token"] != r.Token.Reveal() || w.listed(t) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	o.ID, o.Deliver = "key-2", func(apikey.Result) error { return errors.New("nobody reads") }
	_, err = w.keys.Create(t.Context(), nil, o)
	checkError(t, err, "nobody reads; the API key was revoked again", "")
	if n := w.listed(t); n != 1 {
		t.Errorf("%d API keys", n)
	}
	w.checkSessions(t)
}
