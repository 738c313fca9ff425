package argocdtest

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Version is the version of Argo CD from which the behaviour was recorded.
const Version = "v3.6.1"

// Options of a Server.
type Options struct {
	Store Store
	TLS   bool
	Now   func() time.Time // nil: the real clock
	Fault Fault
	// RootPath is the path below which the API is served: "", or "/argo-cd".
	RootPath string
}

// Server is the stand-in. Close it when done.
type Server struct {
	URL string // the base of its API, with the root path

	opts    Options
	key     []byte
	http    *httptest.Server
	release chan struct{} // closed when the server ends: what hangs goes on
	closing sync.Once

	writing sync.Mutex // of the list of an account's keys, from reading it on

	mu       sync.Mutex // of what follows
	requests []string
	revoked  map[string]bool      // tokens, by their jti
	projects map[string]bool      // project tokens, by subject and jti
	failures map[string][]failure // of signing in, by user name
}

// NewServer starts a server on the loopback interface.
func NewServer(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		opts: o, key: []byte(rand.Text()), release: make(chan struct{}),
		revoked: map[string]bool{}, projects: map[string]bool{}, failures: map[string][]failure{},
	}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what some tests want
	s.http.EnableHTTP2 = true
	if o.TLS {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.URL = s.http.URL + o.RootPath
	return s
}

// Close ends the server. It may be called again.
func (s *Server) Close() {
	s.closing.Do(func() {
		close(s.release)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}

// Certificate is the server's own, which a client has to trust; nil without TLS.
func (s *Server) Certificate() *x509.Certificate { return s.http.Certificate() }

// Requests returns what was asked for, in order and without any header or body:
// "GET /api/version".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) now() time.Time { return s.opts.Now() }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.EscapedPath())
	s.mu.Unlock()
	if s.misbehave(w, r) {
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, s.opts.RootPath)
	switch {
	case !ok:
		http.NotFound(w, r)
	case path == "/auth/logout":
		s.logout(w, r)
	case !strings.HasPrefix(path, "/api/"): // the web interface serves its page for every path
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>Argo CD</title>")
	case r.Method != http.MethodGet && !strings.EqualFold(r.Header.Get("Content-Type"), "application/json"):
		// The header as a whole, without any parameter (server/server.go, enforceContentTypes).
		http.Error(w, "Invalid content type", http.StatusUnsupportedMediaType)
	default:
		s.api(w, r, strings.Split(strings.TrimPrefix(path, "/api/"), "/"))
	}
}

// api finds the handler as the gateway does: the path was unescaped before it is
// split, and the last segment ends at a colon (grpc-gateway 1.16, runtime/mux.go).
func (s *Server) api(w http.ResponseWriter, r *http.Request, segments []string) {
	handlers := map[string]func(*http.Request) (any, error){}
	switch n := len(segments); {
	case strings.Contains(segments[n-1], ":"):
	case n == 1 && segments[0] == "version":
		handlers["GET"] = s.version
	case n < 3 && !slices.Equal(segments, []string{"v1", "session"}) || segments[0] != "v1":
	case segments[1] == "session" && n == 2:
		handlers["POST"], handlers["DELETE"] = s.signIn, s.dropCookie
	case segments[1] == "session" && n == 3 && segments[2] == "userinfo":
		handlers["GET"] = s.userinfo
	case segments[1] != "account":
	case n == 3:
		handlers["GET"] = s.forAccount("get", segments[2], s.getAccount)
	case n == 4 && segments[3] == "token":
		handlers["POST"] = s.forAccount("update", segments[2], s.createToken)
	case n == 5 && segments[3] == "token":
		handlers["DELETE"] = s.forAccount("update", segments[2], func(_ *http.Request, name string) (any, error) {
			return s.deleteToken(r.Context(), name, segments[4])
		})
	}
	handle, ok := handlers[r.Method]
	switch {
	case ok:
		body, err := handle(r)
		if opened, ok := body.(session); err == nil && ok {
			s.setCookie(w, opened.Token)
		}
		reply(w, body, err)
	case len(handlers) > 0:
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	default:
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
	}
}

// version is anonymous (server/version/version.go).
func (s *Server) version(*http.Request) (any, error) {
	return map[string]string{"Version": Version + "+stand-in"}, nil
}
