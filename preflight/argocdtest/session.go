package argocdtest

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const (
	cookieName    = "argocd.token"
	sessionLength = 24 * time.Hour
	// renewBefore is how long before its end a session is renewed.
	renewBefore = 5 * time.Minute
	// The limits on signing in, as they are where no environment variable says
	// otherwise (util/session/sessionmanager.go).
	maxFailures   = 5
	failureWindow = 300 * time.Second
	maxUsername   = 32 // bytes
)

// Session returns the token of a new session of an account, whether it may have one
// or not.
func (s *Server) Session(account string) string {
	return s.Token(account+":"+capLogin, newID(), map[string]any{"exp": s.opts.Now().Add(sessionLength).Unix()})
}

// signedIn is the answer to who signs in; the cookie of a browser is set to it too.
type signedIn struct {
	Token string `json:"token"`
}

// SessionCreateRequest is the body of a sign-in.
type SessionCreateRequest struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Token    string `json:"token"`
}

// signIn opens a session (server/session/session.go, Create, and
// util/session/sessionmanager.go, VerifyUsernamePassword).
func (c *call) signIn() (any, error) {
	var body SessionCreateRequest
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	switch {
	case body.Token != "":
		return nil, refuse(unauthenticated, "token-based session creation no longer supported. please upgrade argocd cli to v0.7+")
	case body.Username == "" || body.Password == "":
		return nil, refuse(unauthenticated, "no credentials supplied")
	case len(body.Username) > maxUsername:
		return nil, refuse(invalid, "Username is too long (%d bytes max)", maxUsername)
	}
	a, err := c.verifyPassword(body.Username, body.Password)
	if err == nil {
		err = c.kept.settings()
	}
	if err != nil {
		return nil, err
	}
	now := c.opts.Now()
	return signedIn{c.sign(a.Name+":"+capLogin, Key{ID: newID(), IAT: now.Unix(), Exp: now.Add(sessionLength).Unix()})}, nil
}

func (c *call) verifyPassword(username, password string) (*account, error) {
	wrong := refuse(unauthenticated, "Invalid username or password")
	if c.isLocked(username) {
		return nil, wrong
	}
	all, err := c.kept.accounts()
	if err != nil {
		return nil, err
	}
	a := all[username]
	switch {
	case a == nil || bcrypt.CompareHashAndPassword(a.hash, []byte(password)) != nil:
		c.failures[username] = append(c.failures[username], c.opts.Now())
		return nil, wrong
	case !a.Enabled:
		return nil, refuse(unauthenticated, "Account %s is disabled", a.Name)
	case !a.can(capLogin):
		return nil, refuse(unauthenticated, "Account %s does not have %s capability", a.Name, capLogin)
	}
	delete(c.failures, username)
	return a, nil
}

func (s *Server) isLocked(username string) bool {
	all := s.failures[username]
	if n := len(all); n > 0 && s.opts.Now().Sub(all[n-1]) > failureWindow {
		delete(s.failures, username)
		return false
	}
	return len(all) >= maxFailures
}

// signOut ends nothing.
func (c *call) signOut() (any, error) { return struct{}{}, nil }

// userinfo answers everybody with 200, whoever they are.
func (c *call) userinfo() (any, error) {
	if strings.ContainsRune(c.Header.Get("Authorization"), '\t') { // gRPC's rule for metadata
		return nil, refuse(internal, `header key "authorization" contains value with non-printable ASCII characters`)
	}
	if err := c.authenticate(); err != nil || c.caller.claims == nil {
		return struct{}{}, nil
	}
	return struct {
		LoggedIn bool   `json:"loggedIn"`
		Username string `json:"username"`
		Iss      any    `json:"iss"`
	}{true, c.caller.name(), c.caller.claims["iss"]}, nil
}

// joinCookies puts the token together, which may be split over several cookies
// ("2:…", and then argocd.token-1). None is no error where the cookie is empty.
func joinCookies(all []*http.Cookie) (string, error) {
	values := map[string]string{}
	for _, c := range all {
		values[c.Name] = c.Value
	}
	token, ok := values[cookieName]
	if !ok {
		return "", errors.New("failed to retrieve cookie " + cookieName)
	}
	count, rest, split := strings.Cut(token, ":")
	if !split {
		return token, nil
	}
	n, err := strconv.Atoi(count)
	for i := 1; i < n; i++ {
		rest += values[fmt.Sprintf("%s-%d", cookieName, i)]
	}
	return rest, err
}

// setCookie sets the cookie, or removes it where the token is "".
func (s *Server) setCookie(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: token, Path: "/" + strings.Trim(s.opts.RootPath, "/"), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.opts.TLS})
}

// logout revokes the token in the cookie and redirects to the start page, also where
// there was nothing to revoke (server/logout/logout.go). A token without an expiry
// stays good.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	k, err := s.load(r.Context())
	k.err = err
	if err := k.settings(); err != nil {
		http.Error(w, "Failed to retrieve argoCD settings: "+err.Error(), http.StatusInternalServerError)
		return
	}
	token, err := joinCookies(r.Cookies())
	switch {
	case err != nil:
		http.Error(w, "Failed to retrieve ArgoCD auth token: "+err.Error(), http.StatusBadRequest)
		return
	case token == "":
		http.Error(w, "Failed to retrieve ArgoCD auth token", http.StatusBadRequest)
		return
	}
	s.setCookie(w, "")
	if who, err := s.verify(k, token); err == nil {
		if exp, err := number(who.claims, "exp"); err == nil && exp != 0 {
			id, _ := who.claims["jti"].(string)
			s.revoked[id] = true
		}
	}
	// Where argocd-cm has no url, Argo CD does not know of its own TLS here.
	start := k.cm["url"]
	if start == "" {
		start = "http://" + r.Host + "/" + strings.Trim(s.opts.RootPath, "/")
	}
	http.Redirect(w, r, strings.TrimRight(start, "/"), http.StatusSeeOther)
}
