package argocdtest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"time"
)

const issuer = "argocd"

// Token makes a token with the claims that Argo CD would write, and those given
// beside or instead of them; nil leaves a claim out. It is signed by this server, and
// entered in no list.
func (s *Server) Token(subject, id string, claims map[string]any) string {
	now := s.now().Unix()
	all := map[string]any{"iss": issuer, "sub": subject, "jti": id, "iat": now, "nbf": now}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return s.sign(all)
}

// APIKey makes an API key and enters it in the account's list, whether the account
// may have one or not; it expires after a time that is not zero. Errors: the Store's,
// and an account that is not there.
func (s *Server) APIKey(ctx context.Context, account, id string, expiresIn time.Duration) (string, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.newKey(ctx, account, id, expiresIn)
}

// newKey is APIKey for one who is writing.
func (s *Server) newKey(ctx context.Context, account, id string, expiresIn time.Duration) (string, error) {
	a, err := s.find(ctx, account)
	if err != nil {
		return "", err
	}
	t := listed{ID: id, IAT: s.now().Unix()}
	var more map[string]any
	if expiresIn > 0 {
		t.Exp = s.now().Add(expiresIn).Unix()
		more = map[string]any{"exp": t.Exp}
	}
	if err := s.save(ctx, a, append(a.tokens, t)); err != nil {
		return "", err
	}
	return s.Token(account+":"+capAPIKey, id, more), nil
}

// ProjectToken makes a token for a role of a project, as the project lists it.
func (s *Server) ProjectToken(project, role, id string) string {
	subject := "proj:" + project + ":" + role
	s.mu.Lock()
	s.projects[subject+" "+id] = true
	s.mu.Unlock()
	return s.Token(subject, id, nil)
}

// SSOToken makes a token as another issuer gives it to a user who signed in there.
// This Argo CD knows no such issuer.
func (s *Server) SSOToken(issuer, email string) string {
	return s.Token("CgVhZG1pbg", "", map[string]any{"iss": issuer, "jti": nil, "email": email, "exp": s.now().Add(sessionLength).Unix()})
}

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
