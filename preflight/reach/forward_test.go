//go:build cluster

package reach_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/preflight/reach"
	"github.com/helm-runtime-auth/runtime-auth/preflight/reachtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

const password = "s3cr3t-password"

func TestMain(m *testing.M) {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	m.Run()
}

// service is Argo CD's as its manifests have it: both ports lead to one of the pod.
func service(name string, change func(*corev1.Service)) corev1.Service {
	s := corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "argocd", Labels: map[string]string{
			"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/component": "server",
		}},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app.kubernetes.io/name": "argocd-server"},
			Ports: []corev1.ServicePort{
				{Name: "http", Port: 80, TargetPort: intstr.FromString("server")},
				{Name: "https", Port: 443, TargetPort: intstr.FromInt32(8080)},
				{Name: "same", Port: 8080},
				{Name: "nothing", Port: 81, TargetPort: intstr.FromInt32(9)},
				{Name: "nobody", Port: 82, TargetPort: intstr.FromString("nobody")},
			},
		},
	}
	if change != nil {
		change(&s)
	}
	return s
}

func pod(name string, ready corev1.ConditionStatus) corev1.Pod {
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "argocd", Labels: map[string]string{"app.kubernetes.io/name": "argocd-server"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Ports: []corev1.ContainerPort{{Name: "server", ContainerPort: 8080}}}}},
		Status:     corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}},
	}
}

// world is an API server with an Argo CD behind it, and the way to it.
type world struct {
	api    *reachtest.Server
	argoCD *argocdtest.Server
	reach.Forward
}

func newWorld(t *testing.T, isTLS bool) *world {
	t.Helper()
	store := argocdtest.NewMemory()
	store.SetPassword("admin", password, time.Now().Add(-time.Hour))
	w := &world{argoCD: argocdtest.NewServer(argocdtest.Options{Store: store, TLS: isTLS, RootPath: "/argo-cd"})}
	t.Cleanup(w.argoCD.Close)
	w.api = &reachtest.Server{
		Namespace: "argocd",
		Services:  []corev1.Service{service("argocd-server", nil)},
		Pods:      []corev1.Pod{pod("argocd-server-0", corev1.ConditionFalse), pod("argocd-server-1", corev1.ConditionTrue), pod("argocd-server-2", corev1.ConditionTrue)},
		Listeners: map[string]string{"argocd-server-1:8080": w.argoCD.Listener.Addr().String()},
	}
	server := httptest.NewServer(w.api)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	w.Config = &rest.Config{Host: server.URL, QPS: -1}
	core, err := corev1client.NewForConfig(w.Config)
	if err != nil {
		t.Fatal(err)
	}
	w.Core, w.Namespace, w.Timeout = core, "argocd", 10*time.Second
	return w
}

func (w *world) client(t *testing.T, url string) *argocd.Client {
	t.Helper()
	c, err := argocd.New(argocd.Options{URL: url, Dial: w.Dial, Insecure: true, Timeout: w.Timeout})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// settled waits for the goroutines of a test to end.
func settled(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines are left: %s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// TestForward makes calls by both protocols, plain and by TLS, through named ports,
// numbers, and ports that are the same on both sides; and leaves nothing open.
func TestForward(t *testing.T) {
	for protocol, forbidden := range map[string][]string{"websocket": nil, "spdy": {"get pods/portforward"}} {
		for isTLS, urls := range map[bool][]string{
			false: {"http://argocd-server/argo-cd", "http://argocd-server.argocd/argo-cd", "http://argocd-server.argocd.svc.cluster.local:8080/argo-cd"},
			true:  {"https://argocd-server/argo-cd", "https://argocd-server.argocd.svc:8080/argo-cd"},
		} {
			t.Run(fmt.Sprint(protocol, isTLS), func(t *testing.T) {
				w := newWorld(t, isTLS)
				w.api.Forbidden = forbidden
				w.Core.Services("argocd").List(t.Context(), metav1.ListOptions{}) //nolint:errcheck // opens the connection that stays
				before := runtime.NumGoroutine()
				for _, url := range urls {
					c := w.client(t, url)
					session, err := c.SignIn(t.Context(), "admin", auth.NewSecret(password))
					if err != nil {
						t.Fatal(err)
					}
					if who, err := c.Userinfo(t.Context(), session); err != nil || who.Username != "admin" {
						t.Errorf("%s: %v", url, err)
					}
					if err := c.SignOut(t.Context(), session); err != nil {
						t.Error(err)
					}
				}
				if n := w.api.Ended(); n < 4*len(urls) {
					t.Errorf("%d connections were forwarded", n)
				}
				settled(t, before)
			})
		}
	}
}

// TestForwardPlainToTLS learns that the pod speaks TLS.
func TestForwardPlainToTLS(t *testing.T) {
	w := newWorld(t, true)
	_, err := w.client(t, "http://argocd-server/argo-cd").Version(t.Context())
	if failed, _ := errors.AsType[*argocd.Error](err); failed == nil || !failed.WantsTLS {
		t.Errorf("%v", err)
	}
}

// TestForwardRefused has everything that can be in the way.
func TestForwardRefused(t *testing.T) {
	tests := map[string]struct {
		url    string
		change func(*world)
		reason string
		hint   string
	}{
		"no Service":        {"http://other", nil, `no Service "other" in namespace "argocd"`, "-n"},
		"elsewhere":         {"http://argocd-server.other.svc", nil, `"argocd-server.other.svc" is not a Service in namespace "argocd"`, "http://SERVICE"},
		"an address":        {"http://127.0.0.1", nil, `"127.0.0.1" is not a Service`, "http://SERVICE"},
		"port not served":   {"http://argocd-server:9090", nil, `Service "argocd-server" does not serve port 9090; it serves 80, 443, 8080, 81, 82`, "http://argocd-server:PORT"},
		"unknown name":      {"http://argocd-server:82", nil, `pod "argocd-server-1" has no port named "nobody", to which port 82`, "containers"},
		"nobody listens":    {"http://argocd-server:81", nil, `the node has not forwarded to pod/argocd-server-1:9: "an error occurred forwarding`, "listens"},
		"nobody, TLS":       {"https://argocd-server:81", nil, "connection refused", "listens"},
		"no pod":            {"http://argocd-server", func(w *world) { w.api.Pods = nil }, "none of the 0 pods", "kubectl get pods -l app.kubernetes.io/name=argocd-server -n argocd"},
		"no ready pod":      {"http://argocd-server", func(w *world) { w.api.Pods = w.api.Pods[:1] }, `none of the 1 pods behind Service "argocd-server" is ready`, "kubectl get pods"},
		"pods that end":     {"http://argocd-server", func(w *world) { w.api.Pods = w.api.Pods[1:2]; w.api.Pods[0].DeletionTimestamp = new(metav1.Now()) }, "none of the 1 pods", ""},
		"no selector":       {"http://argocd-server", func(w *world) { w.api.Services[0].Spec.Selector = nil }, "selects no pods", "without --port-forward"},
		"services":          {"http://argocd-server", forbid("get services"), `no permission to get services in namespace "argocd"`, "verb get, resource services"},
		"pods":              {"http://argocd-server", forbid("list pods"), `no permission to list pods in namespace "argocd"`, "verb list, resource pods"},
		"port-forward":      {"http://argocd-server", forbid("get pods/portforward", "create pods/portforward"), "no permission to create pods/portforward", "resource pods/portforward"},
		"no API server":     {"http://argocd-server", func(w *world) { w.Core = nowhere(w) }, "cannot get services", "API server"},
		"not a portforward": {"http://argocd-server", func(w *world) { w.api.Namespace = "argocd"; w.api.Listeners = nil }, "connection refused", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, false)
			if tt.change != nil {
				tt.change(w)
			}
			_, err := w.client(t, tt.url).Version(t.Context())
			failed, _ := errors.AsType[*argocd.Error](err)
			if failed == nil || !strings.Contains(failed.Reason, tt.reason) || !strings.Contains(failed.Hint, tt.hint) || strings.ContainsAny(failed.Reason, "\n") {
				t.Errorf("%#v", failed)
			}
			w.api.Ended()
			if len(w.argoCD.Requests()) > 0 {
				t.Error("Argo CD was reached all the same")
			}
		})
	}
}

