package settings_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/preflight/settings"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// exchange is one of the recording.
type exchange struct{ argocdtest.Exchange }

// answer is what Argo CD made of the token: whether it was accepted, and why not where it said that.
// ok is false where the exchange says nothing of a token by itself.
func (e exchange) answer() (accepted bool, why string, ok bool) {
	_, hasCookie := e.Request.Headers["Cookie"]
	if e.Request.Method != "GET" || hasCookie || !strings.HasPrefix(e.Request.Headers["Authorization"], "Bearer ") || slices.Contains(e.World.Flags, "--disable-auth") {
		return false, "", false
	}
	anonymous := e.World.CM["users.anonymous.enabled"] == "true"
	isInvalid := strings.Contains(e.Response.Body, `"invalid session: `)
	switch _, path, _ := strings.Cut(e.Request.Path, "/api/v1/"); {
	case path == "session/userinfo" && e.Response.Status == 200:
		return strings.Contains(e.Response.Body, `"loggedIn":true`), "", true
	case !strings.HasPrefix(path, "account") || anonymous || e.Response.Status == 404 && !strings.HasPrefix(e.Response.Body, "{"):
		return false, "", false
	case isInvalid:
		return false, e.Response.Body, true
	case strings.Contains(e.Response.Body, `"unable to load settings: `), strings.Contains(e.Response.Body, `"no session information"`):
		return false, "", true
	}
	return true, "", true
}

// reasons are Argo CD's own words for them.
func reasons() map[settings.Reason]string {
	return map[settings.Reason]string{
		settings.Malformed: "malformed", settings.Foreign: "SSO is not configured", settings.BadSignature: "signature is invalid",
		settings.Expired: "token is expired", settings.Early: "not valid yet", settings.Undated: "does not have iat claim",
		settings.Missing: "does not exist", settings.Disabled: "is disabled", settings.Incapable: "capability",
		settings.Unlisted: "does not have token with id", settings.Outdated: "password has changed",
		settings.Unreadable: "pars", // ParseBool, or parsing a time
	}
}

// TestRecorded judges every token of the recording as the real server did, and for its reason.
func TestRecorded(t *testing.T) {
	accepted, refused, why := 0, 0, map[settings.Reason]int{}
	all, err := argocdtest.Read(oracle.Open(t, "argocd/recording-3.5.1.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all.Exchanges {
		e := exchange{e}
		want, words, ok := e.answer()
		text := strings.TrimPrefix(e.Request.Headers["Authorization"], "Bearer ")
		parsed, err := token.Parse(text)
		switch {
		case !ok || e.World.CM == nil: // without argocd-cm there is nothing to judge by
			continue
		case err == nil && e.State != nil && slices.Contains(e.State.Revoked, parsed.ID):
			continue // signed out: that is in Redis
		case err == nil && parsed.Kind == token.Project && !want:
			continue // its list is in the project
		}
		s := settings.Settings{Config: e.World.CM, Secret: map[string][]byte{}}
		for key, value := range e.World.Secret {
			s.Secret[key] = []byte(value)
		}
		r := s.Judge(text, e.Now)
		if (r == nil) != want {
			t.Errorf("%s: refused for %v, Argo CD accepts it: %t", e.Name, r, want)
			continue
		}
		if r == nil {
			accepted++
			continue
		}
		refused++
		why[r.Reason]++
		if strings.Contains(r.Error(), "recording-only") || strings.Contains(r.Error(), "eyJ") {
			t.Errorf("%s: the reason shows a secret", e.Name)
		}
		known := reasons()[r.Reason]
		switch {
		case words == "" || strings.Contains(words, known):
		case r.Reason == settings.Malformed, r.Key == "admin.tokens": // said in many ways
		default:
			t.Errorf("%s: refused because %v, Argo CD says %s", e.Name, r, words)
		}
	}
	t.Logf("%d accepted, %d refused: %v", accepted, refused, why)
	if accepted < 50 || refused < 50 {
		t.Error("too few to tell anything")
	}
}
