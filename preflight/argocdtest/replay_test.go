package argocdtest_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

// recorded is the recording of the real server.
func recorded(t *testing.T) argocdtest.Recording {
	t.Helper()
	r, err := argocdtest.Read(oracle.Open(t, "argocd/recording-3.5.1.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// otherwise lists the exchanges that the stand-in answers in another way, with the reason.
func otherwise() map[string]string {
	return map[string]string{
		"create-expires-1e12": "these seconds wrap around to a fraction of one, and the recorded time has no fraction to add it to",
	}
}

// send sends the request of an exchange to the stand-in.
func send(t *testing.T, s *argocdtest.Server, e argocdtest.Exchange) argocdtest.Response {
	t.Helper()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if e.Request.Scheme == "https" {
		c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	}
	got, err := e.Request.Send(c)
	if err != nil {
		got.Error = err.Error()
	}
	return got
}

// TestRecording holds the stand-in against the real server: in its world and at its
// time, each request has the recorded answer, and changes what it changed there.
func TestRecording(t *testing.T) {
	r, except := recorded(t), otherwise()
	for _, e := range r.Exchanges {
		store := e.World.Memory()
		s := e.Serve("v"+r.Version+"+unknown", store)
		got := send(t, s, e)
		s.Close()
		diff := cmp.Diff(e.Response.Words(), got.Words())
		diff += cmp.Diff(e.After.Words(), e.World.Changed(store).Words())
		switch why, listed := except[e.Name]; {
		case diff != "" && !listed:
			t.Errorf("%s: %s %s (-recorded +stand-in)\n%s", e.Name, e.Request.Method, e.Request.Path, diff)
		case diff == "" && listed:
			t.Errorf("%s: answered as recorded, but listed as another: %s", e.Name, why)
		}
		delete(except, e.Name)
	}
	for name := range except {
		t.Errorf("no exchange %q", name)
	}
	if len(r.Exchanges) < 600 {
		t.Errorf("only %d exchanges", len(r.Exchanges))
	}
}

// TestReadWrite: a recording that was written is read as the same.
func TestReadWrite(t *testing.T) {
	r := recorded(t)
	var text strings.Builder
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	again, err := argocdtest.Read(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Error(diff)
	}
}
