package argocdtest

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Recording is what a server answered: a file of lines in JSON, of which the first is
// the rest of this and each other an Exchange.
type Recording struct {
	Server    string            `json:"server"`
	Version   string            `json:"version"`
	Format    int               `json:"format"`
	Note      string            `json:"note"`
	SecretKey string            `json:"secretkey,omitempty"`
	Passwords map[string]string `json:"passwords,omitempty"`
	Exchanges []Exchange        `json:"-"`
}

// Exchange is a request and its answer, in a world.
type Exchange struct {
	Name     string    `json:"name"`
	World    *World    `json:"world"` // in the file "same-as:NAME" where it is that of another
	Now      time.Time `json:"now"`
	Request  Request   `json:"request"`
	Response Response  `json:"response"`
	State    *State    `json:"state,omitempty"`
	Mutates  bool      `json:"mutates,omitempty"`
	After    *Changes  `json:"after,omitempty"`
	Timed    bool      `json:"timed,omitempty"`
}

// World is what a server had in the cluster, and its flags.
type World struct {
	CM       map[string]string  `json:"argocd-cm"`
	Secret   map[string]string  `json:"argocd-secret"`
	RBAC     map[string]string  `json:"argocd-rbac-cm"`
	Projects map[string]Project `json:"appprojects"`
	Flags    []string           `json:"flags"`
	RootPath string             `json:"rootpath"`
}

// State is what a server remembers beside its world.
type State struct {
	Revoked       []string       `json:"revoked,omitempty"`
	LoginFailures map[string]int `json:"login-failures,omitempty"`
}

// Changes are keys of argocd-cm and argocd-secret with their new values, nil where they
// are gone.
type Changes struct {
	CM     map[string]*string `json:"argocd-cm,omitempty"`
	Secret map[string]*string `json:"argocd-secret,omitempty"`
}

