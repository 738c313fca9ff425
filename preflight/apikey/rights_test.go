//go:build cluster

package apikey_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestAnonymous is for an Argo CD that shows accounts to everybody: a token that it does
// not know is noticed all the same, by everything that is done with one.
func TestAnonymous(t *testing.T) {
	w := newWorld(t)
	w.store.CM["users.anonymous.enabled"] = "true"
	w.store.Settled.RBAC = map[string]string{"policy.default": "role:admin"}
	w.keys.Login = apikey.Login{Token: auth.NewSecret(w.server.Token("ci:apiKey", "s3cr3t-revoked", nil))}
	dry := options()
	dry.DryRun = true
	_, listed := w.keys.List(t.Context(), "ci")
	_, tried := w.keys.Create(t.Context(), nil, dry)
	_, created := w.keys.Create(t.Context(), nil, options())
	_, all := w.keys.RevokeListed(t.Context(), "ci", "key-1")
	for what, err := range map[string]error{"list": listed, "dry run": tried, "create": created, "revoke": w.keys.Revoke(t.Context(), "ci", "key-1"), "revoke listed": all} {
		if err == nil || err.Error() != "Argo CD does not accept the token: whoever sends it is anonymous" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, call := range w.calls() {
		if !strings.HasPrefix(call, "GET ") {
			t.Errorf("a token of nobody was used to %s", call)
		}
	}
}

// TestPermitted is about who may make keys for whom, which is known before one is made.
func TestPermitted(t *testing.T) {
	for name, test := range map[string]struct{ me, policy, reason, hint string }{
		"its own, without any right": {me: "ci"},
		"another's by role":          {me: "boss", policy: "g, boss, role:admin"},
		"another's by both rights":   {me: "boss", policy: "p, boss, accounts, *, ci, allow"},
		"another's": {me: "boss", reason: `"boss" may not make API keys for account "ci": Argo CD's policy does not grant accounts, get and accounts, update`,
			hint: `add "p, boss, accounts, get, ci, allow" and "p, boss, accounts, update, ci, allow" to policy.csv in ConfigMap argocd-rbac-cm`},
		"another's, seen":               {me: "boss", policy: "g, boss, role:readonly", reason: "does not grant accounts, update", hint: `add "p, boss, accounts, update, ci, allow" to`},
		"a policy that nobody can read": {me: "boss", policy: "nonsense", reason: "status 500"},
	} {
		for _, dry := range []bool{true, false} {
			w := newWorld(t)
			w.store.SetAccount("boss", "apiKey, login")
			w.store.SetPassword(test.me, password, time.Now().Add(-time.Hour))
			w.store.Settled.RBAC = map[string]string{"policy.csv": test.policy}
			w.keys.Login.Username = test.me
			o := options()
			o.DryRun = dry
			_, err := w.keys.Create(t.Context(), nil, o)
			var said apikey.Error
			if e, ok := err.(*apikey.Error); ok { //nolint:errorlint // it is returned as it is
				said = *e
			}
			if (err == nil) != (test.reason == "") || !strings.Contains(said.Reason, test.reason) || !strings.Contains(said.Hint, test.hint) {
				t.Errorf("%s, dry run %t: %v\n%s", name, dry, err, said.Hint)
			}
			if made := w.listed(t); made == 1 != (err == nil && !dry) {
				t.Errorf("%s, dry run %t: %d keys were made", name, dry, made)
			}
			w.checkSessions(t)
		}
	}
}

// TestNotToBeMade has keys that nobody could revoke, or that would not last as asked for:
// nobody is called for them.
func TestNotToBeMade(t *testing.T) {
	for name, change := range map[string]func(*apikey.Options){
		"id with a slash":      func(o *apikey.Options) { o.ID = "a/b" },
		"id with a colon":      func(o *apikey.Options) { o.ID = "a:b" },
		"id of dots":           func(o *apikey.Options) { o.ID = ".." },
		"no id":                func(o *apikey.Options) { o.ID = "" },
		"account with a slash": func(o *apikey.Options) { o.Account = "a/b" },
		"negative":             func(o *apikey.Options) { o.ExpiresIn = -time.Second },
		"longer than reckoned": func(o *apikey.Options) { o.ExpiresIn = math.MaxInt64 },
	} {
		for _, dry := range []bool{true, false} {
			w := newWorld(t)
			o := options()
			o.DryRun = dry
			change(&o)
			if _, err := w.keys.Create(t.Context(), nil, o); err == nil || len(w.calls()) > 0 {
				t.Errorf("%s, dry run %t: %v, calls %q", name, dry, err, w.calls())
			}
		}
	}
}

// TestWarnedOfRights: an account that may do nothing for a Runtime is noticed when it gets
// a key, and beforehand.
func TestWarnedOfRights(t *testing.T) {
	const none, grant = `account "ci" has none of the rights that a Runtime needs`, `g, ci, role:admin`
	for name, test := range map[string]struct {
		me, policy     string
		dry, noCluster bool
		want           []string // nil: no warning
	}{
		"made":                           {want: []string{none, grant}},
		"made, without a cluster":        {noCluster: true, want: []string{none, grant}},
		"made, with a role":              {policy: grant},
		"tried":                          {dry: true, want: []string{none, grant}},
		"tried, with a role":             {dry: true, policy: grant},
		"tried by itself":                {me: "ci", dry: true, noCluster: true, want: []string{none, grant}},
		"tried by itself, with a role":   {me: "ci", dry: true, noCluster: true, policy: grant},
		"tried by admin without cluster": {dry: true, noCluster: true, want: []string{`it is not known what account "ci" may do in Argo CD`, "helm runtime-auth check -n argocd"}},
	} {
		w := newWorld(t)
		w.store.Settled.RBAC = map[string]string{"policy.csv": test.policy}
		if test.me != "" {
			w.store.SetPassword(test.me, password, time.Now().Add(-time.Hour))
			w.keys.Login.Username = test.me
		}
		if !test.noCluster {
			w.keys.Configs = w.cluster.CoreV1().ConfigMaps(here)
			cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "argocd-rbac-cm"}, Data: w.store.Settled.RBAC}
			if _, err := w.keys.Configs.Create(t.Context(), cm, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		o := options()
		o.DryRun = test.dry
		if _, err := w.keys.Create(t.Context(), nil, o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := strings.Join(w.warnings, "\n")
		if test.want == nil && got != "" {
			t.Errorf("%s: %s", name, got)
		}
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q lacks %q", name, got, want)
			}
		}
	}
}

