package argocdtest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

const issuer = "argocd"

// Token makes a token with the claims that Argo CD would write, and those given
// beside or instead of them; nil leaves a claim out. It is signed by this server
// (RFC 7519, HS256), and entered in no list.
func (s *Server) Token(subject, id string, claims map[string]any) string {
	now := s.opts.Now().Unix()
	all := map[string]any{"iss": issuer, "sub": subject, "jti": id, "iat": now, "nbf": now}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	body, err := json.Marshal(all)
	if err != nil {
		panic("argocdtest: claims that are no JSON")
	}
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(body)
	return text + "." + encode(s.mac(text))
}

func (s *Server) mac(text string) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// claims are those that Argo CD reads of a token.
type claims struct {
	Iss string `json:"iss"`
	Sub string `json:"sub"`
	Jti string `json:"jti"`
	Iat *int64 `json:"iat"`
	Nbf *int64 `json:"nbf"`
	Exp *int64 `json:"exp"`
}

// caller finds out who calls (server/server.go, getClaims and getToken). Sub of the
// claims is then the account's name.
func (s *Server) caller(r *http.Request) (claims, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || strings.Count(token, ".") < 2 {
		return claims{}, refuse(unauthenticated, "no session information")
	}
	c, err := s.verify(r.Context(), token)
	if err != nil {
		return claims{}, refuse(unauthenticated, "invalid session: %v", err)
	}
	return c, nil
}

// verify judges a token in Argo CD's own order (util/session/sessionmanager.go,
// VerifyToken and Parse).
func (s *Server) verify(ctx context.Context, token string) (claims, error) {
	c, err := s.decode(token)
	if err != nil {
		return c, err
	}
	if project := strings.Split(c.Sub, ":"); len(project) == 3 && project[0] == "proj" {
		return c, fmt.Errorf("JWT token for role '%s' issued at '%d' does not exist in project '%s'", project[2], *c.Iat, project[1])
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
	switch {
	case a == nil:
		return c, fmt.Errorf("rpc error: code = NotFound desc = %w", noAccount(name))
	case !a.Enabled:
		return c, fmt.Errorf("account %s is disabled", name)
	case !a.can(capability):
		return c, fmt.Errorf("account %s does not have '%s' capability", name, capability)
	case c.Jti == "":
		return c, errors.New("token does not have a unique identifier (jti claim) and cannot be validated")
	case s.revoked[c.Jti]:
		return c, errors.New("token is revoked, please re-login")
	case capability == capAPIKey && !a.has(c.Jti):
		return c, fmt.Errorf("account %s does not have token with id %s", name, c.Jti)
	case time.Unix(*c.Iat, 0).Before(a.changed):
		return c, errors.New("account password has changed since token issued")
	}
	return c, nil
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
	now := s.opts.Now()
	switch {
	case err != nil:
		return c, fmt.Errorf("token is malformed: could not base64 decode signature: %w", err)
	case c.Iss != issuer:
		return c, errors.New("SSO is not configured")
	case header.Alg != "HS256":
		return c, fmt.Errorf("token is unverifiable: error while executing keyfunc: unexpected signing method: %s", header.Alg)
	case !hmac.Equal(sum, s.mac(parts[0]+"."+parts[1])):
		return c, errors.New("token signature is invalid: signature is invalid")
	case c.Exp != nil && !now.Before(time.Unix(*c.Exp, 0)):
		return c, errors.New("token has invalid claims: token is expired")
	case c.Nbf != nil && now.Before(time.Unix(*c.Nbf, 0)):
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