// Request is what was sent. Its host is argocd.example where it has none, its scheme
// that of the server.
type Request struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Scheme  string            `json:"scheme,omitempty"`
	Host    string            `json:"host,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// Response is what came back: of the headers those that differ between answers, of
// cookies the names. Error is set where there was no answer.
type Response struct {
	Status  int            `json:"status,omitempty"`
	Headers map[string]any `json:"headers,omitempty"`
	Body    string         `json:"body,omitempty"`
	Error   string         `json:"error,omitempty"`
}

// Read reads a recording.
func Read(r io.Reader) (Recording, error) {
	var all Recording
	worlds := map[string]*World{}
	d := json.NewDecoder(r)
	if err := d.Decode(&all); err != nil {
		return all, fmt.Errorf("the first line of the recording: %w", err)
	}
	for {
		var line struct {
			Exchange
			World json.RawMessage `json:"world"`
		}
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return all, fmt.Errorf("exchange %d of the recording: %w", len(all.Exchanges)+1, err)
		}
		e := line.Exchange
		var same string
		if json.Unmarshal(line.World, &same) == nil {
			e.World = worlds[strings.TrimPrefix(same, "same-as:")]
		} else if err := json.Unmarshal(line.World, &e.World); err != nil {
			return all, fmt.Errorf("the world of exchange %q: %w", e.Name, err)
		}
		if e.World == nil {
			return all, fmt.Errorf("exchange %q has no world", e.Name)
		}
		worlds[e.Name] = e.World
		all.Exchanges = append(all.Exchanges, e)
	}
}

// Write writes a recording.
func (r Recording) Write(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	if err := out.Encode(r); err != nil {
		return err
	}
	first := map[*World]string{}
	for _, e := range r.Exchanges {
		line := struct {
			Name  string `json:"name"`
			World any    `json:"world"`
			Exchange
		}{e.Name, e.World, e}
		if name, ok := first[e.World]; ok {
			line.World = "same-as:" + name
		} else {
			first[e.World] = e.Name
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// HasFlag reports whether the server ran with a flag.
func (w *World) HasFlag(name string) bool { return slices.Contains(w.Flags, name) }

// Memory returns a Store of the world.
func (w *World) Memory() *Memory {
	m := &Memory{CM: maps.Clone(w.CM), Settled: Settings{RBAC: w.RBAC, Projects: w.Projects}}
	if w.Secret != nil {
		m.Secret = map[string][]byte{}
	}
	for key, value := range w.Secret {
		m.Secret[key] = []byte(value)
	}
	return m
}

// Serve starts a stand-in in the world of an exchange, at its time.
func (e Exchange) Serve(version string, store Store) *Server {
	s := NewServer(Options{
		Store: store, Now: func() time.Time { return e.Now }, Version: version,
		TLS: !e.World.HasFlag("--insecure"), RootPath: e.World.RootPath, DisableAuth: e.World.HasFlag("--disable-auth"),
	})
	if e.State != nil {
		s.Revoke(e.State.Revoked...)
		for name, n := range e.State.LoginFailures {
			s.FailSignIns(name, n)
		}
	}
	return s
}

// Changed returns what a Store has that the world had not; nil for nothing.
func (w *World) Changed(m *Memory) *Changes {
	secret := map[string]string{}
	for key, value := range m.Secret {
		secret[key] = string(value)
	}
	diff := func(old, now map[string]string) map[string]*string {
		changed := map[string]*string{}
		for key := range old {
			if _, ok := now[key]; !ok {
				changed[key] = nil
			}
		}
		for key, value := range now {
			if was, ok := old[key]; !ok || was != value {
				changed[key] = &value
			}
		}
		if len(changed) == 0 {
			return nil
		}
		return changed
	}
	c := Changes{CM: diff(w.CM, m.CM), Secret: diff(w.Secret, secret)}
	if c.CM == nil && c.Secret == nil {
		return nil
	}
	return &c
}

// Send sends the request as it stands over a connection of its own, which it closes.
func (r Request) Send(c net.Conn) (Response, error) {
	defer c.Close()
	host := r.Host
	if host == "" {
		host = "argocd.example"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nConnection: close\r\n", r.Method, r.Path, host, len(r.Body))
	for name, value := range r.Headers {
		fmt.Fprintf(&text, "%s: %s\r\n", name, value)
	}
	if _, err := io.WriteString(c, text.String()+"\r\n"+r.Body); err != nil {
		return Response{}, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: r.Method})
	if err != nil {
		return Response{}, err
	}
	defer answer.Body.Close()
	const enough = 1 << 20
	body, err := io.ReadAll(io.LimitReader(answer.Body, enough))
	return Response{Status: answer.StatusCode, Headers: noted(answer), Body: string(body)}, err
}

// noted are the headers that are recorded.
func noted(r *http.Response) map[string]any {
	headers := map[string]any{}
	for name := range r.Header {
		if name == "Content-Type" || name == "Location" || strings.HasPrefix(name, "Grpc-Metadata-") && name != "Grpc-Metadata-Content-Type" {
			headers[name] = r.Header.Get(name)
		}
	}
	var cookies []any
	for _, c := range r.Cookies() {
		cookies = append(cookies, c.Name)
	}
	if cookies != nil {
		headers["Set-Cookie"] = cookies
	}
	if len(headers) == 0 {
		return nil
	}
	return headers
}

// Words returns what is said, without what is another each time: the ids that a server
// makes up, the tokens that have one, and why a connection ended.
func (r Response) Words() Response {
	if r.Error != "" {
		return Response{Error: "no answer"}
	}
	r.Body = masked(r.Body)
	r.Headers = maps.Clone(r.Headers)
	for name, value := range r.Headers {
		if text, ok := value.(string); ok {
			r.Headers[name] = masked(text)
		}
	}
	return r
}

// Words returns the changes without ids that a server made up.
func (c *Changes) Words() Changes {
	if c == nil {
		return Changes{}
	}
	all := func(m map[string]*string) map[string]*string {
		m = maps.Clone(m)
		for key, value := range m {
			if value != nil {
				text := masked(*value)
				m[key] = &text
			}
		}
		return m
	}
	return Changes{CM: all(c.CM), Secret: all(c.Secret)}
}

func masked(text string) string {
	id := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	token := regexp.MustCompile(`(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]+`)
	text = token.ReplaceAllStringFunc(text, func(one string) string {
		claims, err := base64.RawURLEncoding.DecodeString(token.FindStringSubmatch(one)[2])
		if err != nil || !id.Match(claims) {
			return one
		}
		return "token of " + string(claims)
	})
	return id.ReplaceAllString(text, "ID")
}