// TestRecordedCreate holds what a dry run foresees against what the real Argo CD did.
func TestRecordedCreate(t *testing.T) {
	all, err := argocdtest.Read(oracle.Open(t, "argocd/recording-3.5.1.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	// What Argo CD makes, and is of no use: gone or eternal instead of ending, not to be
	// revoked, of a disabled account.
	stricter := map[string]bool{"create-expires-over-duration": true, "create-expires-negative": true, "create-id-slash": true, "create-id-dotdot": true, "create-disabled": true}
	foreseen := map[bool]int{}
	for _, e := range all.Exchanges {
		account, ok := strings.CutSuffix(strings.TrimPrefix(e.Request.Path, e.World.RootPath+"/api/v1/account/"), "/token")
		token, isBearer := strings.CutPrefix(e.Request.Headers["Authorization"], "Bearer ")
		var body struct {
			ID        string
			ExpiresIn int64
		}
		if !ok || !isBearer || e.Request.Method != "POST" || e.Request.Headers["Content-Type"] != "application/json" ||
			json.Unmarshal([]byte(e.Request.Body), &body) != nil || body.ID == "" || body.ExpiresIn > math.MaxInt64/int64(time.Second)+1 {
			continue
		}
		expiresIn := time.Duration(body.ExpiresIn) * time.Second
		if body.ExpiresIn > math.MaxInt64/int64(time.Second) {
			expiresIn = math.MaxInt64 // as much as there is
		}
		s := e.Serve("", e.World.Memory())
		api, err := argocd.New(argocd.Options{URL: s.URL, Insecure: true})
		if err != nil {
			t.Fatal(err)
		}
		keys := &apikey.Keys{API: api, Login: apikey.Login{Token: auth.NewSecret(token)}, Warn: func(string, string) {}}
		_, err = keys.Create(t.Context(), nil, apikey.Options{Account: account, ID: body.ID, ExpiresIn: expiresIn, DryRun: true})
		if want := e.Response.Status == 200 && !stricter[e.Name]; want != (err == nil) {
			// The right to look at the account is needed as well.
			if e.Name != "rbac-some-create-reader" || !strings.Contains(err.Error(), "accounts, get") {
				t.Errorf("%s: status %d, foreseen: %v", e.Name, e.Response.Status, err)
			}
		}
		foreseen[err == nil]++
		for _, call := range s.Requests() {
			if !strings.HasPrefix(call, "GET ") {
				t.Errorf("%s: a dry run made %s", e.Name, call)
			}
		}
		s.Close()
	}
	if foreseen[true] < 15 || foreseen[false] < 15 {
		t.Errorf("foreseen: %v", foreseen)
	}
}
