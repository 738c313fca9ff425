package argocdtest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const sessionLength = 24 * time.Hour

func (s *Server) load(ctx context.Context) (map[string]*account, error) {
	cm, secret, err := s.opts.Store.Config(ctx)
	if err != nil {
		return nil, err
	}
	return accounts(cm, secret)
}

// session signs in.
func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	var body struct{ Username, Password string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		s.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if body.Password == "" {
		s.refuse(w, http.StatusUnauthorized, "Blank passwords are not allowed")
		return
	}
	all, err := s.load(r.Context())
	if err != nil {
		s.refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	a := all[body.Username]
	switch {
	case a == nil || bcrypt.CompareHashAndPassword(a.hash, []byte(body.Password)) != nil:
		s.refuse(w, http.StatusUnauthorized, "Invalid username or password")
	case !a.enabled:
		s.refuse(w, http.StatusUnauthorized, fmt.Sprintf("Account %s is disabled", a.name))
	case !a.can("login"):
		s.refuse(w, http.StatusUnauthorized, fmt.Sprintf("User %s does not have 'login' capability", a.name))
	default:
		s.answer(w, map[string]string{"token": s.Token(a.name+":login", rand.Text(), map[string]any{"exp": s.now().Add(sessionLength).Unix()})})
	}
}

// user finds out who calls, in Argo CD's own order of refusals
// (util/session/sessionmanager.go, Parse).
func (s *Server) user(r *http.Request) (*account, error) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if c, err := r.Cookie("argocd.token"); token == "" && err == nil {
		token = c.Value
	}
	c, err := s.read(token)
	if err != nil {
		return nil, err
	}
	if c.Iss != issuer {
		return nil, errors.New("invalid session: failed to verify the token")
	}
	all, err := s.load(r.Context())
	if err != nil {
		return nil, fmt.Errorf("invalid session: %w", err)
	}
	name, capability, _ := strings.Cut(c.Sub, ":")
	if capability != "login" {
		capability = "apiKey"
	}
	a := all[name]
	if err := s.judge(a, name, capability, c); err != nil {
		return nil, fmt.Errorf("invalid session: %w", err)
	}
	return a, nil
}

func (s *Server) judge(a *account, name, capability string, c claims) error {
	s.mu.Lock()
	revoked := s.revoked[c.Jti]
	s.mu.Unlock()
	switch {
	case a == nil:
		return fmt.Errorf("account '%s' does not exist", name)
	case !a.enabled:
		return fmt.Errorf("account %s is disabled", name)
	case !a.can(capability):
		return fmt.Errorf("account %s does not have '%s' capability", name, capability)
	case c.Jti == "":
		return errors.New("token does not have a unique identifier (jti claim) and cannot be validated")
	case revoked:
		return errors.New("token is revoked, please re-login")
	case capability == "apiKey" && a.index(c.Jti) < 0:
		return fmt.Errorf("account %s does not have token with id %s", name, c.Jti)
	case time.Unix(c.Iat, 0).Before(a.changed):
		return errors.New("account password has changed since token issued")
	}
	return nil
}

// userinfo answers everybody with 200, whoever they are.
func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	a, err := s.user(r)
	if err != nil {
		s.answer(w, struct{}{})
		return
	}
	s.answer(w, map[string]any{"loggedIn": true, "username": a.name, "iss": issuer})
}

