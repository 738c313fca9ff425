package argocdtest_test

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

// inMemory is a Cluster whose Argo CD is a stand-in.
type inMemory struct{ *argocdtest.Memory }

func (m inMemory) Apply(_ context.Context, w *argocdtest.World) error {
	*m.Memory = *w.Memory()
	return nil
}

func (m inMemory) Present(context.Context) (*argocdtest.World, error) {
	w := &argocdtest.World{CM: m.CM}
	if m.Secret != nil {
		w.Secret = map[string]string{}
	}
	for key, value := range m.Secret {
		w.Secret[key] = string(value)
	}
	return w, nil
}

// recorder records a stand-in.
func recorder(s *argocdtest.Server) argocdtest.Recorder {
	return argocdtest.Recorder{
		Dial: func(_ context.Context, scheme string) (net.Conn, error) {
			c, err := net.Dial("tcp", s.Listener.Addr().String())
			if err == nil && scheme == "https" {
				c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
			}
			return c, err
		},
		Now: time.Now, Flags: []string{"--insecure"},
	}
}

// TestRecordWorlds records the stand-in by the script of the real server's recording, and
// replays that: there is no difference, to neither of the two.
func TestRecordWorlds(t *testing.T) {
	from := recorded(t)
	store := argocdtest.NewMemory()
	now := from.Exchanges[0].Now
	s := argocdtest.NewServer(argocdtest.Options{Store: store, Version: "v" + from.Version + "+unknown", Now: func() time.Time { return now }})
	defer s.Close()
	script := slices.DeleteFunc(slices.Clone(from.Exchanges), func(e argocdtest.Exchange) bool {
		return !slices.Equal(e.World.Flags, []string{"--insecure"})
	})
	r, next := recorder(s), 0
	r.Cluster, r.Now = inMemory{store}, func() time.Time { return now }
	dial := r.Dial
	r.Dial = func(ctx context.Context, scheme string) (net.Conn, error) {
		now = script[next].Now
		next++
		return dial(ctx, scheme)
	}
	got, err := r.Record(t.Context(), from.Exchanges)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := got.Write(&text); err != nil {
		t.Fatal(err)
	}
	if got, err = argocdtest.Read(strings.NewReader(text.String())); err != nil {
		t.Fatal(err)
	}
	if len(got.Exchanges) != len(script) || len(script) < 550 || got.Version != "3.5.1+unknown" {
		t.Fatalf("%d exchanges of %d, version %s", len(got.Exchanges), len(script), got.Version)
	}
	except := otherwise()
	for i, e := range got.Exchanges {
		if _, ok := except[e.Name]; ok {
			continue
		}
		if diff := cmp.Diff(script[i].Response.Words(), e.Response.Words()) + cmp.Diff(script[i].After.Words(), e.After.Words()); diff != "" {
			t.Errorf("%s (-real +recorded)\n%s", e.Name, diff)
		}
		if !e.Now.Equal(script[i].Now) {
			t.Errorf("%s: at %s, want %s", e.Name, e.Now, script[i].Now)
		}
		store := e.World.Memory()
		again := e.Serve("v3.5.1+unknown", store)
		if diff := cmp.Diff(e.Response.Words(), send(t, again, e).Words()) + cmp.Diff(e.After.Words(), e.World.Changed(store).Words()); diff != "" {
			t.Errorf("%s (-recorded +replayed)\n%s", e.Name, diff)
		}
		again.Close()
	}
}

// TestRecordPresent: without a cluster to write to, nothing is changed, no credential is
// recorded, and what cannot be asked is left out.
func TestRecordPresent(t *testing.T) {
	s, store, c := running(t)
	store.SetPassword("ci", password+`"\`, time.Time{})
	token := s.Token("ci:apiKey", "k1", nil)
	r := recorder(s)
	r.Now = c.read
	run := func(values map[string]string, script []argocdtest.Exchange) (string, int, []string) {
		t.Helper()
		var skipped []string
		r.Values, r.Skip = values, func(name, _ string) { skipped = append(skipped, name) }
		got, err := r.Record(t.Context(), script)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := got.Write(&text); err != nil {
			t.Fatal(err)
		}
		if _, err := argocdtest.Read(strings.NewReader(text.String())); err != nil {
			t.Error(err)
		}
		for _, secret := range []string{"s3cr3t", token[strings.LastIndex(token, "."):], string(store.Secret["server.secretkey"])} {
			if strings.Contains(text.String(), secret) {
				t.Errorf("a credential is recorded:\n%s", text.String())
			}
		}
		return text.String(), len(got.Exchanges), skipped
	}
	before := cmp.Diff(nil, store)
	all := map[string]string{"TOKEN": token, "ACCOUNT": "ci", "USERNAME": "ci", "PASSWORD": password + `"\`}
	text, n, skipped := run(all, argocdtest.ShortScript())
	for _, want := range []string{`{\"token\":\"${SESSION}\"}`, `\"loggedIn\":true,\"username\":\"ci\"`, `"status":303`, `{\"value\":\"no\"}`, `no session information`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if n != len(argocdtest.ShortScript()) || skipped != nil {
		t.Errorf("%d exchanges, skipped %q", n, skipped)
	}
	if again, _, _ := run(all, argocdtest.ShortScript()); again != text {
		t.Errorf("the second recording differs:\n%s", cmp.Diff(text, again))
	}
	if _, n, skipped = run(nil, argocdtest.ShortScript()); n != 10 || len(skipped) != len(argocdtest.ShortScript())-10 {
		t.Errorf("%d exchanges without credentials, skipped %q", n, skipped)
	}
	script := recorded(t).Exchanges
	asked := len(s.Requests())
	if _, n, _ = run(nil, script); n < 300 {
		t.Errorf("%d exchanges of the script", n)
	}
	for _, request := range s.Requests()[asked:] {
		if strings.HasPrefix(request, "POST") || strings.HasPrefix(request, "DELETE") {
			t.Errorf("sent: %s", request)
		}
	}
	if after := cmp.Diff(nil, store); after != before {
		t.Errorf("the world was changed")
	}
}

// TestRecordProgram runs what make record runs.
func TestRecordProgram(t *testing.T) {
	s, _, c := running(t)
	c.now = time.Now()
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(s.Token("ci:apiKey", "k1", nil)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out.jsonl")
	cmd := exec.CommandContext(t.Context(), "go", "run", "-tags", "record", "./record")
	cmd.Env = append(os.Environ(), "ARGOCD_URL="+s.URL, "OUT="+out, "TOKEN_FILE="+key, "ACCOUNT=ci")
	said, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "20 exchanges in "+out) || !strings.Contains(string(said), "skipped session: ") {
		t.Fatalf("%v\n%s", err, said)
	}
	text, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(text), `\"username\":\"ci\"`) || strings.Contains(string(text), "s3cr3t") {
		t.Errorf("%v\n%s", err, text)
	}
}
