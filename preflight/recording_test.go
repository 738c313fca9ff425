//go:build cluster

package preflight_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	corpus "github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// acceptedVersion is one that every chart takes beside which the tests install.
const acceptedVersion = "v3.1.0+stand-in"

// recording is what the real Argo CD answered.
func recording(t *testing.T) argocdtest.Recording {
	t.Helper()
	r, err := argocdtest.Read(corpus.Open(t, "argocd/recording-3.5.1.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// clusterOf holds the objects of a recorded world.
func clusterOf(t *testing.T, from *argocdtest.World) *world {
	t.Helper()
	w := newWorld(t)
	delete(w.configMaps, here+"/argocd-cm")
	delete(w.configMaps, here+"/argocd-rbac-cm")
	delete(w.secrets, here+"/argocd-secret")
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: here, Name: name, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}}
	}
	if from.CM != nil {
		w.configMaps[here+"/argocd-cm"] = &corev1.ConfigMap{ObjectMeta: meta("argocd-cm"), Data: from.CM}
	}
	if from.RBAC != nil {
		w.configMaps[here+"/argocd-rbac-cm"] = &corev1.ConfigMap{ObjectMeta: meta("argocd-rbac-cm"), Data: from.RBAC}
	}
	if from.Secret != nil {
		w.secret(here, "argocd-secret", from.Secret)
	}
	return w
}

// standIn starts an Argo CD as it was when an exchange was recorded, and says how it is
// reached.
func standIn(t *testing.T, e argocdtest.Exchange) argocd.Options {
	t.Helper()
	s := e.Serve(acceptedVersion, e.World.Memory())
	t.Cleanup(s.Close)
	return argocd.Options{URL: s.URL, Insecure: true}
}

func clientOf(t *testing.T, o argocd.Options) *argocd.Client {
	t.Helper()
	c, err := argocd.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// failures are what the checks say against a Runtime with these values, offline and live.
func failures(t *testing.T, w *world, e argocdtest.Exchange, text string, to argocd.Options) (offline, live []string) {
	t.Helper()
	opts := options(t, text)
	opts.Lint.Now, opts.ArgoCD, opts.NoLive = e.Now, to, false
	r, err := preflight.Run(t.Context(), w, opts)
	if err != nil {
		t.Fatal(err)
	}
	pasteable(t, r)
	for _, result := range r.Results {
		if text := result.Seen + result.Advice; strings.Contains(text, "eyJ") || strings.Contains(text, "recording-only") {
			t.Errorf("%s: %s shows a credential", e.Name, result.ID)
		}
		switch said := result.ID + ": " + result.Seen; {
		case result.Status != preflight.Failed, result.ID == preflight.CheckRights: // not about the credential
		case strings.HasPrefix(result.ID, "live-"):
			live = append(live, said)
		default:
			offline = append(offline, said)
		}
	}
	return offline, live
}

// bearer is the token of a request, where its verdict is that of the token alone.
func bearer(e argocdtest.Exchange) string {
	text, ok := strings.CutPrefix(e.Request.Headers["Authorization"], "Bearer ")
	if !ok || e.Request.Headers["Cookie"] != "" || e.Request.Scheme == "http" || !strings.HasPrefix(e.Request.Path, e.World.RootPath+"/api/v1/") {
		return ""
	}
	return text
}

// accepted says whether Argo CD took the token, as its answer has it, and whether the
// answer has it at all.
func accepted(e argocdtest.Exchange) (yes, known bool) {
	switch anonymous := e.World.CM["users.anonymous.enabled"] == "true"; {
	case bearer(e) == "" || e.Response.Error != "" || strings.HasSuffix(e.Request.Path, "/api/v1/session"):
		return false, false
	case strings.Contains(e.Request.Path, "/session/userinfo") && e.Response.Status == 200:
		return strings.Contains(e.Response.Body, `"loggedIn":true`), true
	case anonymous || e.World.HasFlag("--disable-auth"):
		return false, false // the others answer everybody
	case strings.Contains(e.Response.Body, "unable to load settings"), e.Response.Status == 401:
		return false, true
	}
	isCall := e.Response.Headers["Content-Type"] == "application/json" && e.Response.Status != 400
	return isCall, isCall
}

// forRuntime reports whether a token is what a Runtime may use: an API key of an account.
func forRuntime(text string) bool {
	var claims struct{ Sub string }
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return false
	}
	plain, err := base64.RawURLEncoding.DecodeString(parts[1])
	return err == nil && json.Unmarshal(plain, &claims) == nil && !strings.HasSuffix(claims.Sub, ":login") && !strings.HasPrefix(claims.Sub, "proj:")
}

