package argocdtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const issuer = "argocd"

// Token makes a token with the claims that Argo CD would write, and those given
// beside or instead of them; nil leaves a claim out. It is signed with server.secretkey
// of the Store, or by the server alone where there is none, and entered in no list.
func (s *Server) Token(subject, id string, claims map[string]any) string {
	now := s.opts.Now().Unix()
	all := jwt.MapClaims{"iss": issuer, "sub": subject, "jti": id, "iat": now, "nbf": now}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	key := s.spare
	if s.opts.Store != nil {
		if _, secret, err := s.opts.Store.Config(context.Background()); err == nil && secret[secretKeyName] != nil {
			key = secret[secretKeyName]
		}
	}
	return signed(all, key)
}

// Signed makes a token of any claims, with any algorithm and any key, which is
// jwt.UnsafeAllowNoneSignatureType for "none".
func Signed(alg jwt.SigningMethod, claims map[string]any, key any) string {
	text, err := jwt.NewWithClaims(alg, jwt.MapClaims(claims)).SignedString(key)
	if err != nil {
		panic("argocdtest: claims that are no JSON")
	}
	return text
}

func signed(claims jwt.Claims, key []byte) string {
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
	if err != nil {
		panic("argocdtest: claims that are no JSON")
	}
	return text
}

// sign makes the token of a key as Argo CD does (util/session/sessionmanager.go, Create).
func (c *call) sign(subject string, k Key) string { return c.kept.sign(subject, k) }

func (k kept) sign(subject string, key Key) string {
	date := func(unix int64) *jwt.NumericDate { return jwt.NewNumericDate(time.Unix(unix, 0)) }
	claims := jwt.RegisteredClaims{Issuer: issuer, Subject: subject, ID: key.ID, IssuedAt: date(key.IAT), NotBefore: date(key.IAT)}
	if key.Exp != 0 {
		claims.ExpiresAt = date(key.Exp)
	}
	return signed(claims, k.secret[secretKeyName])
}

// caller is who calls: nobody where there are no claims.
type caller struct {
	claims  jwt.MapClaims // sub is then the account's name
	renewed string        // the token that replaces a session near its end
}

// name is the account's name, or the project's role.
func (c caller) name() string {
	name, _ := c.claims["sub"].(string)
	return name
}

// authenticate finds out who calls (server/server.go, Authenticate and getClaims).
// Anonymous access makes everybody who is not known nobody.
func (c *call) authenticate() error {
	if c.opts.DisableAuth {
		return nil
	}
	err := refuse(unauthenticated, "no session information")
	if token := c.token(); token != "" {
		if c.caller, err = c.verify(c.kept, token); err != nil {
			err = refuse(unauthenticated, "invalid session: %v", err)
		}
	}
	if err == nil {
		return nil
	}
	c.caller = caller{}
	if why := c.kept.settings(); why != nil {
		return refuse(internal, "unable to load settings: %v", why)
	}
	if c.kept.cm["users.anonymous.enabled"] == "true" {
		return nil
	}
	return err
}

// token is that of the header, or of the cookie where what the header has is none at
// sight (server/server.go, getToken).
func (c *call) token() string {
	looksRight := func(token string) bool { return strings.Count(token, ".") >= 2 }
	if token, ok := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer "); ok && looksRight(token) {
		return token
	}
	if token, err := joinCookies(c.Cookies()); err == nil && looksRight(token) {
		return token
	}
	return ""
}

// number reads a claim (util/jwt/jwt.go, numField).
func number(claims jwt.MapClaims, key string) (int64, error) {
	switch value := claims[key].(type) {
	case nil:
		return 0, fmt.Errorf("token does not have %s claim", key)
	case float64:
		return int64(value), nil
	default:
		return 0, fmt.Errorf("%s '%v' is not a number", key, value)
	}
}

