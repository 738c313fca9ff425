// Package argocdtest is a stand-in for the API of Argo CD in tests. It is a test
// double, not an Argo CD: it answers the calls that package argocd makes, and the
// others of /api/v1/session and /api/v1/account, as recorded from Argo CD 3.5.1, which
// a test holds it against (Recording). It knows no SSO and no replicas.
//
// Its accounts, passwords, API keys and rights are those of a Store, which may be the
// objects of a cluster. It checks in the same order as Argo CD, and refuses in the same
// words. Where a comment names a file, it is one of github.com/argoproj/argo-cd/v3.
package argocdtest

import (
	"cmp"
	"crypto/rand"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Options of a Server.
type Options struct {
	Store Store
	// TLS serves https; plain http is then redirected to it, on the same port, and
	// without TLS a client that speaks it is cut off, both as Argo CD does.
	TLS bool
	Now func() time.Time // nil: the real clock
	// RootPath is the path below which the API is served: "", or "/argo-cd".
	RootPath string
	// DisableAuth lets everybody do everything, as --disable-auth.
	DisableAuth bool
	// Version is what /api/version says, "" for "v3.5.1+stand-in".
	Version string
}

// Server is the stand-in. Its URL is the base of the API, with the root path. Close it
// when done.
type Server struct {
	*httptest.Server

	opts     Options
	spare    []byte // signs where there is no Store
	redirect *http.Server

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
	o.Version = cmp.Or(o.Version, "v3.5.1+stand-in")
	s := &Server{opts: o, spare: []byte(rand.Text()), revoked: map[string]bool{}, failures: map[string][]time.Time{}}
	s.Server = httptest.NewUnstartedServer(s.logged("", s.handler()))
	quiet := log.New(io.Discard, "", 0) // refused handshakes are what some tests want
	s.Config.ErrorLog = quiet
	s.EnableHTTP2 = true
	sorted := sortConnections(s.Listener)
	if o.TLS {
		s.redirect = &http.Server{Handler: s.logged(" over http", http.HandlerFunc(s.toTLS)), ErrorLog: quiet}
		go func() { _ = s.redirect.Serve(sorted.plain) }() // until it is closed
		s.Listener = sorted.tls
		s.StartTLS()
	} else {
		sorted.tls.refuse()
		s.Listener = sorted.plain
		s.Start()
	}
	s.URL += o.RootPath
	return s
}

// Close ends the server.
func (s *Server) Close() {
	s.Server.Close()
	if s.redirect != nil {
		_ = s.redirect.Close()
	}
}

// Requests returns what was asked for, in order and without any header or body:
// "GET /api/version". What came over http to a server with TLS ends with " over http".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Revoke ends tokens, by their jti, as signing out does.
func (s *Server) Revoke(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.revoked[id] = true
	}
}

// FailSignIns makes wrong passwords of a user the last ones, all given just now.
func (s *Server) FailSignIns(username string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failures, username)
	for range n {
		s.failures[username] = append(s.failures[username], s.opts.Now())
	}
}

// logged serves one request at a time, and notes it.
func (s *Server) logged(how string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests = append(s.requests, r.Method+" "+r.URL.EscapedPath()+how)
		h.ServeHTTP(w, r)
	})
}