func forbid(what ...string) func(*world) {
	return func(w *world) { w.api.Forbidden = what }
}

func nowhere(w *world) corev1client.CoreV1Interface {
	w.Config.Host = "http://127.0.0.1:1"
	core, _ := corev1client.NewForConfig(w.Config) // as it was made before
	return core
}

// TestForwardInterrupted ends in time, by the context and by the time-out, whatever the
// API server does.
func TestForwardInterrupted(t *testing.T) {
	w := newWorld(t, false)
	w.api.Hangs, w.Timeout = true, time.Second                        // after which a dialer that knows no context gives up
	w.Core.Services("argocd").List(t.Context(), metav1.ListOptions{}) //nolint:errcheck // opens the connection that stays
	before := runtime.NumGoroutine()
	defer settled(t, before)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for !strings.Contains(fmt.Sprint(w.api.Seen()), "portforward") {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := w.client(t, "http://argocd-server").Version(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	w.Timeout = 50 * time.Millisecond
	_, err := w.client(t, "http://argocd-server").Version(t.Context())
	if failed, _ := errors.AsType[*argocd.Error](err); failed == nil || !strings.Contains(failed.Reason, "within 50ms") {
		t.Errorf("%v", err)
	}
}

// TestForwardCut is a call that is cancelled while the pod does not answer: the
// connection to the API server ends with it.
func TestForwardCut(t *testing.T) {
	w := newWorld(t, false)
	asked := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer slow.Close()
	w.api.Listeners["argocd-server-1:8080"] = slow.Listener.Addr().String()
	w.Core.Services("argocd").List(t.Context(), metav1.ListOptions{}) //nolint:errcheck // opens the connection that stays
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := w.client(t, "http://argocd-server").Version(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if w.api.Ended() != 1 {
		t.Error("not one connection was forwarded")
	}
	settled(t, before)
}

// TestService finds Argo CD's API by its labels, and does not guess.
func TestService(t *testing.T) {
	w := newWorld(t, false)
	w.api.Services = append(w.api.Services, service("argocd-repo-server", func(s *corev1.Service) { s.Labels["app.kubernetes.io/component"] = "repo-server" }))
	if s, err := w.Service(t.Context()); err != nil || s.Name != "argocd-server" {
		t.Errorf("%v", err)
	}
	for want, change := range map[string]func(){
		`several Argo CD servers in namespace "argocd": Services "argocd-server", "second"`: func() { w.api.Services = append(w.api.Services, service("second", nil)) },
		"no Service with the labels":     func() { w.api.Services = nil },
		"no permission to list services": func() { w.api.Forbidden = []string{"list services"} },
	} {
		all := w.api.Services
		change()
		if _, err := w.Service(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
		w.api.Services, w.api.Forbidden = all, nil
	}
}
