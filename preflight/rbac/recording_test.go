package rbac_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
)

// exchange is one of the recording.
type exchange struct{ argocdtest.Exchange }

// caller is for whom Argo CD takes the token of a request; "" for nobody.
func (e exchange) caller() string {
	parts := strings.Split(strings.TrimPrefix(e.Request.Headers["Authorization"], "Bearer "), ".")
	if len(parts) != 3 {
		return ""
	}
	sum := hmac.New(sha256.New, []byte(e.World.Secret["server.secretkey"]))
	sum.Write([]byte(parts[0] + "." + parts[1]))
	var claims struct {
		Sub, Jti string
		Exp      int64
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &claims) != nil || base64.RawURLEncoding.EncodeToString(sum.Sum(nil)) != parts[2] ||
		claims.Exp != 0 && claims.Exp <= e.Now.Unix() {
		return ""
	}
	name, kind, _ := strings.Cut(claims.Sub, ":")
	switch {
	case name == "proj":
		return claims.Sub
	case e.World.CM["accounts."+name+".enabled"] == "false":
		return ""
	case kind != "login" && !strings.Contains(e.World.Secret["accounts."+name+".tokens"]+e.World.Secret["admin.tokens"], `"`+claims.Jti+`"`):
		return ""
	}
	return name
}

func (e exchange) policy() (*rbac.Policy, error) {
	projects := rbac.Projects{}
	for project, roles := range e.World.Projects {
		projects[project] = map[string][]string{}
		for role, r := range roles {
			projects[project][role] = r.Policies
		}
	}
	return rbac.Parse(e.World.RBAC, projects)
}

// TestRecording holds Allows against what a real Argo CD has answered: every can-i, every
// call for an account that it has refused for want of rights or not, every list.
func TestRecording(t *testing.T) {
	checked := map[string]int{}
	all, err := argocdtest.Read(oracle.Open(t, "argocd/recording-3.5.1.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all.Exchanges {
		e := exchange{e}
		_, call, isAccount := strings.Cut(e.Request.Path, "/api/v1/account")
		path, err := url.PathUnescape(strings.TrimPrefix(call, "/"))
		s := strings.SplitN(path, "/", 4)
		isCanI := s[0] == "can-i"
		if isCanI && len(s) == 3 {
			s = append(s, "") // no object
		}
		_, isCookie := e.Request.Headers["Cookie"]
		switch status := e.Response.Status; {
		case err != nil || !isAccount || isCookie || strings.HasPrefix(e.Name, "account-alg-hs") || slices.Contains(e.World.Flags, "--disable-auth"),
			!strings.HasPrefix(e.Response.Body, "{"), status == 400, status == 401,
			status == 500 && !strings.Contains(e.Response.Body, "casbin"):
			continue // refused before rights are looked up, or for another reason after it
		}
		p, err := e.policy()
		if bad, ok := errors.AsType[*rbac.LineError](err); ok {
			checked["unreadable"]++
			var said struct{ Message string }
			if json.Unmarshal([]byte(e.Response.Body), &said) != nil || e.Response.Status != 500 ||
				said.Message != "error creating casbin enforcer: error loading policy line: invalid RBAC policy: "+bad.Line {
				t.Errorf("%s: status %d, and the policy is unreadable: %v", e.Name, e.Response.Status, err)
			}
			continue
		}
		if err != nil || e.Response.Status == 500 {
			t.Errorf("%s: status %d, %v", e.Name, e.Response.Status, err)
			continue
		}
		who := e.caller()
		switch {
		case isCanI:
			checked["can-i"]++
			want := strings.Contains(e.Response.Body, "yes")
			if got := p.Allows(who, s[1], s[2], s[3]); got != want {
				t.Errorf("%s: %q may: %t, recorded %s", e.Name, who, got, e.Response.Body)
			}
		case path == "" && e.Request.Method == "GET":
			checked["list"]++
			var listed struct{ Items []struct{ Name string } }
			if err := json.Unmarshal([]byte(e.Response.Body), &listed); err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, a := range listed.Items {
				want = append(want, a.Name)
			}
			for _, name := range []string{"admin", "boss", "ci", "many", "nokey", "off", "reader", "rt"} {
				if _, ok := e.World.CM["accounts."+name]; (ok || name == "admin") && (name == who || p.Allows(who, "accounts", "get", name)) {
					got = append(got, name)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: accounts that %q may see (-recorded +got):\n%s", e.Name, who, diff)
			}
		case path != "" && s[0] != "password":
			checked["account"]++
			action := "update"
			if e.Request.Method == "GET" {
				action = "get"
			}
			if got := s[0] == who || p.Allows(who, "accounts", action, s[0]); got != (e.Response.Status != 403) {
				t.Errorf("%s: %q may %s %q: %t, recorded status %d", e.Name, who, action, s[0], got, e.Response.Status)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"can-i": 35, "account": 148, "list": 15, "unreadable": 2}, checked); diff != "" {
		t.Errorf("exchanges that were looked at (-want +got):\n%s", diff)
	}
}
