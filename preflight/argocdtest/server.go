// Package argocdtest is a stand-in for the API of Argo CD in tests. It is a test
// double, not an Argo CD: it behaves as recorded from Argo CD 3.6.1, and as read in
// its source, for the calls that package argocd makes and no others.
//
// Its accounts, passwords and API keys are those of a Store, which may be the
// ConfigMap argocd-cm and the Secret argocd-secret of a cluster. It checks in the
// same order as Argo CD, and refuses in the same words. It knows no roles but that of
// admin, no projects, no SSO, and no replicas; where Argo CD writes argocd-cm anew
// whenever an API key is made or revoked ("apiKey, login" becomes "apiKey,login"), it
// does not.
//
// Where a comment names a file, it is one of github.com/argoproj/argo-cd/v3 at v3.6.1.
package argocdtest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options of a Server.
type Options struct {
	Store Store
	TLS   bool
	Now   func() time.Time // nil: the real clock
	// RootPath is the path below which the API is served: "", or "/argo-cd".
	RootPath string
}

// Server is the stand-in. Its URL is the base of the API, with the root path. Close it
// when done.
type Server struct {
	*httptest.Server

	opts Options
	key  []byte

	mu       sync.Mutex // of what follows, and of the Store: one call of the API at a time
	requests []string
	revoked  map[string]bool        // tokens, by their jti
	failures map[string][]time.Time // of signing in, by user name
}

// NewServer starts a server on the loopback interface.
func NewServer(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{opts: o, key: []byte(rand.Text()), revoked: map[string]bool{}, failures: map[string][]time.Time{}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what some tests want
	s.EnableHTTP2 = true
	if o.TLS {
		s.StartTLS()
	} else {
		s.Start()
	}
	s.URL += o.RootPath
	return s
}

// Requests returns what was asked for, in order and without any header or body:
// "GET /api/version".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Method+" "+r.URL.EscapedPath())
	below, ok := strings.CutPrefix(r.URL.Path, s.opts.RootPath)
	call, isAPI := strings.CutPrefix(below, "/api/")
	switch {
	case !ok:
		http.NotFound(w, r)
	case below == "/auth/logout":
		s.logout(w, r)
	case !isAPI: // the web interface serves its page for every path
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>Argo CD</title>")
	case r.Method != http.MethodGet && !strings.EqualFold(r.Header.Get("Content-Type"), "application/json"):
		// The header as a whole, without any parameter (server/server.go, enforceContentTypes).
		http.Error(w, "Invalid content type", http.StatusUnsupportedMediaType)
	default:
		s.api(w, r, call)
	}
}

// api finds the handler as the gateway does: the path was unescaped before it is
// split, and the last segment ends at a colon (grpc-gateway 1.16, runtime/mux.go).
func (s *Server) api(w http.ResponseWriter, r *http.Request, call string) {
	status := http.StatusNotFound
	for _, route := range []struct {
		method, pattern string
		handle          func(r *http.Request, segments []string) (any, error)
	}{
		{"GET", "version", version},
		{"POST", "v1/session", s.signIn},
		{"GET", "v1/session/userinfo", s.userinfo},
		{"GET", "v1/account/*", s.getAccount},
		{"POST", "v1/account/*/token", s.createToken},
		{"DELETE", "v1/account/*/token/*", s.deleteToken},
	} {
		switch ok, _ := path.Match(route.pattern, call); {
		case !ok || strings.Contains(path.Base(call), ":"):
		case r.Method == route.method:
			body, err := route.handle(r, strings.Split(call, "/"))
			reply(w, body, err)
			return
		default:
			status = http.StatusMethodNotAllowed
		}
	}
	http.Error(w, http.StatusText(status), status)
}

// version is anonymous (server/version/version.go).
func version(*http.Request, []string) (any, error) {
	return map[string]string{"Version": "v3.6.1+stand-in"}, nil
}

// Codes of gRPC.
const (
	unknown         = 2
	invalid         = 3
	notFound        = 5
	denied          = 7
	unauthenticated = 16
)

// refusal is an error with a code. Argo CD answers with the innermost one's words,
// whatever it was wrapped in (util/grpc/errors.go); an error without a code is
// answered in whole.
type refusal struct {
	code    int
	message string
}

func refuse(code int, format string, args ...any) error {
	return &refusal{code: code, message: fmt.Sprintf(format, args...)}
}

// Error returns the message.
func (r *refusal) Error() string { return r.message }

// decode reads the body of a request; none at all counts as an empty one.
func decode(r *http.Request, into any) error {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil && err != io.EOF {
		return refuse(invalid, "%v", err)
	}
	return nil
}

// reply answers as the gateway does (grpc-gateway 1.16, runtime/errors.go).
func reply(w http.ResponseWriter, body any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		said, ok := errors.AsType[*refusal](err)
		if !ok {
			said = &refusal{code: unknown, message: err.Error()}
		}
		w.WriteHeader(map[int]int{unknown: 500, invalid: 400, notFound: 404, denied: 403, unauthenticated: 401}[said.code])
		body = map[string]any{"error": said.message, "code": said.code, "message": said.message}
	}
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}
