//go:build cluster

// Package reachtest is a stand-in for the part of an API server, and of the kubelets
// behind it, that forwards ports. It is for tests alone. What speaks the protocols is that
// of Kubernetes itself.
package reachtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	portforwardprotocol "k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// Server is an http.Handler: an API server with Services and pods in one namespace.
type Server struct {
	Namespace string
	Services  []corev1.Service
	Pods      []corev1.Pod
	// Listeners are the addresses behind the ports of pods: "argocd-server-1:8080". What is
	// not among them refuses connections.
	Listeners map[string]string
	// Forbidden are the verbs and resources that are not allowed: "list pods".
	Forbidden []string
	// Hangs never answers a port-forward.
	Hangs bool

	mu    sync.Mutex
	seen  []string
	ended []<-chan bool
}

// Seen returns what was asked for, as verb and resource; a port-forward by WebSocket
// is "get pods/portforward", one by SPDY "create pods/portforward".
func (s *Server) Seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// Ended waits until all forwarded connections are closed, and returns how many there were.
func (s *Server) Ended() int {
	s.mu.Lock()
	all := slices.Clone(s.ended)
	s.mu.Unlock()
	for _, c := range all {
		<-c
	}
	return len(all)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, inside := strings.CutPrefix(r.URL.Path, "/api/v1/namespaces/"+s.Namespace+"/")
	resource, name, named := strings.Cut(path, "/")
	name, sub, _ := strings.Cut(name, "/")
	verb := map[bool]string{true: "get", false: "list"}[named]
	if r.Method == http.MethodPost {
		verb = "create"
	}
	if sub != "" {
		resource += "/" + sub
	}
	s.mu.Lock()
	s.seen = append(s.seen, verb+" "+resource)
	s.mu.Unlock()
	switch {
	case slices.Contains(s.Forbidden, verb+" "+resource):
		answer(w, http.StatusForbidden, metav1.StatusReasonForbidden)
	case inside && resource == "services" && named:
		one(w, s.Services, func(o corev1.Service) bool { return o.Name == name })
	case inside && resource == "services":
		matching := slices.DeleteFunc(slices.Clone(s.Services), func(o corev1.Service) bool { return !matches(r, o.Labels) })
		write(w, corev1.ServiceList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceList"}, Items: matching})
	case inside && resource == "pods" && !named:
		matching := slices.DeleteFunc(slices.Clone(s.Pods), func(o corev1.Pod) bool { return !matches(r, o.Labels) })
		write(w, corev1.PodList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}, Items: matching})
	case inside && resource == "pods/portforward" && s.Hangs:
		<-r.Context().Done()
	case inside && resource == "pods/portforward":
		s.forward(w, r, name)
	default:
		answer(w, http.StatusNotFound, metav1.StatusReasonNotFound)
	}
}

// Kubelet is the part of a node that a real API server calls for a port-forward: below
// /portForward/NAMESPACE/POD.
func (s *Server) Kubelet() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(r.URL.Path, "/")
		if len(parts) < 4 || parts[1] != "portForward" || parts[2] != s.Namespace {
			http.NotFound(w, r)
			return
		}
		s.forward(w, r, parts[3])
	})
}

func matches(r *http.Request, set map[string]string) bool {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	return err == nil && selector.Matches(labels.Set(set))
}

func one(w http.ResponseWriter, all []corev1.Service, is func(corev1.Service) bool) {
	i := slices.IndexFunc(all, is)
	if i < 0 {
		answer(w, http.StatusNotFound, metav1.StatusReasonNotFound)
		return
	}
	s := all[i]
	s.APIVersion, s.Kind = "v1", "Service"
	write(w, s)
}

func write(w http.ResponseWriter, object any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(object)
}

func answer(w http.ResponseWriter, code int, reason metav1.StatusReason) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: "Failure", Reason: reason, Code: int32(code), Message: "so it is"})
}

// forward takes the streams of one connection, in pairs by their type.
func (s *Server) forward(w http.ResponseWriter, r *http.Request, pod string) {
	var mu sync.Mutex
	pair := map[string]httpstream.Stream{}
	take := func(stream httpstream.Stream, replied <-chan struct{}) error {
		mu.Lock()
		defer mu.Unlock()
		pair[stream.Headers().Get(corev1.StreamType)] = stream
		if data, refusal := pair[corev1.StreamTypeData], pair[corev1.StreamTypeError]; data != nil && refusal != nil {
			go func() {
				<-replied
				s.pipe(pod+":"+data.Headers().Get(corev1.PortHeader), data, refusal)
			}()
		}
		return nil
	}
	var c httpstream.Connection
	if websocket.IsWebSocketUpgrade(r) {
		upgrader := websocket.Upgrader{Subprotocols: []string{portforwardprotocol.WebsocketsSPDYTunnelingPortForwardV1}}
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		if c, err = spdy.NewServerConnection(portforward.NewTunnelingConnection("server", socket), take); err != nil {
			return
		}
	} else {
		if _, err := httpstream.Handshake(r, w, []string{portforward.PortForwardProtocolV1Name}); err != nil {
			return
		}
		if c = spdy.NewResponseUpgrader().UpgradeResponse(w, r, take); c == nil {
			return
		}
	}
	s.mu.Lock()
	s.ended = append(s.ended, c.CloseChan())
	s.mu.Unlock()
	<-c.CloseChan()
	_ = c.Close()
}

// pipe carries data, or says why not. The order of the two ends is the kubelet's.
func (s *Server) pipe(port string, data, refusal httpstream.Stream) {
	defer data.Close()    //nolint:errcheck // a stand-in
	defer refusal.Close() //nolint:errcheck
	to, err := net.Dial("tcp", s.Listeners[port])
	if s.Listeners[port] == "" || err != nil {
		fmt.Fprintf(refusal, "an error occurred forwarding %s: dial tcp4 127.0.0.1: connect: connection refused\n", port)
		return
	}
	defer to.Close() //nolint:errcheck
	go func() {
		_, _ = io.Copy(to, data)
		_ = to.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(data, to)
}
