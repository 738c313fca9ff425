//go:build cluster

package rotate_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

const (
	here = "argocd"
	name = "runtime-argo-cd-token"
	key  = "token"
	own  = "runtime-auth/rotate-"
)

// world is an Argo CD with an account "ci", and a cluster in which a Deployment and a
// StatefulSet read its API key from a Secret. It can kill whoever calls it.
type world struct {
	t       *testing.T
	store   *argocdtest.Memory
	argoCD  *argocdtest.Server
	urls    struct{ ArgoCD, Cluster string } // by which they are called
	excused string                           // the id of a key that Argo CD was made to refuse
	// meddle is called before each request, with its number, while the lock is held.
	meddle func(n int, r *http.Request)

	mu         sync.Mutex
	version    int
	secret     *corev1.Secret
	others     []corev1.Secret
	deployment *appsv1.Deployment
	stateful   *appsv1.StatefulSet
	held       map[string][]string // what the pods of a reader hold
	started    map[string]time.Time
	created    map[string]time.Time // by the API server; zero where it does not matter
	looks      map[string]int       // at a rollout since it began

	requests []string
	moment               // of a fault
	victim   *os.Process // of the fault; nil where the run is in this process
	dead     bool        // nothing that the run sends has any effect any more
	cut      bool        // or nothing that it sends to the API server
	runs     int
}

// moment is when something goes wrong: at the request of this number, 0 for never, and when
// its work is done or before.
type moment struct {
	at    int
	after bool
	fault fault
}

type fault int

const (
	killed fault = iota // the run ends
	lost                // the answer, in place of which there is a 504
	gone                // the API server is not there any more
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: argocdtest.NewMemory(), held: map[string][]string{}, started: map[string]time.Time{}, created: map[string]time.Time{}, looks: map[string]int{}}
	w.store.SetAccount("ci", "apiKey")
	w.store.Secret["accounts.ci.tokens"] = []byte(`[{"id":"old-key","iat":1700000000},{"id":"theirs","iat":1700000000}]`)
	w.argoCD = argocdtest.NewServer(argocdtest.Options{Store: w.store})
	t.Cleanup(w.argoCD.Close)
	to, err := url.Parse(w.argoCD.URL)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(to)
	pass.ErrorLog = log.New(io.Discard, "", 0) // that a caller has gone
	w.urls.ArgoCD = w.serve(pass.ServeHTTP)
	w.urls.Cluster = w.serve(w.api)

	old := w.argoCD.Token("ci:apiKey", "old-key", nil)
	w.secret = &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: name, ResourceVersion: "0"},
		Type:       corev1.SecretTypeOpaque, Data: map[string][]byte{key: []byte(old), "other": []byte("x")},
	}
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: here, Name: name, Generation: 1}
	}
	w.deployment = &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: meta("cap-app-proxy")}
	w.deployment.Spec.Template.Spec.Containers = []corev1.Container{{Name: "c", Env: []corev1.EnvVar{{Name: "ARGO_CD_TOKEN", ValueFrom: &corev1.EnvVarSource{
		SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key},
	}}}}}
	w.stateful = &appsv1.StatefulSet{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"}, ObjectMeta: meta("event-reporter")}
	w.stateful.Spec.Template.Spec.Containers = []corev1.Container{{Name: "c", Env: []corev1.EnvVar{
		{Name: "ARGO_CD_TOKEN_SECRET_NAME", Value: name}, {Name: "ARGO_CD_TOKEN_SECRET_KEY", Value: key},
	}}}
	for _, reader := range []string{"cap-app-proxy", "event-reporter"} {
		w.held[reader], w.started[reader], w.looks[reader] = []string{old}, time.Now().Add(-time.Hour), 9
	}
	w.settle()
	return w
}

// serve starts a server whose requests are counted, and may end whoever has sent them.
func (w *world) serve(handle http.HandlerFunc) string {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.requests = append(w.requests, r.Method+" "+r.URL.RequestURI())
		n := len(w.requests)
		if w.meddle != nil {
			w.meddle(n, r)
		}
		answer := httptest.NewRecorder()
		mute := w.dead || w.cut && strings.HasPrefix(r.URL.Path, "/api") && !strings.HasPrefix(r.URL.Path, "/api/v1/account") && !strings.HasPrefix(r.URL.Path, "/api/v1/session")
		if !mute && (n != w.at || w.after) {
			handle(answer, r)
			w.check(fmt.Sprintf("request %d, %s", n, w.requests[n-1]))
		}
		if n == w.at || mute {
			w.fail(answer)
		}
		for name, values := range answer.Header() {
			rw.Header()[name] = values
		}
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(answer.Body.Bytes())
	}))
	s.Config.ErrorLog = nil
	w.t.Cleanup(s.Close)
	return s.URL
}

