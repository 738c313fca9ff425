package argocd_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// repeat writes a text until nobody reads it, or limit bytes are written.
func repeat(w io.Writer, text string, limit int) {
	for n := 0; n < limit; n += len(text) {
		if _, err := io.WriteString(w, text); err != nil {
			return
		}
	}
}

func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, `{"Version":"v3.5.1","token":"x","loggedIn":true,"name":"ci","value":"yes"}`)
	repeat(w, strings.Repeat(" ", 1<<20), 64<<20)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostile is what servers write in the place of an answer.
func hostile(t *testing.T) map[string]func(io.Writer) {
	t.Helper()
	say := func(text string) func(io.Writer) {
		return func(w io.Writer) { _, _ = io.WriteString(w, text) }
	}
	head := func(lines ...string) string {
		return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
	}
	json := func(body string) func(io.Writer) {
		return say(head(fmt.Sprintf("Content-Length: %d", len(body))) + body)
	}
	flood := func(before, text string, limit int) func(io.Writer) {
		return func(w io.Writer) {
			_, _ = io.WriteString(w, before)
			repeat(w, text, limit)
		}
	}
	large := strings.Repeat("s3cr3t__", 8<<10)
	zipped := bomb(t)
	return map[string]func(io.Writer){
		"a GB of body":         flood(head("Content-Length: 1073741824"), large, 1<<30),
		"a body without end":   flood("HTTP/1.0 200 OK\r\n\r\n", large, 1<<30),
		"chunks without end":   flood(head("Transfer-Encoding: chunked"), "10000\r\n"+large+"\r\n", 1<<30),
		"a GB of a chunk":      flood(head("Transfer-Encoding: chunked")+"40000000\r\n", large, 1<<30),
		"a bomb":               say(head("Content-Encoding: gzip", fmt.Sprintf("Content-Length: %d", len(zipped))) + zipped),
		"100 MB of a header":   flood("HTTP/1.1 200 OK\r\nX-A: ", large, 100<<20),
		"100 MB of headers":    flood("HTTP/1.1 200 OK\r\n", "X-A: "+large[:1000]+"\r\n", 100<<20),
		"a status line of MBs": flood("HTTP/1.1 200 ", large, 100<<20),
		"informational flood":  flood("", "HTTP/1.1 103 Early Hints\r\nLink: <s3cr3t>\r\n\r\n", 100<<20),
		"trailers":             flood(head("Transfer-Encoding: chunked", "Trailer: X-A")+"2\r\n{}\r\n0\r\n", "X-A: "+large[:1000]+"\r\n", 100<<20),
		"too short a body":     say(head("Content-Length: 1000") + "{}"),
		"too long a body":      say(head("Content-Length: 5") + `{"loggedIn":true,"Version":"v3.5.1"}`),
		"two lengths":          say(head("Content-Length: 2", "Content-Length: 3") + "{}"),
		"a negative length":    say(head("Content-Length: -1") + "{}"),
		"garbage in chunks":    say(head("Transfer-Encoding: chunked") + "s3cr3t\r\n{}\r\n"),
		"a chunk beyond size":  say(head("Transfer-Encoding: chunked") + "fffffffffffffffff\r\n{}"),
		"HTTP/2 alone":         say("\x00\x00\x12\x04\x00\x00\x00\x00\x00s3cr3t"),
		"HTTP/0.9":             say("s3cr3t\n"),
		"a status of words":    say("HTTP/1.1 s3cr3t s3cr3t\r\n\r\n"),
		"a status far off":     say("HTTP/1.1 999 s3cr3t\r\nContent-Length: 0\r\n\r\n"),
		"escapes":              say("HTTP/1.1 401 \x1b[2J\r\nContent-Type: application/json\r\n\r\n" + `{"message":"\u001b[2Js3cr3t\u202e"}`),
		"a header of escapes":  say("HTTP/1.1 200 OK\r\nX-\x00\x1b: s3cr3t\r\n\r\n{}"),
		"a page":               say("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>s3cr3t</title>"),
		"numbers":              json(`{"Version":1e999,"loggedIn":1e999,"token":1e999,"value":1e999,"name":"ci","tokens":[{"issuedAt":1e999}]}`),
		"a number of digits":   json(`{"Version":1,"loggedIn":1,"token":1,"value":1,"name":"ci","tokens":[{"expiresAt":` + strings.Repeat("9", 1<<19) + `}]}`),
		"depth":                json(strings.Repeat("[", 1<<19)),
		"deep objects":         json(strings.Repeat(`{"message":`, 1<<15)),
		"nothing":              say(""),
	}
}

