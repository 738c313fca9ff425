//go:build cluster

package preflight_test

import (
	"fmt"
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

// oracle is an Argo CD that is moved from one world to the next.
type oracle struct {
	*world
	server *argocdtest.Server
	client *argocd.Client
	clock  time.Time
}

func newOracle(t *testing.T) *oracle {
	t.Helper()
	o := &oracle{world: newWorld(t), clock: now()}
	o.server = argocdtest.NewServer(argocdtest.Options{Store: o, Now: func() time.Time { return o.clock }})
	t.Cleanup(o.server.Close)
	client, err := argocd.New(argocd.Options{URL: o.server.URL})
	if err != nil {
		t.Fatal(err)
	}
	o.client = client
	return o
}

// place is a world with an Argo CD in it, and what a trait may set before the
// credential is made.
type place struct {
	*world
	account string
	subject string         // of the token; NAME stands for the account
	claims  map[string]any // of the token
	spoil   func(string) string
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
		{"iat": nil}, {"iat": now().Add(time.Hour).Unix()}, {"iat": 1}, {"iat": "1"}, {"nbf": nil},
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
		spoilt.ways = append(spoilt.ways, way{name, func(p *place) { p.spoil = spoil }})
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

// TestAgreement holds the checks that read against an Argo CD that is asked: in every
// world in which up to two things are not as they should be, something fails exactly
// if the Runtime could not sign in.
func TestAgreement(t *testing.T) {
	modes := map[string]struct {
		traits []trait
		values string
		works  func(*testing.T, *oracle, *place) bool
	}{
		"token":    {append(configTraits(), tokenTraits()...), tokenValues, tokenWorks},
		"password": {append(configTraits(), passwordTraits()...), strings.Replace(passValues, "username: ci", "usernameSecretKeyRef: {name: ci-password, key: username}", 1), passwordWorks},
	}
	step := 3 // in CI all of them
	if corpus.Required() {
		step = 1
	}
	for mode, m := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			o, worlds, working := newOracle(t), 0, 0
			for i, a := range m.traits {
				for j, b := range m.traits[:i] {
					for _, first := range b.ways[min(1, j):] {
						for _, second := range a.ways {
							if worlds++; worlds%step != 0 {
								continue
							}
							if agree(t, o, m.values, fmt.Sprintf("%s %s, %s %s", b.name, first.name, a.name, second.name), m.works, first, second) {
								working++
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
func agree(t *testing.T, o *oracle, values, name string, works func(*testing.T, *oracle, *place) bool, ways ...way) bool {
	t.Helper()
	p := &place{world: newWorld(t), account: "ci", subject: "NAME:apiKey", spoil: func(s string) string { return s }}
	o.world = p.world
	for _, w := range ways {
		w.apply(p)
	}
	key := o.server.Token(strings.Replace(p.subject, "NAME", p.account, 1), tokenID, p.claims)
	p.secrets[here+"/ci-token"].Data["token"] = []byte(p.spoil(key))
	r, err := preflight.Run(t.Context(), p.world, options(t, values))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return false
	}
	var failed []string
	for _, result := range r.Results {
		if text := result.Seen + result.Advice; strings.Contains(text, "s3cr3t") || strings.Contains(text, "eyJ") {
			t.Errorf("%s: %s shows a credential", name, result.ID)
		}
		if result.Status == preflight.Failed {
			failed = append(failed, result.ID+": "+result.Seen)
		}
	}
	truth := works(t, o, p)
	if truth != (len(failed) == 0) {
		t.Errorf("%s: works is %t, failed is %q", name, truth, failed)
	}
	return truth
}

// tokenWorks asks Argo CD whether it takes the token.
func tokenWorks(t *testing.T, o *oracle, p *place) bool {
	t.Helper()
	text := string(p.secrets[here+"/ci-token"].Data["token"])
	u, err := o.client.Userinfo(t.Context(), auth.NewSecret(text))
	// The token of a session is taken too, and is no credential for a Runtime.
	return err == nil && u.LoggedIn && p.subject != "NAME:login"
}

// passwordWorks does what app-proxy does: it signs in, and makes an API key. Each time
// is long after the last, because Argo CD locks an account after a few failures.
func passwordWorks(t *testing.T, o *oracle, p *place) bool {
	t.Helper()
	o.clock = o.clock.Add(time.Hour)
	data := p.secrets[here+"/ci-password"].Data
	name := string(data["username"])
	session, err := o.client.SignIn(t.Context(), name, auth.NewSecret(string(data["password"])))
	if err != nil {
		return false
	}
	_, err = o.client.CreateToken(t.Context(), session, name, "made", 0)
	return err == nil
}
