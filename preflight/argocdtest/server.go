package argocdtest

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
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

// Fault is a way in which the server misbehaves.
type Fault string

// The faults.
const (
	None     Fault = ""
	Hang     Fault = "hang"     // takes requests and never answers
	Drip     Fault = "drip"     // answers a byte at a time, without end
	Page     Fault = "page"     // status 502 and a page of HTML, as a proxy gives
	Redirect Fault = "redirect" // sends everybody elsewhere, as a sign-in proxy does
	Echo     Fault = "echo"     // refuses, and repeats what it was sent
)

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

	mu       sync.Mutex
	revoked  map[string]bool // sessions, by their id
	requests []string
}

// NewServer starts a server on the loopback interface.
func NewServer(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{opts: o, key: []byte(rand.Text()), revoked: map[string]bool{}, release: make(chan struct{})}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what some tests want
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

// Requests returns what was asked for, in order: "GET /api/version".
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
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), s.opts.RootPath)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if path == "/auth/logout" {
		s.logout(w, r)
		return
	}
	// Argo CD takes the header as a whole, without any parameter.
	if r.Method != http.MethodGet && r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "Invalid content type", http.StatusUnsupportedMediaType)
		return
	}
	switch segments := strings.Split(strings.TrimPrefix(path, "/api/"), "/"); {
	case path == "/api/version":
		s.answer(w, map[string]string{"Version": Version + "+stand-in"})
	case path == "/api/v1/session" && r.Method == http.MethodPost:
		s.session(w, r)
	case path == "/api/v1/session/userinfo":
		s.userinfo(w, r)
	case len(segments) >= 3 && segments[1] == "account":
		s.account(w, r, segments[2:])
	default:
		s.refuse(w, http.StatusNotFound, "Not Found")
	}
}

func (s *Server) misbehave(w http.ResponseWriter, r *http.Request) bool {
	switch s.opts.Fault {
	case Hang:
		s.pause(r.Context(), time.Hour)
	case Drip:
		for s.pause(r.Context(), 50*time.Millisecond) {
			if _, err := w.Write([]byte(" ")); err != nil {
				break
			}
			_ = http.NewResponseController(w).Flush() // the client notices if it cannot be sent
		}
	case Page:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html><body>Bad Gateway</body></html>")
	case Redirect:
		http.Redirect(w, r, "https://sso.example.com/login?next=/", http.StatusFound)
	case Echo:
		body, _ := io.ReadAll(r.Body)
		s.refuse(w, http.StatusUnauthorized, fmt.Sprintf("refused:\n\x1b[31m%s %s", r.Header.Get("Authorization"), body))
	default:
		return false
	}
	return true
}

// pause waits; it returns false if the request or the server has ended.
func (s *Server) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
	case <-s.release:
	}
	return false
}

func (s *Server) answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}

// refuse answers as the gateway of Argo CD does.
func (s *Server) refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": message, "code": codeOf(status), "message": message})
}

// codeOf is the code of gRPC from which the gateway makes a status.
func codeOf(status int) int {
	switch status {
	case http.StatusUnauthorized:
		return 16
	case http.StatusForbidden:
		return 7
	case http.StatusNotFound:
		return 5
	case http.StatusBadRequest:
		return 3
	}
	return 2
}
