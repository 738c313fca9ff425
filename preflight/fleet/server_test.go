//go:build cluster

package fleet_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// server speaks as much of the API of Kubernetes as is needed to list page by page,
// and to get.
type server struct {
	mu      sync.Mutex
	objects map[string]map[string]metav1.Object // by resource, by NAMESPACE/NAME
	// requests holds "get secrets" or "list secrets", and the selectors of fields and
	// labels, for each that came.
	requests []string
	// refuse holds such requests that RBAC does not allow.
	refuse []string
	// expire is called for every page but a first one; it may answer in its place.
	expire func(resource, after string) *apierrors.StatusError
	sizes  []int // of the pages
	url    string
	// backward turns the order in each page around.
	backward bool
}

func newServer(t *testing.T) (*server, corev1client.CoreV1Interface) {
	t.Helper()
	s := &server{objects: map[string]map[string]metav1.Object{}}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.url = h.URL
	c, err := corev1client.NewForConfig(&rest.Config{Host: h.URL, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

// put adds an object, or puts it in the place of another.
func (s *server) put(o metav1.Object) {
	var resource string
	switch o.(type) {
	case *corev1.Secret:
		resource = "secrets"
	case *corev1.ConfigMap:
		resource = "configmaps"
	case *corev1.Service:
		resource = "services"
	case *corev1.Namespace:
		resource = "namespaces"
	case *corev1.Pod:
		resource = "pods"
	case *appsv1.Deployment:
		resource = "deployments"
	}
	if s.objects[resource] == nil {
		s.objects[resource] = map[string]metav1.Object{}
	}
	s.objects[resource][o.GetNamespace()+"/"+o.GetName()] = o
}

func (s *server) remove(resource, key string) { delete(s.objects[resource], key) }

func (s *server) count(request string) (n int) {
	for _, r := range s.requests {
		if strings.HasPrefix(r, request) {
			n++
		}
	}
	return n
}

// ServeHTTP takes, of the core API and that of apps, /api/v1/RESOURCE, /api/v1/namespaces/NAME and
// /api/v1/namespaces/NAMESPACE/RESOURCE[/NAME].
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/apis/apps/v1/"), "/api/v1/"), "/")
	namespace, resource, name := "", parts[0], ""
	switch {
	case len(parts) == 2:
		name = parts[1]
	case len(parts) > 2:
		namespace, resource = parts[1], parts[2]
		name = strings.Join(parts[3:], "")
	}
	verb := map[bool]string{true: "list", false: "get"}[name == ""]
	s.requests = append(s.requests, strings.Join([]string{verb, resource, r.URL.Query().Get("fieldSelector"), r.URL.Query().Get("labelSelector")}, " "))
	switch {
	case slices.Contains(s.refuse, verb+" "+resource):
		answer(w, http.StatusForbidden, apierrors.NewForbidden(corev1.Resource(resource), name, fmt.Errorf("not allowed to %s", verb)).ErrStatus)
	case verb == "get":
		o, ok := s.objects[resource][namespace+"/"+name]
		if !ok {
			answer(w, http.StatusNotFound, apierrors.NewNotFound(corev1.Resource(resource), name).ErrStatus)
			return
		}
		answer(w, http.StatusOK, o)
	default:
		s.list(w, r, resource, namespace)
	}
}

// list answers with one page. The token for the next is the key of the last object.
func (s *server) list(w http.ResponseWriter, r *http.Request, resource, namespace string) {
	q := r.URL.Query()
	after := q.Get("continue")
	if after != "" && s.expire != nil {
		if e := s.expire(resource, after); e != nil {
			answer(w, int(e.ErrStatus.Code), e.ErrStatus)
			return
		}
	}
	limit, _ := strconv.Atoi(q.Get("limit"))
	byLabel, err := labels.Parse(q.Get("labelSelector"))
	if err != nil {
		panic(err)
	}
	byField, err := fields.ParseSelector(q.Get("fieldSelector"))
	if err != nil {
		panic(err)
	}
	var items []metav1.Object
	var meta metav1.ListMeta
	last := ""
	for _, key := range slices.Sorted(maps.Keys(s.objects[resource])) {
		o := s.objects[resource][key]
		if key <= after || namespace != "" && o.GetNamespace() != namespace ||
			!byLabel.Matches(labels.Set(o.GetLabels())) || !byField.Matches(fieldsOf(o)) {
			continue
		}
		if limit > 0 && len(items) == limit {
			meta.Continue = last
			break
		}
		items, last = append(items, o), key
	}
	if s.backward {
		slices.Reverse(items)
	}
	s.sizes = append(s.sizes, len(items))
	answer(w, http.StatusOK, map[string]any{"metadata": meta, "items": items})
}

func fieldsOf(o metav1.Object) fields.Set {
	set := fields.Set{"metadata.name": o.GetName(), "metadata.namespace": o.GetNamespace()}
	if secret, ok := o.(*corev1.Secret); ok {
		set["type"] = string(secret.Type)
	}
	if pod, ok := o.(*corev1.Pod); ok {
		set["status.phase"] = string(pod.Status.Phase)
	}
	return set
}

func answer(w http.ResponseWriter, code int, body any) {
	if status, ok := body.(metav1.Status); ok {
		status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		body = status
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}
