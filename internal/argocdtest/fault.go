package argocdtest

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// Fault is a way in which the server misbehaves.
type Fault string

// The faults.
const (
	None     Fault = ""
	Hang     Fault = "hang"     // takes requests and never answers
	Drip     Fault = "drip"     // answers a byte at a time, without end
	Headers  Fault = "headers"  // answers a header line at a time, without end (not over TLS)
	Page     Fault = "page"     // status 502 and a page of HTML, as a proxy gives
	Redirect Fault = "redirect" // sends everybody elsewhere, as a sign-in proxy does
	Echo     Fault = "echo"     // refuses, and repeats what it was sent
	Cut      Fault = "cut"      // ends the connection in the midst of the answer
	Flood    Fault = "flood"    // answers without end, as fast as it can
	Keep     Fault = "keep"     // forgets to revoke the sessions that are ended
)

// step is the pause between what a slow server sends.
const step = 50 * time.Millisecond

// misbehave answers a request in the way of a fault; false where the API is to answer.
func misbehave(f Fault, w http.ResponseWriter, r *http.Request) bool {
	if f == None || f == Keep {
		return false
	}
	body, _ := io.ReadAll(r.Body) // after that the end of the connection is noticed
	switch f {
	case Hang:
		<-r.Context().Done()
	case Drip:
		for send(w, " ") {
			time.Sleep(step)
		}
	case Headers:
		endlessHeader(w)
	case Page:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html><body>Bad Gateway</body></html>")
	case Redirect:
		http.Redirect(w, r, "https://sso.example.com/login?next=/", http.StatusFound)
	case Echo:
		reply(w, nil, refuse(unauthenticated, "refused:\n\x1b[31m%s %s %s", r.Header.Get("Authorization"), r.Header.Get("Cookie"), body))
	case Cut:
		w.Header().Set("Content-Length", "1000")
		send(w, "{")
		panic(http.ErrAbortHandler) // the way to end a connection
	case Flood:
		for send(w, "          ") {
		}
	}
	return true
}

// send writes a part of the answer at once; false if nobody reads it.
func send(w http.ResponseWriter, text string) bool {
	if _, err := io.WriteString(w, text); err != nil {
		return false
	}
	return http.NewResponseController(w).Flush() == nil
}

func endlessHeader(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close() //nolint:errcheck // nothing was promised
	for line := "HTTP/1.1 200 OK\r\n"; err == nil; line = "X-More: more\r\n" {
		_, err = io.WriteString(conn, line)
		time.Sleep(step)
	}
}
