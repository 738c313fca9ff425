//go:build cluster

package preflight_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	corpus "github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// trait is something that may be one way or another in a world. The first of its
// ways is that in which everything works.
type trait struct {
	name string
	ways []way
}

type way struct {
	name  string
	apply func(*place)
}

// oracle is an Argo CD that is moved from one world to the next: one server for each way
// of serving.
type oracle struct {
	*world
	servers map[serving]*argocdtest.Server
	clock   time.Time
}

// serving is what a world has outside of the cluster: how Argo CD was started, and which.
type serving struct {
	TLS      bool
	RootPath string
	Version  string
}

func newOracle(t *testing.T) *oracle {
	t.Helper()
	return &oracle{world: newWorld(t), servers: map[serving]*argocdtest.Server{}, clock: now()}
}

func (o *oracle) server(t *testing.T, as serving) *argocdtest.Server {
	t.Helper()
	if o.servers[as] == nil {
		s := argocdtest.NewServer(argocdtest.Options{
			Store: o, Now: func() time.Time { return o.clock }, TLS: as.TLS, RootPath: as.RootPath, Version: as.Version,
		})
		t.Cleanup(s.Close)
		o.servers[as] = s
	}
	return o.servers[as]
}

// place is a world with an Argo CD in it, and what a trait may set before the
// credential is made.
type place struct {
	*world
	account  string
	subject  string         // of the token; NAME stands for the account
	claims   map[string]any // of the token
	spoil    []func(string) string
	later    []func() // once the token is made
	serving  serving
	rootPath string // of the values
	failures int    // wrong passwords in a row
	live     bool   // what is wrong cannot be seen in the cluster
	chart    *auth.ChartVersion
	refused  bool // by the hook of the chart
}

func (p *place) spoilt(by func(string) string) { p.spoil = append(p.spoil, by) }