// fail ends the run, by the signal that nobody can catch or by letting nothing it does have
// an effect: for everybody else that is the same. Or it only loses an answer.
func (w *world) fail(answer *httptest.ResponseRecorder) {
	if w.victim != nil {
		if err := w.victim.Kill(); err != nil {
			w.t.Error(err)
		}
		panic(http.ErrAbortHandler)
	}
	w.dead, w.cut = w.dead || w.fault == killed, w.cut || w.fault == gone
	*answer = *httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	code := http.StatusGatewayTimeout
	if w.dead {
		code = http.StatusForbidden // lest it tries again
	}
	answer.WriteHeader(code)
	fmt.Fprintf(answer, `{"kind":"Status","apiVersion":"v1","status":"Failure","code":%d,"message":"no answer","error":"no answer"}`, code)
}

// api is the API server.
func (w *world) api(rw http.ResponseWriter, r *http.Request) {
	answer := func(code int, v any) {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(code)
		_ = json.NewEncoder(rw).Encode(v)
	}
	refuse := func(code int, reason metav1.StatusReason) {
		answer(code, metav1.Status{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: "Failure", Code: int32(code), Reason: reason})
	}
	tries := r.URL.Query().Get("dryRun") != ""
	body, _ := io.ReadAll(r.Body)
	_, path, _ := strings.Cut(r.URL.Path, "/namespaces/"+here+"/")
	switch r.Method + " " + path {
	case "GET secrets":
		answer(200, corev1.SecretList{Items: append(slices.Clone(w.others), *w.secret)})
	case "GET secrets/" + name:
		answer(200, w.secret)
	case "PUT secrets/" + name:
		s := &corev1.Secret{}
		if _, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, s); err != nil {
			w.t.Error(err)
		}
		switch {
		case s.ResourceVersion != w.secret.ResourceVersion:
			refuse(409, metav1.StatusReasonConflict)
			return
		case !tries:
			w.version++
			s.ResourceVersion, s.TypeMeta = fmt.Sprint(w.version), w.secret.TypeMeta
			if by := r.URL.Query().Get("fieldManager"); by == "runtime-auth" {
				s.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: by, Operation: "Update", Time: &metav1.Time{Time: time.Now()}}}
			}
			w.secret = s
		}
		answer(200, s)
	case "GET deployments":
		answer(200, appsv1.DeploymentList{Items: []appsv1.Deployment{*w.deployment}})
	case "GET statefulsets":
		answer(200, appsv1.StatefulSetList{Items: []appsv1.StatefulSet{*w.stateful}})
	case "GET daemonsets":
		answer(200, appsv1.DaemonSetList{})
	case "GET pods":
		answer(200, w.pods())
	case "GET deployments/cap-app-proxy":
		w.roll("cap-app-proxy")
		answer(200, w.deployment)
	case "GET statefulsets/event-reporter":
		w.roll("event-reporter")
		answer(200, w.stateful)
	case "PATCH deployments/cap-app-proxy":
		w.patch(body, &w.deployment.ObjectMeta, &w.deployment.Spec.Template, tries)
		answer(200, w.deployment)
	case "PATCH statefulsets/event-reporter":
		w.patch(body, &w.stateful.ObjectMeta, &w.stateful.Spec.Template, tries)
		answer(200, w.stateful)
	default:
		w.t.Errorf("unexpected %s %s", r.Method, r.URL.Path)
		refuse(404, metav1.StatusReasonNotFound)
	}
}

func (w *world) pods() (all corev1.PodList) {
	for reader, spec := range map[string]corev1.PodSpec{"cap-app-proxy": w.deployment.Spec.Template.Spec, "event-reporter": w.stateful.Spec.Template.Spec} {
		is := true
		p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: reader + "-0"}, Spec: spec}
		p.CreationTimestamp = metav1.NewTime(w.created[reader])
		if at := w.started[reader]; !w.created[reader].IsZero() {
			p.Status.StartTime = &metav1.Time{Time: at.Add(-time.Second)}
		}
		p.OwnerReferences = []metav1.OwnerReference{{Kind: "StatefulSet", Name: reader, Controller: &is}}
		if reader == "cap-app-proxy" {
			p.Labels = map[string]string{appsv1.DefaultDeploymentUniqueLabelKey: "5d4"}
			p.OwnerReferences[0] = metav1.OwnerReference{Kind: "ReplicaSet", Name: reader + "-5d4", Controller: &is}
		}
		at := metav1.NewTime(w.started[reader])
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "c", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at}}}}
		all.Items = append(all.Items, p)
	}
	return all
}

