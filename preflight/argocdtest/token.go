package argocdtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"time"
)

const issuer = "argocd"

// sign makes a JSON Web Token (RFC 7519) with HS256.
func (s *Server) sign(claims map[string]any) string {
	body, err := json.Marshal(claims)
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

// Token makes a token with the claims that Argo CD would write, and those given
// beside or instead of them; nil leaves a claim out. It is not entered in any list.
func (s *Server) Token(subject, id string, claims map[string]any) string {
	now := s.now().Unix()
	all := map[string]any{"iss": issuer, "sub": subject, "jti": id, "iat": now, "nbf": now}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return s.sign(all)
}

// claims are those that Argo CD reads of a token.
type claims struct {
	Iss string `json:"iss"`
	Sub string `json:"sub"`
	Jti string `json:"jti"`
	Iat int64  `json:"iat"`
	Exp int64  `json:"exp"`
}

// The messages are those of the JWT library that Argo CD uses.
var (
	errNone      = errors.New("no session information")
	errSignature = errors.New("invalid session: token signature is invalid: signature is invalid")
	errExpired   = errors.New("invalid session: token has invalid claims: token is expired")
	errMalformed = errors.New("invalid session: token is malformed: token contains an invalid number of segments")
)

// read verifies a token and returns its claims.
func (s *Server) read(token string) (claims, error) {
	if token == "" {
		return claims{}, errNone
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}, errMalformed
	}
	mac, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(mac, s.mac(parts[0]+"."+parts[1])) {
		return claims{}, errSignature
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return claims{}, errMalformed
	}
	var c claims
	if err := json.Unmarshal(body, &c); err != nil {
		return claims{}, errMalformed
	}
	if c.Exp != 0 && !s.now().Before(time.Unix(c.Exp, 0)) {
		return claims{}, errExpired
	}
	return c, nil
}
