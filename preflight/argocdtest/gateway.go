package argocdtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
)

// handler is all that one port serves (server/server.go, newHTTPServer and
// withRootPath). Its paths are cleaned and redirected by http.ServeMux, as there.
func (s *Server) handler() http.Handler {
	healthz := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.typed)
	mux.HandleFunc("/healthz", healthz)
	mux.HandleFunc("/", page)
	inside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const grpcWeb = "application/grpc-web+proto"
		switch { // these two go by the whole path and the whole type
		case r.URL.Path == "/auth/logout":
			s.logout(w, r)
		case r.Header.Get("Content-Type") == grpcWeb: // this stand-in does not speak it
			w.Header().Set("Content-Type", grpcWeb)
		default:
			mux.ServeHTTP(w, r)
		}
	})
	root := strings.Trim(s.opts.RootPath, "/")
	if root == "" {
		return inside
	}
	outside := http.NewServeMux()
	outside.Handle("/"+root+"/", http.StripPrefix("/"+root, inside))
	outside.HandleFunc("/healthz", healthz)
	return outside
}

// page is what every path outside the API is to browsers. There are no other files.
func page(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><title>Argo CD</title>")
}

// toTLS redirects http to https (server/server.go, newRedirectServer). It unescapes the
// path while it does.
func (s *Server) toTLS(w http.ResponseWriter, r *http.Request) {
	target := "https://" + r.Host
	if root := strings.Trim(s.opts.RootPath, "/"); root != "" && !strings.HasPrefix(r.URL.Path, "/"+root) {
		target += "/" + root
	}
	target += r.URL.Path
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, target, http.StatusTemporaryRedirect)
}

// typed refuses what is not declared to be JSON: the header as a whole, without any
// parameter, and of every method but GET (server/server.go, enforceContentTypes).
func (s *Server) typed(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && !strings.EqualFold(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, "Invalid content type", http.StatusUnsupportedMediaType)
		return
	}
	s.route(w, r, strings.TrimPrefix(r.URL.Path, "/api/"))
}

// call is one call of the API.
type call struct {
	*Server
	*http.Request
	kept     kept
	segments []string     // of the path below /api/
	caller   caller       // after authenticate
	policy   *rbac.Policy // after allowed
}

// route finds the handler as the gateway does: the path was unescaped before it is
// split, and the last segment ends at a colon (grpc-gateway 1.16, runtime/mux.go).
func (s *Server) route(w http.ResponseWriter, r *http.Request, below string) {
	status := http.StatusNotFound
	for _, route := range []struct {
		method, pattern string
		handle          func(*call) (any, error)
	}{
		{"GET", "version", (*call).version},
		{"POST", "v1/session", (*call).signIn},
		{"DELETE", "v1/session", (*call).signOut},
		{"GET", "v1/session/userinfo", (*call).userinfo},
		{"GET", "v1/account", (*call).listAccounts},
		{"GET", "v1/account/can-i/*/*", (*call).canI},
		{"GET", "v1/account/*", (*call).getAccount},
		{"POST", "v1/account/*/token", (*call).createToken},
		{"DELETE", "v1/account/*/token/*", (*call).deleteToken},
	} {
		short := below
		if parts := strings.Split(below, "/"); len(parts) > 5 && parts[2] == "can-i" {
			short = strings.Join(parts[:5], "/") // its object has any number of segments
		}
		switch ok, _ := path.Match(route.pattern, short); {
		case !ok || strings.Contains(path.Base(below), ":"):
		case r.Method == route.method:
			c := &call{Server: s, Request: r, segments: strings.Split(below, "/")}
			c.kept, c.kept.err = s.load(r.Context())
			body, err := route.handle(c)
			c.reply(w, body, err)
			return
		default:
			status = http.StatusMethodNotAllowed
		}
	}
	http.Error(w, http.StatusText(status), status)
}

// version tells more to those who are signed in (server/version/version.go).
func (c *call) version() (any, error) {
	type answer struct {
		Version                                                                                 string
		BuildDate, GoVersion, Compiler, Platform, KustomizeVersion, HelmVersion, JsonnetVersion string `json:",omitempty"`
	}
	said := answer{Version: c.opts.Version}
	if err := c.kept.settings(); err != nil {
		return nil, err
	}
	if c.authenticate() == nil { // what the build that was recorded says
		said = answer{
			c.opts.Version, "1970-01-01T00:00:00Z", "go1.26.8", "gc", "linux/amd64",
			`could not get kustomize version: exec: "kustomize": executable file not found in $PATH`,
			`could not get helm version: exec: "helm": executable file not found in $PATH`, "v0.22.0",
		}
	}
	return said, nil
}

// Codes of gRPC.
const (
	unknown         = 2
	invalid         = 3
	notFound        = 5
	denied          = 7
	internal        = 13
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

// decode reads the body of a request; none at all counts as an empty one. The types
// have the names of Argo CD's own, which are in its messages.
func (c *call) decode(into any) error {
	if err := json.NewDecoder(c.Body).Decode(into); err != nil && err != io.EOF {
		return refuse(invalid, "%s", strings.ReplaceAll(err.Error(), "argocdtest.", "session."))
	}
	return nil
}

// reply answers as the gateway does (grpc-gateway 1.16, runtime/errors.go).
func (c *call) reply(w http.ResponseWriter, body any, err error) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if err != nil {
		said, ok := errors.AsType[*refusal](err)
		if !ok {
			said = &refusal{code: unknown, message: err.Error()}
		}
		w.WriteHeader(map[int]int{unknown: 500, invalid: 400, notFound: 404, denied: 403, internal: 500, unauthenticated: 401}[said.code])
		body = struct {
			Error   string `json:"error"`
			Code    int    `json:"code"`
			Message string `json:"message"`
		}{said.message, said.code, said.message}
	} else {
		h.Set("Grpc-Metadata-Content-Type", "application/grpc")
		if renewed := c.caller.renewed; renewed != "" {
			h.Set("Grpc-Metadata-Renew-Token", renewed)
			c.setCookie(w, renewed)
		}
		if s, ok := body.(signedIn); ok {
			c.setCookie(w, s.Token)
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic("argocdtest: an answer that is no JSON")
	}
	_, _ = w.Write(text) // a client that is gone needs no answer
}
