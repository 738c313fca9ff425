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

// Session returns the token of a new session of an account, whether it may have one
// or not.
func (s *Server) Session(account string) string {
	return s.Token(account+":"+capLogin, rand.Text(), map[string]any{"exp": s.opts.Now().Add(sessionLength).Unix()})
}

// signIn opens a session (server/session/session.go, create, and
// util/session/sessionmanager.go, VerifyUsernamePassword).
func (s *Server) signIn(r *http.Request, _ []string) (any, error) {
	var body struct{ Username, Password string }
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	wrong := refuse(unauthenticated, "Invalid username or password")
	switch {
	case body.Username == "" || body.Password == "":
		return nil, refuse(unauthenticated, "no credentials supplied")
	case len(body.Username) > maxUsername:
		return nil, refuse(invalid, "Username is too long (%d bytes max)", maxUsername)
	case s.isLocked(body.Username):
		return nil, wrong
	}
	all, err := s.accounts(r.Context())
	if err != nil {
		return nil, err
	}
	a := all[body.Username]
	switch {
	case a == nil || bcrypt.CompareHashAndPassword(a.hash, []byte(body.Password)) != nil:
		s.failures[body.Username] = append(s.failures[body.Username], s.opts.Now())
		return nil, wrong
	case !a.Enabled:
		return nil, refuse(unauthenticated, "Account %s is disabled", a.Name)
	case !a.can(capLogin):
		return nil, refuse(unauthenticated, "Account %s does not have %s capability", a.Name, capLogin)
	}
	delete(s.failures, body.Username)
	return map[string]string{"token": s.Session(a.Name)}, nil
}

func (s *Server) isLocked(username string) bool {
	all := s.failures[username]
	if n := len(all); n > 0 && s.opts.Now().Sub(all[n-1]) > failureWindow {
		delete(s.failures, username)
		return false
	}
	return len(all) >= maxFailures
}

// userinfo answers everybody with 200, whoever they are.
func (s *Server) userinfo(r *http.Request, _ []string) (any, error) {
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
	if err != nil {
		http.Error(w, "Failed to retrieve ArgoCD auth token: failed to retrieve cookie "+cookieName, http.StatusBadRequest)
		return
	}
	if c, err := s.verify(r.Context(), cookie.Value); err == nil && c.Exp != nil {
		s.revoked[c.Jti] = true
	}
	// Argo CD does not know of its own TLS here: argocd-cm has no url.
	http.Redirect(w, r, strings.TrimRight("http://"+r.Host+s.opts.RootPath, "/"), http.StatusSeeOther)
}