// runtime is Argo CD as the Runtime calls it: by the address of the Service, over http.
func (p *place) runtime(t *testing.T, o *oracle) argocd.Options {
	t.Helper()
	address := o.server(t, p.serving).Listener.Addr().String()
	return argocd.Options{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
}

func (p *place) client(t *testing.T, o *oracle) *argocd.Client {
	t.Helper()
	to := p.runtime(t, o)
	to.URL = "http://argo-cd-server" + p.rootPath
	c, err := argocd.New(to)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (p *place) set(key, value string) { p.cm()["accounts."+p.account+key] = value }

func (p *place) remember(key, value string) {
	prefix := "accounts." + p.account
	if p.account == "admin" {
		prefix = p.account
	}
	p.argoCD()[prefix+"."+key] = []byte(value)
}

func (p *place) forget(key string) {
	p.remember(key, "")
	for full := range p.argoCD() {
		if strings.HasSuffix(full, p.account+"."+key) {
			delete(p.argoCD(), full)
		}
	}
}

// account is which account the credential is for. It has everything that it needs.
func accountTrait() trait {
	named := func(name string) way {
		return way{name, func(p *place) {
			old := p.argoCD()
			password := old["accounts.ci.password"]
			delete(p.cm(), "accounts.ci")
			delete(p.cm(), "accounts.ci.enabled")
			p.account = name
			p.set("", "apiKey, login")
			p.remember("password", string(password))
			p.remember("tokens", fmt.Sprintf(`[{"id":%q,"iat":1}]`, tokenID))
			p.secrets[here+"/ci-password"].Data["username"] = []byte(name)
		}}
	}
	return trait{"account", []way{
		{"ci", func(*place) {}}, named("admin"), named("CI-2_x"), named("proj"), named("a.b"), named("apiKey"), named(strings.Repeat("n", 32)), named(strings.Repeat("n", 33)),
		{"missing", func(p *place) { delete(p.cm(), "accounts.ci"); delete(p.cm(), "accounts.ci.enabled") }},
		{"in another case", func(p *place) {
			p.cm()["accounts.CI"] = p.cm()["accounts.ci"]
			delete(p.cm(), "accounts.ci")
			delete(p.cm(), "accounts.ci.enabled")
		}},
	}}
}

func configTraits() []trait {
	capability := trait{"capability", []way{{"as it was", func(*place) {}}}}
	for _, text := range []string{"apiKey", "login", "apiKey,login", " login ,  apiKey ,", "apikey, login", "apiKey login", "", "\t", "apiKey, login, other", "apiKey,\nlogin"} {
		capability.ways = append(capability.ways, way{fmt.Sprintf("%q", text), func(p *place) { p.set("", text) }})
	}
	enabled := trait{"enabled", []way{{"as it was", func(*place) {}}, {"not given", func(p *place) { delete(p.cm(), "accounts."+p.account+".enabled") }}}}
	for _, text := range []string{"true", "false", "1", "0", "T", "FALSE", "yes", "no", "", " true", "tRUE"} {
		enabled.ways = append(enabled.ways, way{fmt.Sprintf("%q", text), func(p *place) { p.set(".enabled", text) }})
	}
	other := trait{"other", []way{{"none", func(*place) {}}}}
	for key, text := range map[string]string{
		"accounts.other.enabled": "yes", "accounts.other.other.enabled": "yes", "accounts.other": "rubbish", "accounts.x.enabled": "False",
		"admin.enabled": "false", "accounts.admin.enabled": "0", "accounts": "yes", "accounts.": "login", "accounts..enabled": "maybe",
	} {
		other.ways = append(other.ways, way{key + ": " + text, func(p *place) { p.cm()[key] = text }})
	}
	for key, text := range map[string]string{
		"accounts.other.passwordMtime": "yesterday", "accounts.other.tokens": "{", "admin.passwordMtime": "yesterday", "admin.tokens": "{",
	} {
		other.ways = append(other.ways, way{key + ": " + text, func(p *place) {
			p.cm()["accounts.other"] = "login"
			p.argoCD()[key] = []byte(text)
		}})
	}
	return []trait{accountTrait(), capability, enabled, other}
}

func tokenTraits() []trait {
	listed := trait{"listed", []way{{"as it was", func(*place) {}}, {"not at all", func(p *place) { p.forget("tokens") }}}}
	for _, text := range []string{"[]", "null", "{", "", `[{"id":"other"}]`, `[{"id":"other"},{"id":"` + tokenID + `"}]`, `[{"id":7}]`, `[{"id":7},{"id":"` + tokenID + `"}]`, `{"id":"` + tokenID + `"}`} {
		listed.ways = append(listed.ways, way{text, func(p *place) { p.remember("tokens", text) }})
	}
	changed := trait{"changed", []way{{"as it was", func(*place) {}}, {"never", func(p *place) { p.forget("passwordMtime") }}}}
	for _, at := range []time.Duration{-time.Second, 0, time.Second, time.Hour} {
		text := now().Add(at).Format(time.RFC3339)
		changed.ways = append(changed.ways, way{text, func(p *place) { p.remember("passwordMtime", text) }})
	}
	for _, text := range []string{"", "yesterday", "2026-11-25T00:00:00.5Z", "2026-11-25T01:00:00+02:00"} {
		changed.ways = append(changed.ways, way{fmt.Sprintf("%q", text), func(p *place) { p.remember("passwordMtime", text) }})
	}
	claims := trait{"claims", []way{{"as usual", func(*place) {}}}}
	for _, c := range []map[string]any{
		{"exp": now().Unix() + 1}, {"exp": now().Unix()}, {"exp": now().Unix() - 1}, {"exp": "1795600000"}, {"exp": int64(1) << 53}, {"exp": nil},
		{"iat": nil}, {"iat": now().Add(time.Hour).Unix()}, {"iat": 1}, {"iat": "1"}, {"nbf": nil}, {"nbf": now().Unix()}, {"nbf": now().Unix() + 1}, {"nbf": "1"},
		{"jti": nil}, {"jti": ""}, {"jti": "other"}, {"jti": 7}, {"iss": nil}, {"iss": "https://dex"}, {"aud": "argocd"}, {"other": strings.Repeat("s3cr3t", 1<<10)},
	} {
		claims.ways = append(claims.ways, way{fmt.Sprint(c), func(p *place) { p.claims = c }})
	}
	subject := trait{"subject", []way{{"NAME:apiKey", func(*place) {}}}}
	for _, text := range []string{"NAME", "NAME:login", "NAME:", "NAME:other", ":apiKey", "", "proj:p:r", "NAME/x:apiKey", "NAME :apiKey"} {
		subject.ways = append(subject.ways, way{text, func(p *place) { p.subject = text }})
	}
	spoilt := trait{"spoilt", []way{{"not", func(*place) {}}}}
	for name, spoil := range map[string]func(string) string{
		"line break": func(s string) string { return s + "\n" }, "base64": func(s string) string { return b64([]byte(s)) }, "cut": func(s string) string { return s[:len(s)-2] },
		"quotes": func(s string) string { return `"` + s + `"` }, "NUL": func(s string) string { return s + "\x00" }, "empty": func(string) string { return "" },
		"no UTF-8": func(s string) string { return s + "\xff" }, "DEL": func(s string) string { return s + "\x7f" }, "C1": func(s string) string { return "\u0085" + s },
		"none": func(string) string { return "eyJ..s3cr3t" },
	} {
		spoilt.ways = append(spoilt.ways, way{name, func(p *place) { p.spoilt(spoil) }})
	}
	return []trait{listed, changed, claims, subject, spoilt}
}

func passwordTraits() []trait {
	hash := trait{"hash", []way{{"as it was", func(*place) {}}, {"none", func(p *place) { p.forget("password") }}}}
	word := trait{"password", []way{{"as it was", func(*place) {}}}}
	for _, text := range []string{"s3cr3t-other"} {
		hash.ways = append(hash.ways, way{text, func(p *place) { p.remember("password", bcryptOf(text)) }})
	}
	for _, text := range []string{"changeme", "s3cr3t", "xxx", "<s3cr3t>", "s3cr3t with blanks", "s3cr3t-\u00fc\u2028x", "ref+s3cr3t", "${S3CR3T}", "\"s3cr3t\"", "s3cr3t\x7f", "s3cr3t\u0085x", "\ufeffs3cr3t", strings.Repeat("s3cr3t", 12)} {
		word.ways = append(word.ways, way{"in force: " + text, func(p *place) {
			p.secrets[here+"/ci-password"].Data["password"] = []byte(text)
			p.remember("password", bcryptOf(text))
		}}, way{"not in force: " + text, func(p *place) { p.secrets[here+"/ci-password"].Data["password"] = []byte(text) }})
	}
	for _, text := range []string{"", password + "\n", " " + password, password + "\x00", password + "\xff"} {
		word.ways = append(word.ways, way{fmt.Sprintf("%q", text), func(p *place) { p.secrets[here+"/ci-password"].Data["password"] = []byte(text) }})
	}
	username := trait{"username", []way{{"as it was", func(*place) {}}}}
	for _, text := range []string{"", "ci\n", "ci ", "gone", "ci:apiKey", "ci/x", "admin", "ci\x00", "ci\xff"} {
		username.ways = append(username.ways, way{fmt.Sprintf("%q", text), func(p *place) { p.secrets[here+"/ci-password"].Data["username"] = []byte(text) }})
	}
	return []trait{hash, word, username}
}

func bcryptOf(password string) string {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return string(hash)
}

// TestAgreement holds the checks against an Argo CD: in every world in which up to two
// things are not as they should be, something fails exactly if the Runtime could not sign
// in, or not be told what it may do. Where one of the two is of the live edge, Argo CD is asked too, and every fourth
// pair is looked at.
func TestAgreement(t *testing.T) {
	modes := map[string]struct {
		traits, edge []trait
		values       string
		works        func(*testing.T, *oracle, *place) bool
	}{
		"token": {append(configTraits(), tokenTraits()...), append(edgeTraits(), signatureTrait()), tokenValues, tokenWorks},
		"password": {append(configTraits(), passwordTraits()...), append(edgeTraits(), lockTrait()),
			strings.Replace(passValues, "username: ci", "usernameSecretKeyRef: {name: ci-password, key: username}", 1), passwordWorks},
	}
	step := 3 // in CI all of them
	if corpus.Required() {
		step = 1
	}
	for mode, m := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			o, worlds, working := newOracle(t), 0, 0
			look := func(a, b trait, first, second way, live bool) {
				if worlds++; worlds%step == 0 && agree(t, o, m.values, fmt.Sprintf("%s %s, %s %s", b.name, first.name, a.name, second.name), m.works, live, first, second) {
					working++
				}
			}
			for i, a := range append(slices.Clone(m.traits), m.edge...) {
				for j, b := range append(slices.Clone(m.traits), m.edge...)[:i] {
					live := i >= len(m.traits)
					for x, first := range b.ways[min(1, j):] {
						for y, second := range a.ways {
							if !live || (x+y+i+j)%4 == 0 || x == 0 && j == 0 {
								look(a, b, first, second, live)
							}
						}
					}
				}
			}
			worlds /= step
			t.Logf("%d worlds, %d of them work", worlds, working)
			if working < 100 || worlds-working < 100 {
				t.Error("too few of a kind to tell anything")
			}
		})
	}
}

