package argocdtest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

const password = "s3cr3t-password"

// clock is the time of the server; tests move it on.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// running is a stand-in with the accounts of the tests: ci may have keys and sign in,
// others lack what their name says, and each has the key "k1".
func running(t *testing.T) (*argocdtest.Server, *argocdtest.Memory, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	store := argocdtest.NewMemory()
	for name, capabilities := range map[string]string{
		"ci": "apiKey, login", "nokey": "login", "nologin": "apiKey", "off": "apiKey,login", "wrongcase": "apikey",
	} {
		store.SetAccount(name, capabilities)
		store.SetPassword(name, password, c.now.Add(-time.Hour))
	}
	store.SetPassword("admin", password, c.now.Add(-time.Hour))
	store.SetAccount("off.enabled", "false")
	for _, name := range []string{"ci", "nokey", "off", "wrongcase"} {
		store.Secret["accounts."+name+".tokens"] = fmt.Appendf(nil, `[{"id":"k1","iat":%d}]`, c.now.Unix())
	}
	s := argocdtest.NewServer(argocdtest.Options{Store: store, Now: c.read})
	t.Cleanup(s.Close)
	return s, store, c
}

// ask sends one request, and returns the status, and the answer on one line.
func ask(t *testing.T, s *argocdtest.Server, method, path, token, body string, headers ...string) (int, string, *http.Response) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(text)), response
}