// patch restarts a reader: its new pod takes what is in the Secret now.
func (w *world) patch(body []byte, meta *metav1.ObjectMeta, template *corev1.PodTemplateSpec, tries bool) {
	var change struct {
		Spec struct{ Template corev1.PodTemplateSpec }
	}
	if err := json.Unmarshal(body, &change); err != nil || len(change.Spec.Template.Annotations) != 1 {
		w.t.Errorf("patch %s: %v", body, err)
	}
	if tries {
		return
	}
	template.Annotations = change.Spec.Template.Annotations
	meta.Generation++
	w.looks[meta.Name] = 0
	w.held[meta.Name] = append(w.held[meta.Name], string(w.secret.Data[key]))
}

// roll goes on with a rollout a little whenever somebody looks: the controller sees the
// change, the new pod runs beside the old one, the old one ends.
func (w *world) roll(reader string) {
	if w.looks[reader]++; w.looks[reader] == 3 {
		w.held[reader] = w.held[reader][len(w.held[reader])-1:]
		w.started[reader] = time.Now()
	}
	w.settle()
}

func (w *world) settle() {
	d, s := &w.deployment.Status, &w.stateful.Status
	switch looks := w.looks["cap-app-proxy"]; {
	case looks == 2:
		*d = appsv1.DeploymentStatus{ObservedGeneration: w.deployment.Generation, Replicas: 2, UpdatedReplicas: 1, AvailableReplicas: 2}
	case looks > 2:
		*d = appsv1.DeploymentStatus{ObservedGeneration: w.deployment.Generation, Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1}
	}
	if w.looks["event-reporter"] > 2 {
		*s = appsv1.StatefulSetStatus{ObservedGeneration: w.stateful.Generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, CurrentRevision: "b", UpdateRevision: "b"}
	}
}

// alive are the ids of the API keys that Argo CD accepts.
func (w *world) alive() (ids []string) {
	var all []struct{ ID string }
	if text := w.store.Secret["accounts.ci.tokens"]; len(text) > 0 {
		if err := json.Unmarshal(text, &all); err != nil {
			w.t.Error(err)
		}
	}
	for _, one := range all {
		ids = append(ids, one.ID)
	}
	return ids
}

func (w *world) id(held string) string {
	read, err := token.Parse(held)
	if err != nil {
		w.t.Error(err)
	}
	return read.ID
}

// check holds what must be so at every moment: the Secret and every pod hold a key that
// Argo CD accepts, and each key that it accepts is named by the Secret.
func (w *world) check(when string) {
	w.t.Helper()
	alive := w.alive()
	good := func(who, held string) {
		if id := w.id(held); !slices.Contains(alive, id) && id != w.excused {
			w.t.Errorf("after %s: %s holds API key %q, alive are %q", when, who, id, alive)
		}
	}
	good("the Secret", string(w.secret.Data[key]))
	for reader, all := range w.held {
		for _, held := range all {
			good(reader, held)
		}
	}
	named := []string{w.id(string(w.secret.Data[key])), "theirs"}
	for _, annotation := range []string{"old-key-id", "new-key-id", "abandoned-key-ids"} {
		named = append(named, strings.Fields(w.secret.Annotations[own+annotation])...)
	}
	for _, id := range alive {
		if !slices.Contains(named, id) {
			w.t.Errorf("after %s: API key %q is alive, and the Secret names none but %q", when, id, named)
		}
	}
	for name, text := range w.secret.Annotations {
		if strings.Contains(text, "eyJ") {
			w.t.Errorf("annotation %s holds a credential", name)
		}
	}
}

// final holds how a rotation ends: in use is the key with this id, or, where it is "", a new
// one; no other is left.
func (w *world) final(id string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.check("the end")
	held := w.id(string(w.secret.Data[key]))
	switch {
	case id != "" && held != id, id == "" && held == "old-key":
		w.t.Errorf("the Secret holds API key %q", held)
	}
	if alive := w.alive(); len(alive) != 2 || !slices.Contains(alive, held) || !slices.Contains(alive, "theirs") {
		w.t.Errorf("alive are %q, in use is %q", alive, held)
	}
	if got := fmt.Sprint(len(w.secret.Data)); got != "2" {
		w.t.Errorf("the Secret has %s keys", got)
	}
	for name := range w.secret.Annotations {
		if strings.HasPrefix(name, own) {
			w.t.Errorf("annotation %s is left", name)
		}
	}
	for reader, all := range w.held {
		if len(all) != 1 || w.id(all[0]) != held {
			w.t.Errorf("%s holds %d keys, not API key %q alone", reader, len(all), held)
		}
	}
}
