package argocdtest

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// caller finds out who calls (server/server.go, getClaims). Sub of the claims is then
// the account's name, or what a project token has there.
func (s *Server) caller(r *http.Request) (claims, error) {
	token := tokenOf(r)
	if token == "" {
		return claims{}, refuse(codeUnauthenticated, "no session information")
	}
	c, err := s.verify(r.Context(), token)
	if err != nil {
		return claims{}, refuse(codeUnauthenticated, "invalid session: %v", err)
	}
	return c, nil
}

// tokenOf is the token of a request: the header goes before the cookie, and what has
// not three parts is none (server/server.go, getToken).
func tokenOf(r *http.Request) string {
	isToken := func(s string) bool { return len(strings.SplitN(s, ".", 3)) == 3 }
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && isToken(token) {
		return token
	}
	if c, err := r.Cookie(cookieName); err == nil && isToken(c.Value) {
		return c.Value
	}
	return ""
}

// claims are those that Argo CD reads of a token.
type claims struct {
	Iss string `json:"iss"`
	Sub string `json:"sub"`
	Jti string `json:"jti"`
	Iat *int64 `json:"iat"`
	Nbf *int64 `json:"nbf"`
	Exp *int64 `json:"exp"`
}

// verify judges a token in Argo CD's own order (util/session/sessionmanager.go,
// VerifyToken and Parse).
func (s *Server) verify(ctx context.Context, token string) (claims, error) {
	c, err := s.decode(token)
	if err != nil {
		return c, err
	}
	if project := strings.Split(c.Sub, ":"); len(project) == 3 && project[0] == "proj" {
		return c, s.judgeProject(c, project[1], project[2])
	}
	name, rest, _ := strings.Cut(c.Sub, ":")
	capability := capAPIKey
	if what, _, _ := strings.Cut(rest, ":"); what == capLogin {
		capability = capLogin
	}
	c.Sub = name
	all, err := s.accounts(ctx)
	if err != nil {
		return c, err
	}
	a := all[name]
	if a == nil {
		return c, noAccount(name)
	}
	return c, s.judge(a, capability, c)
}

func (s *Server) judge(a *account, capability string, c claims) error {
	switch {
	case !a.enabled:
		return fmt.Errorf("account %s is disabled", a.name)
	case !a.can(capability):
		return fmt.Errorf("account %s does not have '%s' capability", a.name, capability)
	case c.Jti == "":
		return errors.New("token does not have a unique identifier (jti claim) and cannot be validated")
	case s.isRevoked(c.Jti):
		return errors.New("token is revoked, please re-login")
	case capability == capAPIKey && a.index(c.Jti) < 0:
		return fmt.Errorf("account %s does not have token with id %s", a.name, c.Jti)
	case time.Unix(*c.Iat, 0).Before(a.changed):
		return errors.New("account password has changed since token issued")
	}
	return nil
}

func (s *Server) isRevoked(jti string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked[jti]
}

func (s *Server) judgeProject(c claims, project, role string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.projects[c.Sub+" "+c.Jti] {
		return fmt.Errorf("JWT token for role '%s' issued at '%d' does not exist in project '%s'", role, *c.Iat, project)
	}
	return nil
}

// decode reads a token and checks its signature and its times. The messages are those
// of github.com/golang-jwt/jwt/v5, which Argo CD uses.
func (s *Server) decode(token string) (c claims, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errors.New("token is malformed: token contains an invalid number of segments")
	}
	var header struct{ Alg string }
	if err := segment(parts[0], "header", &header); err != nil {
		return c, err
	}
	if err := segment(parts[1], "claim", &c); err != nil {
		return c, err
	}
	sum, err := base64.RawURLEncoding.DecodeString(parts[2])
	switch {
	case err != nil:
		return c, fmt.Errorf("token is malformed: could not base64 decode signature: %w", err)
	case c.Iss != issuer:
		return c, errors.New("SSO is not configured")
	case header.Alg != "HS256":
		return c, fmt.Errorf("token is unverifiable: error while executing keyfunc: unexpected signing method: %s", header.Alg)
	case !hmac.Equal(sum, s.mac(parts[0]+"."+parts[1])):
		return c, errors.New("token signature is invalid: signature is invalid")
	case c.Exp != nil && !s.now().Before(time.Unix(*c.Exp, 0)):
		return c, errors.New("token has invalid claims: token is expired")
	case c.Nbf != nil && s.now().Before(time.Unix(*c.Nbf, 0)):
		return c, errors.New("token has invalid claims: token is not valid yet")
	case c.Iat == nil:
		return c, errors.New("token does not have iat claim")
	}
	return c, nil
}

func segment(text, name string, into any) error {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("token is malformed: could not base64 decode %s: %w", name, err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("token is malformed: could not JSON decode %s: %w", name, err)
	}
	return nil
}