// said is the answer with which the gateway refuses.
func said(code int, message string) string {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"error":%s,"code":%d,"message":%[1]s}`, text, code)
}

// TestRefusedTokens holds the order of Argo CD's refusals: every token here has the
// fault it is named for, and one that would be noticed later.
func TestRefusedTokens(t *testing.T) {
	s, _, c := running(t)
	other := argocdtest.NewServer(argocdtest.Options{Store: argocdtest.NewMemory(), Now: c.read})
	defer other.Close()
	unix := func(d time.Duration) int64 { return c.now.Add(d).Unix() }
	revoked := s.Session("ci")
	ask(t, s, "GET", "/auth/logout", "", "", "Cookie", "argocd.token="+revoked)
	cut := func(token string, from, to int) string {
		parts := strings.Split(token, ".")
		return strings.Join(parts[from:to], ".")
	}
	good := s.Token("ci:apiKey", "k1", nil)
	tests := []struct{ name, token, message string }{
		{"no token", "", "no session information"},
		{"not three parts", cut(good, 0, 2), "no session information"},
		{"four parts", good + ".e30", "invalid session: token is malformed: token contains an invalid number of segments"},
		{"no base64", "e30.!." + cut(good, 2, 3), "invalid session: token is malformed: could not base64 decode claim: illegal base64 data at input byte 0"},
		{"of another issuer", s.Token("CgVhZG1pbg", "", map[string]any{"iss": "https://sso.example.com"}), "invalid session: SSO is not configured"},
		{"without a signature", "eyJhbGciOiJub25lIn0." + cut(good, 1, 2) + ".", "invalid session: token is unverifiable: error while executing keyfunc: unexpected signing method: none"},
		{"signed by another", other.Token("nobody:apiKey", "x", map[string]any{"exp": unix(-time.Hour)}), "invalid session: token signature is invalid: signature is invalid"},
		{"expired", s.Token("nobody:apiKey", "x", map[string]any{"exp": unix(0)}), "invalid session: token has invalid claims: token is expired"},
		{"not yet valid", s.Token("nobody:apiKey", "x", map[string]any{"nbf": unix(time.Second)}), "invalid session: token has invalid claims: token is not valid yet"},
		{"without a time", s.Token("nobody:apiKey", "x", map[string]any{"iat": nil}), "invalid session: token does not have iat claim"},
		{"account missing", s.Token("nobody:apiKey", "x", nil), "invalid session: rpc error: code = NotFound desc = account 'nobody' does not exist"},
		{"account disabled", s.Token("off:apiKey", "x", nil), "invalid session: account off is disabled"},
		{"no capability", s.Token("nokey:apiKey", "", nil), "invalid session: account nokey does not have 'apiKey' capability"},
		{"no capability for a bare name", s.Token("nokey", "", nil), "invalid session: account nokey does not have 'apiKey' capability"},
		{"no capability in wrong case", s.Token("wrongcase:apiKey", "k1", nil), "invalid session: account wrongcase does not have 'apiKey' capability"},
		{"no capability to sign in", s.Token("nologin:login", "", nil), "invalid session: account nologin does not have 'login' capability"},
		{"no id", s.Token("ci:apiKey", "", map[string]any{"jti": nil}), "invalid session: token does not have a unique identifier (jti claim) and cannot be validated"},
		{"revoked", revoked, "invalid session: token is revoked, please re-login"},
		{"not in the list", s.Token("ci:apiKey", "e2e", map[string]any{"iat": 1}), "invalid session: account ci does not have token with id e2e"},
		{"older than the password", s.Token("ci:apiKey", "k1", map[string]any{"iat": unix(-2 * time.Hour)}), "invalid session: account password has changed since token issued"},
		{"session older than the password", s.Token("ci:login", "x", map[string]any{"iat": unix(-2 * time.Hour)}), "invalid session: account password has changed since token issued"},
		{"not in the project", s.Token("proj:default:ci", "x", nil), `invalid session: appproject.argoproj.io "default" not found`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if status, text, _ := ask(t, s, "GET", "/api/v1/account/ci", tt.token, ""); status != 401 || text != said(16, tt.message) {
				t.Errorf("account: %d %s", status, text)
			}
			// The same token is no error to userinfo.
			if status, text, _ := ask(t, s, "GET", "/api/v1/session/userinfo", tt.token, ""); status != 200 || text != "{}" {
				t.Errorf("userinfo: %d %s", status, text)
			}
		})
	}
}

func TestAcceptedTokens(t *testing.T) {
	s, _, c := running(t)
	iat := c.now.Unix()
	tests := []struct{ name, token, username string }{
		{"API key", s.Token("ci:apiKey", "k1", nil), "ci"},
		{"bare name", s.Token("ci", "k1", nil), "ci"},
		{"session", s.Session("ci"), "ci"},
		{"session of admin", s.Session("admin"), "admin"},
		{"as old as the password", s.Token("ci:apiKey", "k1", map[string]any{"iat": iat - 3600}), "ci"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := `{"loggedIn":true,"username":"` + tt.username + `","iss":"argocd"}`
			if status, text, _ := ask(t, s, "GET", "/api/v1/session/userinfo", tt.token, ""); status != 200 || text != want {
				t.Errorf("%d %s", status, text)
			}
		})
	}
}

// TestCalls holds what each call answers, beside what is wrong with a token.
func TestCalls(t *testing.T) {
	s, _, _ := running(t)
	ci, root := s.Token("ci:apiKey", "k1", nil), s.Session("admin")
	denied := "permission denied: accounts, %, nokey, sub: ci, iat: 2026-11-25T12:00:00Z"
	const account, session = "/api/v1/account/", "/api/v1/session"
	tests := []struct {
		method, path, token, body string
		status                    int
		want                      string
	}{
		{"GET", "/api/version", "", "", 200, `{"Version":"v3.5.1+stand-in"}`},
		{"POST", "/api/version", "", "", 405, "Method Not Allowed"},
		{"GET", "/api/v1/nothing", ci, "", 404, "Not Found"},
		{"GET", "/", "", "", 404, "404 page not found"}, // a page to browsers alone, see TestPage

		{"GET", account + "ci", ci, "", 200, `{"name":"ci","enabled":true,"capabilities":["apiKey","login"],"tokens":[{"id":"k1","issuedAt":1795608000}]}`},
		{"GET", account + "off", root, "", 200, `{"name":"off","capabilities":["apiKey","login"],"tokens":[{"id":"k1","issuedAt":1795608000}]}`},
		{"GET", account + "wrongcase", root, "", 200, `{"name":"wrongcase","enabled":true,"tokens":[{"id":"k1","issuedAt":1795608000}]}`},
		{"GET", account + "admin", root, "", 200, `{"name":"admin","enabled":true,"capabilities":["login"]}`},
		{"GET", account + "nokey", ci, "", 403, said(7, strings.Replace(denied, "%", "get", 1))},
		{"GET", account + "nobody", ci, "", 403, said(7, "permission denied: accounts, get, nobody, sub: ci, iat: 2026-11-25T12:00:00Z")},
		{"GET", account + "nobody", root, "", 404, said(5, "account 'nobody' does not exist")},
		{"GET", account + "c%69", ci, "", 200, `{"name":"ci","enabled":true,"capabilities":["apiKey","login"],"tokens":[{"id":"k1","issuedAt":1795608000}]}`},
		{"GET", account + "c%2Fi", ci, "", 404, "Not Found"}, // split after it is unescaped
		{"GET", account + "ci:x", ci, "", 404, "Not Found"},

		{"POST", account + "ci/token", ci, `{"id":"k1"}`, 500, said(2, "failed to update account with new token: account already has token with id 'k1'")},
		{"POST", account + "nokey/token", root, `{"id":"n"}`, 500, said(2, "failed to update account with new token: account 'nokey' does not have apiKey capability")},
		{"POST", account + "nobody/token", root, `{"id":"n"}`, 404, said(5, "account 'nobody' does not exist")},
		{"POST", account + "nokey/token", ci, `{"id":"n"}`, 403, said(7, strings.Replace(denied, "%", "update", 1))},
		{"POST", account + "ci/token", ci, `{"id":"n","expiresIn":"60"}`, 400, said(3, "json: cannot unmarshal string into Go struct field CreateTokenRequest.expiresIn of type int64")},
		{"POST", account + "ci/token", ci, `{"id":`, 400, said(3, "unexpected EOF")},
		{"PUT", account + "ci/token", ci, `{}`, 405, "Method Not Allowed"},
		{"DELETE", account + "ci/token/none", ci, "", 404, said(5, "token with id 'none' does not exist")},
		{"DELETE", account + "nobody/token/none", root, "", 404, said(5, "account 'nobody' does not exist")},
		{"DELETE", account + "nokey/token/k1", ci, "", 403, said(7, strings.Replace(denied, "%", "update", 1))},
		{"DELETE", account + "ci/token/k1:2", ci, "", 404, "Not Found"},

		{"POST", session, "", `{"username":"ci","password":"s3cr3t-no"}`, 401, said(16, "Invalid username or password")},
		{"POST", session, "", `{"username":"nobody","password":"s3cr3t-no"}`, 401, said(16, "Invalid username or password")},
		{"POST", session, "", `{"username":"off","password":"` + password + `"}`, 401, said(16, "Account off is disabled")},
		{"POST", session, "", `{"username":"nologin","password":"` + password + `"}`, 401, said(16, "Account nologin does not have login capability")},
		{"POST", session, "", `{"username":"ci","password":""}`, 401, said(16, "no credentials supplied")},
		{"POST", session, "", "", 401, said(16, "no credentials supplied")},
		{"POST", session, "", `{"username":"` + strings.Repeat("x", 33) + `","password":"x"}`, 400, said(3, "Username is too long (32 bytes max)")},
	}
	for _, tt := range tests {
		status, text, response := ask(t, s, tt.method, tt.path, tt.token, tt.body)
		if status != tt.status || text != tt.want {
			t.Errorf("%s %s %s: %d %s\nwant %d %s", tt.method, tt.path, tt.body, status, text, tt.status, tt.want)
		}
		if strings.HasPrefix(text, "{") && response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: Content-Type %q", tt.method, tt.path, response.Header.Get("Content-Type"))
		}
	}
}

// TestPage: browsers get the page of the web interface for every path.
func TestPage(t *testing.T) {
	s, _, _ := running(t)
	if status, text, _ := ask(t, s, "GET", "/wrong/api/version", "", "", "Accept", "text/html,*/*"); status != 200 || !strings.Contains(text, "Argo CD") {
		t.Errorf("%d %s", status, text)
	}
}

// TestContentType is for every method but GET, and for the header as a whole.
func TestContentType(t *testing.T) {
	s, _, _ := running(t)
	token := s.Token("ci:apiKey", "k1", nil)
	for contentType, want := range map[string]int{
		"application/json": 200, "Application/JSON": 200, "application/json; charset=utf-8": 415, "text/plain": 415, "": 415,
	} {
		status, text, _ := ask(t, s, "POST", "/api/v1/account/ci/token", token, "", "Content-Type", contentType)
		if status != want || want == 415 && text != "Invalid content type" {
			t.Errorf("%q: %d %s", contentType, status, text)
		}
	}
}

// TestEnabledIsABool: one wrong value is everybody's trouble, but admin.enabled is not.
func TestEnabledIsABool(t *testing.T) {
	s, store, _ := running(t)
	token := s.Token("ci:apiKey", "k1", nil)
	store.CM["admin.enabled"] = "yes"
	if status, text, _ := ask(t, s, "GET", "/api/v1/account/ci", token, ""); status != 200 {
		t.Errorf("admin.enabled: %d %s", status, text)
	}
	store.SetAccount("somebody.enabled", "yes")
	const message = `strconv.ParseBool: parsing "yes": invalid syntax`
	if status, text, _ := ask(t, s, "GET", "/api/v1/account/ci", token, ""); status != 401 || text != said(16, "invalid session: "+message) {
		t.Errorf("account: %d %s", status, text)
	}
	if status, text, _ := ask(t, s, "POST", "/api/v1/session", "", `{"username":"admin","password":"`+password+`"}`); status != 500 || text != said(2, message) {
		t.Errorf("session: %d %s", status, text)
	}
}