// agree holds the checks against the oracle in one world, and returns what that says.
func agree(t *testing.T, o *oracle, values, name string, works func(*testing.T, *oracle, *place) bool, live bool, ways ...way) bool {
	t.Helper()
	p := &place{world: newWorld(t), account: "ci", subject: "NAME:apiKey", serving: serving{Version: acceptedVersion}}
	o.world = p.world
	for _, w := range ways {
		w.apply(p)
	}
	server := o.server(t, p.serving)
	key := server.Token(strings.Replace(p.subject, "NAME", p.account, 1), tokenID, p.claims)
	for _, spoil := range p.spoil {
		key = spoil(key)
	}
	p.secrets[here+"/ci-token"].Data["token"] = []byte(key)
	for _, change := range p.later {
		change()
	}
	// Argo CD locks an account after a few failures, which are forgotten by then. The
	// tokens are as old as the first world.
	if strings.Contains(values, "type: password") {
		o.clock = o.clock.Add(time.Hour)
	}
	server.FailSignIns(p.account, p.failures)
	if p.rootPath != "" {
		values = strings.Replace(values, "port: 80", "port: 80, rootpath: "+p.rootPath, 1)
	}
	opts := options(t, values)
	opts.Lint.ChartVersion = p.chart
	if live {
		opts.ArgoCD, opts.NoLive = p.runtime(t, o), false
	}
	r, err := preflight.Run(t.Context(), p.world, opts)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return false
	}
	pasteable(t, r)
	var failed, offline []string
	for _, result := range r.Results {
		if text := result.Seen + result.Advice; strings.Contains(text, "s3cr3t") || strings.Contains(text, "eyJ") {
			t.Errorf("%s: %s shows a credential", name, result.ID)
		}
		if result.Status == preflight.Failed {
			failed = append(failed, result.ID+": "+result.Seen)
			if !strings.HasPrefix(result.ID, "live-") {
				offline = append(offline, result.ID)
			}
		}
	}
	truth := works(t, o, p) && !p.refused
	if truth != (len(failed) == 0) {
		t.Errorf("%s: works is %t, failed is %q", name, truth, failed)
	}
	if !truth && !p.live && len(offline) == 0 {
		t.Errorf("%s: only Argo CD itself says so: %q", name, failed)
	}
	return truth
}

