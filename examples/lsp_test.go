package examples

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// languageServer is a running yaml-language-server, and this side of the Language
// Server Protocol: https://microsoft.github.io/language-server-protocol/
type languageServer struct {
	t           *testing.T     // the test that asks
	settings    map[string]any // of the section "yaml"
	in          io.Writer
	sent        int
	answers     chan message
	diagnostics chan published
}

// message is a request, an answer or a notification, in either direction.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

// diagnostic is what the server marks. It is sent back as it came, to ask for fixes.
type diagnostic struct {
	Range   span   `json:"range"`
	Message string `json:"message"`
	Source  string `json:"source"`
	Code    any    `json:"code"`
	Data    any    `json:"data"`
}

type published struct {
	URI         string
	Diagnostics []diagnostic
}

// startLanguageServer starts the server in a workspace folder, with the editor's
// settings. It ends with t.
func startLanguageServer(t *testing.T, folder string, settings map[string]any) *languageServer {
	t.Helper()
	long(t)
	cmd := exec.Command(npmProgram(t, "yaml-language-server"), "--stdio")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &languageServer{t: t, settings: settings, in: in, answers: make(chan message, 16), diagnostics: make(chan published, 64)}
	done := make(chan struct{})
	go func() { defer close(done); s.listen(bufio.NewReader(out)) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait() // killed: an error is what is expected
	})

	markdown := []string{"markdown"}
	s.ask("initialize", map[string]any{
		"rootUri":          uri(folder),
		"workspaceFolders": []any{map[string]string{"uri": uri(folder), "name": "values"}},
		"capabilities": map[string]any{"textDocument": map[string]any{
			"hover":      map[string]any{"contentFormat": markdown},
			"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": true, "documentationFormat": markdown}},
		}},
	}, nil)
	s.tell("initialized", map[string]any{})
	// The server then asks for the settings that it knows.
	s.tell("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	return s
}

func uri(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

// listen sorts what the server says until it ends.
func (s *languageServer) listen(out *bufio.Reader) {
	for {
		header, err := textproto.NewReader(out).ReadMIMEHeader()
		if err != nil {
			return
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(out, body); err != nil {
			return
		}
		params := json.RawMessage{}
		m := message{Params: &params}
		if json.Unmarshal(body, &m) != nil {
			return
		}
		switch {
		case m.Method == "":
			s.answers <- m
		case m.Method == "textDocument/publishDiagnostics":
			var p published
			if json.Unmarshal(params, &p) == nil {
				s.diagnostics <- p
			}
		default:
			s.answer(m, params)
		}
	}
}

// answer is for what the server asks: settings by their sections, and whether it may
// register for events.
func (s *languageServer) answer(m message, params json.RawMessage) {
	if m.ID == nil {
		return // a notification
	}
	var asked struct{ Items []struct{ Section string } }
	result := json.RawMessage("null")
	if m.Method == "workspace/configuration" && json.Unmarshal(params, &asked) == nil {
		settings := make([]any, len(asked.Items))
		for i, item := range asked.Items {
			if item.Section == "yaml" {
				settings[i] = s.settings
			}
		}
		result, _ = json.Marshal(settings) // maps and strings
	}
	s.send(message{ID: m.ID, Result: result})
}

func (s *languageServer) send(m message) {
	m.Version = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		panic(err) // made of maps and strings
	}
	// One write, because listen answers meanwhile. If the server is gone, whoever
	// waits for its answer says so.
	_, _ = fmt.Fprintf(s.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

func (s *languageServer) tell(method string, params any) {
	s.send(message{Method: method, Params: params})
}

// ask waits for the answer to a request and decodes it into result, unless that is nil.
func (s *languageServer) ask(method string, params, result any) {
	s.t.Helper()
	s.sent++
	s.send(message{ID: json.RawMessage(strconv.Itoa(s.sent)), Method: method, Params: params})
	m := await(s.t, s.answers, "the answer to "+method)
	if m.Error != nil {
		s.t.Fatalf("%s: %s", method, m.Error)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(m.Result, result); err != nil {
		s.t.Fatalf("%s: %v", method, err)
	}
}

// open shows the server a text and returns what it has against it.
func (s *languageServer) open(path, text string) []diagnostic {
	s.t.Helper()
	s.tell("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": uri(path), "languageId": "yaml", "version": 1, "text": text},
	})
	for {
		if p := await(s.t, s.diagnostics, "diagnostics"); p.URI == uri(path) {
			return p.Diagnostics
		}
	}
}

// at are the parameters of a request about a place in a text.
func at(path string, p position) map[string]any {
	return map[string]any{"textDocument": map[string]string{"uri": uri(path)}, "position": p}
}

func await[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(time.Minute):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}