// TestRecordedTokens: a client's verdict on a token at the stand-in, and that of the
// checks, is the recorded one.
func TestRecordedTokens(t *testing.T) {
	t.Parallel()
	judged := map[bool]int{}
	for _, e := range recording(t).Exchanges {
		want, known := accepted(e)
		if !known {
			continue
		}
		text := bearer(e)
		to := standIn(t, e)
		u, err := clientOf(t, to).Userinfo(t.Context(), auth.NewSecret(text))
		if got := err == nil && u.LoggedIn; got != want && !e.World.HasFlag("--disable-auth") {
			t.Errorf("%s: the client says %t, recorded is %t: %v", e.Name, got, want, err)
		}
		judged[want]++
		agrees(t, e, text, to, want)
	}
	if judged[true] < 80 || judged[false] < 80 {
		t.Errorf("too few of a kind to tell anything: %v", judged)
	}
}

// agrees holds the checks to whether a Runtime could sign in with a token.
func agrees(t *testing.T, e argocdtest.Exchange, text string, to argocd.Options, accepted bool) {
	t.Helper()
	if e.World.HasFlag("--disable-auth") {
		return // nobody is refused, whatever the credential is
	}
	w := clusterOf(t, e.World)
	w.secrets[here+"/ci-token"].Data["token"] = []byte(text)
	offline, live := failures(t, w, e, tokenValues, to)
	works := accepted && forRuntime(text)
	if failed := append(offline, live...); works != (len(failed) == 0) {
		t.Errorf("%s: works is %t, failed is %q", e.Name, works, failed)
	}
	if isOnlyRemembered := e.State != nil; works != (len(offline) == 0) && !isOnlyRemembered {
		t.Errorf("%s: works is %t, failed offline is %q", e.Name, works, offline)
	}
}

// TestRecordedWorlds holds the checks against the stand-in for every token of the
// recording in every world of it.
func TestRecordedWorlds(t *testing.T) {
	t.Parallel()
	r := recording(t)
	var tokens []string
	var worlds []argocdtest.Exchange
	seen := map[*argocdtest.World]bool{}
	for _, e := range r.Exchanges {
		tokens = append(tokens, regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*`).FindAllString(e.Request.Headers["Authorization"]+" "+e.Request.Headers["Cookie"]+" "+e.Response.Body, -1)...)
		if !seen[e.World] {
			seen[e.World] = true
			e.State = nil
			worlds = append(worlds, e)
		}
	}
	slices.Sort(tokens)
	tokens = slices.Compact(tokens)
	step := 11 // in CI all of them
	if corpus.Required() {
		step = 1
	}
	pairs := 0
	for _, e := range worlds {
		to := standIn(t, e)
		c := clientOf(t, to)
		for _, text := range tokens {
			if pairs++; pairs%step == 0 {
				u, err := c.Userinfo(t.Context(), auth.NewSecret(text))
				agrees(t, e, text, to, err == nil && u.LoggedIn)
			}
		}
	}
	t.Logf("%d worlds, %d tokens", len(worlds), len(tokens))
}

// TestRecordedPasswords: a client signs in exactly where the real Argo CD let it, and
// the checks agree.
func TestRecordedPasswords(t *testing.T) {
	t.Parallel()
	judged := map[bool]int{}
	for _, e := range recording(t).Exchanges {
		var body struct{ Username, Password string }
		if e.Request.Method != "POST" || e.Request.Path != e.World.RootPath+"/api/v1/session" || e.Request.Scheme == "http" ||
			!strings.EqualFold(strings.TrimSpace(e.Request.Headers["Content-Type"]), "application/json") ||
			json.Unmarshal([]byte(e.Request.Body), &body) != nil || body.Username == "" || body.Password == "" {
			continue
		}
		want := e.Response.Status == 200
		to := standIn(t, e)
		c := clientOf(t, to)
		session, err := c.SignIn(t.Context(), body.Username, auth.NewSecret(body.Password))
		if (err == nil) != want {
			t.Errorf("%s: the client says %v, recorded is %d", e.Name, err, e.Response.Status)
		}
		judged[want]++
		if err == nil {
			_, err = c.CreateToken(t.Context(), session, body.Username, "made", 0)
		}
		w := clusterOf(t, e.World)
		w.secrets[here+"/ci-password"].Data = map[string][]byte{"username": []byte(body.Username), "password": []byte(body.Password)}
		values := strings.Replace(passValues, "username: ci", "usernameSecretKeyRef: {name: ci-password, key: username}", 1)
		offline, live := failures(t, w, e, values, standIn(t, e))
		if works := err == nil; works != (len(offline)+len(live) == 0) {
			t.Errorf("%s: works is %t (%v), failed is %q", e.Name, works, errors.Unwrap(err), append(offline, live...))
		}
	}
	if judged[true] < 10 || judged[false] < 15 {
		t.Errorf("too few of a kind to tell anything: %v", judged)
	}
}