// answers reports whether Argo CD says what the account may do, without which a Runtime
// that has signed in gets nothing done.
func answers(t *testing.T, c *argocd.Client, token auth.Secret) bool {
	t.Helper()
	_, err := c.CanI(t.Context(), token, "applications", "get", "*/*")
	return err == nil
}

// tokenWorks asks Argo CD whether it takes the token.
func tokenWorks(t *testing.T, o *oracle, p *place) bool {
	t.Helper()
	text := string(p.secrets[here+"/ci-token"].Data["token"])
	c, token := p.client(t, o), auth.NewSecret(text)
	u, err := c.Userinfo(t.Context(), token)
	// The token of a session is taken too, and is no credential for a Runtime.
	return err == nil && u.LoggedIn && p.subject != "NAME:login" && answers(t, c, token)
}

// passwordWorks does what app-proxy does: it signs in, and makes an API key.
func passwordWorks(t *testing.T, o *oracle, p *place) bool {
	t.Helper()
	data := p.secrets[here+"/ci-password"].Data
	name, c := string(data["username"]), p.client(t, o)
	session, err := c.SignIn(t.Context(), name, auth.NewSecret(string(data["password"])))
	if err != nil {
		return false
	}
	_, err = c.CreateToken(t.Context(), session, name, "made", 0)
	return err == nil && answers(t, c, session)
}