// account serves /api/v1/account/NAME and what is below it.
func (s *Server) account(w http.ResponseWriter, r *http.Request, segments []string) {
	for i, segment := range segments {
		unescaped, err := url.PathUnescape(segment)
		if err != nil {
			s.refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		segments[i] = unescaped
	}
	caller, err := s.user(r)
	if err != nil {
		s.refuse(w, http.StatusUnauthorized, err.Error())
		return
	}
	name := segments[0]
	if caller.name != name && caller.name != "admin" { // admin has the role of that name
		s.refuse(w, http.StatusForbidden, fmt.Sprintf("permission denied: accounts, get, %s, sub: %s", name, caller.name))
		return
	}
	all, err := s.load(r.Context())
	if err != nil {
		s.refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	a := all[name]
	switch {
	case a == nil:
		s.refuse(w, http.StatusNotFound, fmt.Sprintf("failed to get account %s: account '%s' does not exist", name, name))
	case len(segments) == 1 && r.Method == http.MethodGet:
		s.answer(w, shown(a))
	case len(segments) == 2 && segments[1] == "token" && r.Method == http.MethodPost:
		s.createToken(w, r, a)
	case len(segments) == 3 && segments[1] == "token" && r.Method == http.MethodDelete:
		s.deleteToken(w, r, a, segments[2])
	default:
		s.refuse(w, http.StatusNotFound, "Not Found")
	}
}

// shown is an account as the API has it: what is false or empty is left out.
func shown(a *account) map[string]any {
	m := map[string]any{"name": a.name}
	if a.enabled {
		m["enabled"] = true
	}
	if len(a.capabilities) > 0 {
		m["capabilities"] = a.capabilities
	}
	var tokens []map[string]any
	for _, t := range a.tokens {
		one := map[string]any{"id": t.ID, "issuedAt": fmt.Sprint(t.IAT)}
		if t.Exp != 0 {
			one["expiresAt"] = fmt.Sprint(t.Exp)
		}
		tokens = append(tokens, one)
	}
	if len(tokens) > 0 {
		m["tokens"] = tokens
	}
	return m
}

func (s *Server) createToken(w http.ResponseWriter, r *http.Request, a *account) {
	var body struct {
		ID        string
		ExpiresIn int64 // a number: the gateway refuses a text
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		s.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if body.ID == "" {
		body.ID = rand.Text()
	}
	const failed = "failed to update account with new token: "
	switch {
	case a.index(body.ID) >= 0:
		s.refuse(w, http.StatusInternalServerError, fmt.Sprintf(failed+"account already has token with id '%s'", body.ID))
		return
	case !a.can("apiKey"):
		s.refuse(w, http.StatusInternalServerError, fmt.Sprintf(failed+"account '%s' does not have apiKey capability", a.name))
		return
	}
	t := listed{ID: body.ID, IAT: s.now().Unix()}
	var more map[string]any
	if body.ExpiresIn > 0 {
		t.Exp = s.now().Add(time.Duration(body.ExpiresIn) * time.Second).Unix()
		more = map[string]any{"exp": t.Exp}
	}
	if s.save(w, r, a, append(a.tokens, t)) {
		s.answer(w, map[string]string{"token": s.Token(a.name+":apiKey", body.ID, more)})
	}
}

func (s *Server) deleteToken(w http.ResponseWriter, r *http.Request, a *account, id string) {
	i := a.index(id)
	if i < 0 {
		s.refuse(w, http.StatusNotFound, fmt.Sprintf("failed to delete account %s: token with id '%s' does not exist", a.name, id))
		return
	}
	if s.save(w, r, a, append(a.tokens[:i:i], a.tokens[i+1:]...)) {
		s.answer(w, struct{}{})
	}
}

// save writes the list of an account's API keys; false where that was refused.
func (s *Server) save(w http.ResponseWriter, r *http.Request, a *account, tokens []listed) bool {
	text, err := json.Marshal(tokens)
	if err == nil {
		err = s.opts.Store.SaveSecret(r.Context(), secretKey(a.name, "tokens"), text)
	}
	if err != nil {
		s.refuse(w, http.StatusInternalServerError, err.Error())
	}
	return err == nil
}

// logout revokes the token in the cookie, and redirects to the start page
// (server/logout/logout.go).
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("argocd.token")
	if err != nil {
		http.Error(w, "Failed to retrieve ArgoCD auth token", http.StatusBadRequest)
		return
	}
	if c, err := s.read(cookie.Value); err == nil && c.Jti != "" && c.Exp != 0 {
		s.mu.Lock()
		s.revoked[c.Jti] = true
		s.mu.Unlock()
	}
	http.Redirect(w, r, s.opts.RootPath+"/", http.StatusSeeOther)
}
