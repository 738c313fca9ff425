package argocdtest

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const (
	cookieName    = "argocd.token"
	sessionLength = 24 * time.Hour
	// The limits on signing in, as they are where no environment variable says
	// otherwise (util/session/sessionmanager.go).
	maxFailures   = 5
	failureWindow = 300 * time.Second
	maxUsername   = 32 // bytes
)

// session is the answer to signing in and out.
type session struct {
	Token string `json:"token,omitempty"`
}

// failure is when somebody gave a wrong password.
type failure time.Time

// signIn opens a session (server/session/session.go, create, and
// util/session/sessionmanager.go, VerifyUsernamePassword).
func (s *Server) signIn(r *http.Request) (any, error) {
	var body struct{ Username, Password, Token string }
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	switch {
	case body.Token != "":
		return nil, refuse(codeUnauthenticated, "token-based session creation no longer supported. please upgrade argocd cli to v0.7+")
	case body.Username == "" || body.Password == "":
		return nil, refuse(codeUnauthenticated, "no credentials supplied")
	case len(body.Username) > maxUsername:
		return nil, refuse(codeInvalid, "Username is too long (%d bytes max)", maxUsername)
	case s.isLocked(body.Username):
		return nil, invalidLogin()
	}
	all, err := s.accounts(r.Context())
	if err != nil {
		return nil, err
	}
	a := all[body.Username]
	switch {
	case a == nil || bcrypt.CompareHashAndPassword(a.hash, []byte(body.Password)) != nil:
		s.countFailure(body.Username)
		return nil, invalidLogin()
	case !a.enabled:
		return nil, refuse(codeUnauthenticated, "Account %s is disabled", a.name)
	case !a.can(capLogin):
		return nil, refuse(codeUnauthenticated, "Account %s does not have %s capability", a.name, capLogin)
	}
	s.mu.Lock()
	delete(s.failures, body.Username)
	s.mu.Unlock()
	return session{Token: s.Session(a.name)}, nil
}

func invalidLogin() error { return refuse(codeUnauthenticated, "Invalid username or password") }

func (s *Server) countFailure(username string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[username] = append(s.failures[username], failure(s.now()))
}

func (s *Server) isLocked(username string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.failures[username]
	if n := len(all); n > 0 && s.now().Sub(time.Time(all[n-1])) > failureWindow {
		delete(s.failures, username)
		return false
	}
	return len(all) >= maxFailures
}

// dropCookie clears the browser's cookie; the token of the session stays good.
func (s *Server) dropCookie(*http.Request) (any, error) { return session{}, nil }

func (s *Server) setCookie(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: token, Path: s.opts.RootPath + "/", SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: s.opts.TLS})
}

// userinfo answers everybody with 200, whoever they are.
func (s *Server) userinfo(r *http.Request) (any, error) {
	c, err := s.caller(r)
	if err != nil {
		return struct{}{}, nil
	}
	return map[string]any{"loggedIn": true, "username": c.Sub, "iss": c.Iss}, nil
}

// logout revokes the token in the cookie and redirects to the start page, also where
// there was nothing to revoke (server/logout/logout.go). A token without an expiry
// stays good.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(cookieName)
	switch {
	case err != nil:
		http.Error(w, "Failed to retrieve ArgoCD auth token: failed to retrieve cookie "+cookieName, http.StatusBadRequest)
		return
	case cookie.Value == "":
		http.Error(w, "Failed to retrieve ArgoCD auth token", http.StatusBadRequest)
		return
	}
	if c, err := s.verify(r.Context(), cookie.Value); err == nil && c.Jti != "" && c.Exp != nil && s.opts.Fault != Keep {
		s.Revoke(c.Jti)
	}
	s.setCookie(w, "")
	// Argo CD does not know of its own TLS here: argocd-cm has no url.
	http.Redirect(w, r, strings.TrimRight("http://"+r.Host+s.opts.RootPath, "/"), http.StatusSeeOther)
}

// Revoke makes a token worthless by its jti, as signing out does.
func (s *Server) Revoke(jti string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[jti] = true
}

// Session returns the token of a new session of an account, whether it may have one
// or not.
func (s *Server) Session(account string) string {
	return s.Token(account+":"+capLogin, rand.Text(), map[string]any{"exp": s.now().Add(sessionLength).Unix()})
}