// parse reads a token and checks its signature and its times, with the library that
// Argo CD uses.
func (s *Server) parse(k kept, token string) (claims jwt.MapClaims, iat time.Time, err error) {
	if _, _, err = jwt.NewParser(jwt.WithoutClaimsValidation()).ParseUnverified(token, &claims); err != nil {
		return nil, iat, err
	}
	if claims["iss"] != issuer {
		return nil, iat, errors.New("SSO is not configured")
	}
	if err := k.settings(); err != nil {
		return nil, iat, err
	}
	claims = nil
	_, err = jwt.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		if _, ok := t.Method.(*jwt.SigningMethodHMAC); !ok {
			return nil, fmt.Errorf("unexpected signing method: %v", t.Header["alg"])
		}
		return k.secret[secretKeyName], nil
	}, jwt.WithTimeFunc(s.opts.Now))
	if err != nil {
		return nil, iat, err
	}
	unix, err := number(claims, "iat")
	return claims, time.Unix(unix, 0), err
}

// verify judges a token in Argo CD's own order (util/session/sessionmanager.go,
// VerifyToken and Parse).
func (s *Server) verify(k kept, token string) (caller, error) {
	claims, iat, err := s.parse(k, token)
	if err != nil {
		return caller{}, err
	}
	subject, _ := claims["sub"].(string)
	id, _ := claims["jti"].(string)
	if project := strings.Split(subject, ":"); len(project) == 3 && project[0] == "proj" {
		return caller{claims: claims}, k.inProject(project[1], project[2], id, iat)
	}
	name, rest, _ := strings.Cut(subject, ":")
	capability := capAPIKey
	if what, _, _ := strings.Cut(rest, ":"); what == capLogin {
		capability = capLogin
	}
	claims["sub"] = name
	all, err := k.accounts()
	if err != nil {
		return caller{}, err
	}
	a := all[name]
	switch {
	case a == nil:
		return caller{}, fmt.Errorf("rpc error: code = NotFound desc = %w", noAccount(name))
	case !a.Enabled:
		return caller{}, fmt.Errorf("account %s is disabled", name)
	case !a.can(capability):
		return caller{}, fmt.Errorf("account %s does not have '%s' capability", name, capability)
	case id == "":
		return caller{}, errors.New("token does not have a unique identifier (jti claim) and cannot be validated")
	case s.revoked[id]:
		return caller{}, errors.New("token is revoked, please re-login")
	case capability == capAPIKey && a.index(id) < 0:
		return caller{}, fmt.Errorf("account %s does not have token with id %s", name, id)
	case iat.Before(a.changed):
		return caller{}, errors.New("account password has changed since token issued")
	}
	return caller{claims: claims, renewed: s.renew(k, claims, iat, capability)}, nil
}

// inProject says whether an AppProject lists the token of a role: by its id, or by its
// time where it has none (pkg/apis/application/v1alpha1, GetJWTToken).
func (k kept) inProject(project, role, id string, iat time.Time) error {
	roles, ok := k.Projects[project]
	if !ok {
		return fmt.Errorf(`appproject.argoproj.io "%s" not found`, project)
	}
	if slices.ContainsFunc(roles[role].Tokens, func(t Key) bool {
		return id != "" && t.ID == id || id == "" && t.IAT == iat.Unix()
	}) {
		return nil
	}
	return fmt.Errorf("JWT token for role '%s' issued at '%d' does not exist in project '%s'", role, iat.Unix(), project)
}

// renew returns a new token for a session that ends soon, as long as the old one.
func (s *Server) renew(k kept, claims jwt.MapClaims, iat time.Time, capability string) string {
	exp, err := number(claims, "exp")
	now := s.opts.Now()
	if err != nil || capability != capLogin || time.Unix(exp, 0).Sub(now) >= renewBefore {
		return ""
	}
	length := exp - iat.Unix()
	return k.sign(claims["sub"].(string)+":"+capLogin, Key{ID: newID(), IAT: now.Unix(), Exp: now.Unix() + length})
}

// newID makes an id as Argo CD does, a random UUID.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