// played serves what play writes, for its version too where it is not known to be Argo CD.
func played(t *testing.T, play func(io.Writer), isKnown bool, config *tls.Config) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	serve := func(conn net.Conn) {
		defer conn.Close() //nolint:errcheck // the client may have gone
		if config != nil {
			conn = tls.Server(conn, config)
		}
		request := make([]byte, 4<<10)
		n, err := conn.Read(request)
		if isKnown && bytes.Contains(request[:n], []byte("/api/version")) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"+`{"Version":"v3.5.1"}`)
		} else if err == nil {
			play(conn)
		}
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return l.Addr().String()
}

// TestHostile: whatever a server writes, before or after a credential was sent to it,
// every call ends in its time with a short reason that has nothing of that in it, and
// takes no more memory than a megabyte or two.
func TestHostile(t *testing.T) {
	certificate := certificate(t, time.Now().Add(time.Hour))
	token := auth.NewSecret("s3cr3t.s3cr3t.s3cr3t")
	for name, play := range hostile(t) {
		for _, secure := range []bool{false, true} {
			for _, isKnown := range []bool{false, true} {
				o := argocd.Options{Insecure: true, Timeout: 5 * time.Second}
				var config *tls.Config
				if secure {
					config = &tls.Config{Certificates: []tls.Certificate{certificate}}
				}
				o.URL = "http" + map[bool]string{true: "s"}[secure] + "://" + played(t, play, isKnown, config)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for call, err := range calls(t, client(t, o), token, token) {
					wantClear(t, fmt.Sprintf("%s, %s, TLS %t, known %t", name, call, secure, isKnown), err)
				}
				runtime.ReadMemStats(&after)
				if taken := after.TotalAlloc - before.TotalAlloc; taken > 7*12<<20 {
					t.Errorf("%s: %d MB were taken", name, taken>>20)
				}
			}
		}
	}
}

func wantClear(t *testing.T, what string, err error) {
	t.Helper()
	var known *argocd.Error
	switch {
	case !errors.As(err, &known) || errors.Is(err, context.DeadlineExceeded):
		t.Errorf("%s: %v", what, err)
	case strings.Contains(fmt.Sprintf("%v %#v", err, known), "s3cr3t"), strings.ContainsAny(err.Error(), "\x1b\n\x00"), len(err.Error())+len(known.Hint) > 400:
		t.Errorf("%s: %d bytes, or what the server wrote", what, len(err.Error()))
	}
}

// TestNoRedirectChain: of a chain only the first link is seen, and no credential goes on.
func TestNoRedirectChain(t *testing.T) {
	var seen []string
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.Path)
		http.Redirect(w, r, r.URL.Path+"/on", http.StatusTemporaryRedirect)
	})
	if _, err := c.Userinfo(t.Context(), auth.NewSecret("s3cr3t.s3cr3t.s3cr3t")); err == nil || len(seen) != 1 {
		t.Errorf("%v, after %q", err, seen)
	}
}

// TestHTTP2Alone: a server that speaks nothing else over TLS is spoken to.
func TestHTTP2Alone(t *testing.T) {
	url, roots := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{certificate(t, time.Now().Add(time.Hour))}, NextProtos: []string{"h2"}})
	if err := version(t, argocd.Options{URL: url, Roots: roots}); err != nil {
		t.Error(err)
	}
}

// TestUserAgent: who calls is said on every call.
func TestUserAgent(t *testing.T) {
	var calling []string
	server := httptest.NewServer(known(func(_ http.ResponseWriter, r *http.Request) { calling = append(calling, r.UserAgent()) }))
	defer server.Close()
	for agent, want := range map[string]string{"": "runtime-auth", "runtime-auth/1.2.3": "runtime-auth/1.2.3"} {
		calling = nil
		_ = calls(t, client(t, argocd.Options{URL: server.URL, UserAgent: agent}), auth.NewSecret("s3cr3t.s3cr3t.s3cr3t"), auth.NewSecret(password))
		if len(calling) < 7 || slices.ContainsFunc(calling, func(s string) bool { return s != want }) {
			t.Errorf("%q", calling)
		}
	}
}
