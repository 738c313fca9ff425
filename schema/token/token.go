// Package token reads the tokens that Argo CD issues. Parse decodes them and cannot
// verify them: that takes the key which Argo CD keeps in Secret argocd-secret, and
// Verify. No error and no formatting of a result quotes the token.
package token

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"math"
	"strings"
	"time"
)

// hashFor returns the hash of an algorithm with which Argo CD accepts a signature, nil for
// every other. It signs with HS256 itself (util/session/sessionmanager.go; recorded on 3.5.1).
func hashFor(algorithm string) func() hash.Hash {
	switch algorithm {
	case "HS256":
		return sha256.New
	case "HS384":
		return sha512.New384
	case "HS512":
		return sha512.New
	}
	return nil
}

// Verify reports whether a token was signed with the key, which is server.secretkey of
// Argo CD's Secret argocd-secret. It reports false for what is not a token.
func Verify(s string, key []byte) bool {
	parts := strings.Split(s, ".")
	var h header
	if len(parts) != 3 || !decode(parts[0], &h) || hashFor(h.Algorithm) == nil {
		return false
	}
	mac := hmac.New(hashFor(h.Algorithm), key)
	mac.Write([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	return err == nil && hmac.Equal(signature, mac.Sum(nil))
}

// Kind says what a token was issued for.
type Kind uint8

// The kinds of tokens that reach an Argo CD server (Argo CD 3.6
// util/session/sessionmanager.go and util/rbac). The zero Kind is invalid.
const (
	APIKey  Kind = iota + 1 // a key of an account: `argocd account generate-token`
	Session                 // from signing in with a password
	Project                 // of a role in a project
	SSO                     // issued by somebody else than Argo CD
)

// Token is what can be read from a token without its key.
type Token struct {
	Kind     Kind
	Account  string // of an API key or a session
	ID       string // claim jti
	IssuedAt time.Time
	Expires  time.Time // zero: never
	// NotBefore is the time from which on it is accepted; zero: at once.
	NotBefore time.Time
}

// MalformedError says why a text is no token. Reason completes "the token …" and
// quotes nothing of it.
type MalformedError struct{ Reason string }

// Error returns the reason.
func (e *MalformedError) Error() string { return "the token " + e.Reason }

// issuer is the claim iss of every token that Argo CD issues itself.
const issuer = "argocd"

// header is the first part of a token.
type header struct {
	Algorithm string `json:"alg"`
}

// claims are those that tell tokens apart. Times are seconds since 1970.
type claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	ID        string   `json:"jti"`
	IssuedAt  *float64 `json:"iat"`
	Expires   *float64 `json:"exp"`
	NotBefore *float64 `json:"nbf"`
}

// Parse reads a token: a JSON Web Token in its compact form, three parts with dots
// between them. The error is a *MalformedError; where nothing but the signature is wrong,
// it comes with what the claims say.
func Parse(s string) (Token, error) {
	parts := strings.Split(s, ".")
	switch {
	case len(parts) == 2 || len(parts) == 3 && parts[2] == "":
		return Token{}, &MalformedError{"is cut off: its last part, the signature, is missing"}
	case len(parts) != 3:
		return Token{}, &MalformedError{"is no JSON Web Token: it must have three parts with dots between them"}
	}
	var h header
	if !decode(parts[0], &h) || h.Algorithm == "" {
		return Token{}, &MalformedError{"is no JSON Web Token: its first part is no header"}
	}
	var c claims
	if !decode(parts[1], &c) {
		return Token{}, &MalformedError{"is damaged: its second part holds no claims"}
	}
	if _, err := base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return Token{}, &MalformedError{"is damaged: its last part is no signature"}
	}
	t, err := c.token()
	if err == nil && c.Issuer == issuer {
		err = whole(h.Algorithm, parts[2])
	}
	return t, err
}

// whole looks at the length of the signature of a token that says it is Argo CD's: a hash has one
// length, so that a token which was cut, or pasted together with something else, is found without a key.
func whole(algorithm, signature string) error {
	hash := hashFor(algorithm)
	if hash == nil {
		return &MalformedError{"is not signed as Argo CD signs its tokens (HS256)"}
	}
	switch has, want := len(signature), base64.RawURLEncoding.EncodedLen(hash().Size()); {
	case has < want:
		return &MalformedError{fmt.Sprintf("is cut off: its last part, the signature, has %d of %d characters", has, want)}
	case has > want:
		return &MalformedError{fmt.Sprintf("is followed by something else: its last part, the signature, has %d characters instead of %d", has, want)}
	}
	return nil
}

// token tells the kinds apart by issuer and subject: NAME:login, NAME:apiKey or,
// from before Argo CD 1.5 had the suffix, a bare NAME, and proj:PROJECT:ROLE.
func (c claims) token() (Token, error) {
	t := Token{ID: c.ID, IssuedAt: instant(c.IssuedAt), Expires: instant(c.Expires), NotBefore: instant(c.NotBefore)}
	if c.Issuer != issuer {
		t.Kind = SSO
		return t, nil
	}
	name, capability, _ := strings.Cut(c.Subject, ":")
	switch {
	case name == "":
		return Token{}, &MalformedError{"names no account"}
	case name == "proj" && strings.Count(c.Subject, ":") == 2:
		t.Kind = Project
	case capability == "login":
		t.Kind, t.Account = Session, name
	default:
		t.Kind, t.Account = APIKey, name
	}
	if t.Kind == APIKey && t.ID == "" {
		return Token{}, &MalformedError{"has no ID (the claim jti), by which Argo CD looks for it"}
	}
	return t, nil
}

// decode reads one base64url part that holds a JSON object.
func decode(part string, into any) bool {
	data, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) && json.Unmarshal(data, into) == nil
}

// maxSeconds keeps times inside what a calendar can print: the year 9999.
const maxSeconds = 253402300799

func instant(seconds *float64) time.Time {
	if seconds == nil || math.IsNaN(*seconds) {
		return time.Time{}
	}
	return time.Unix(int64(math.Trunc(min(max(*seconds, 1), maxSeconds))), 0).UTC()
}

// IsEncodedAgain reports whether s is a token in base64 once more, which happens
// where the data of a Secret is pasted instead of what it stands for.
func IsEncodedAgain(s string) bool {
	s = strings.TrimRight(s, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		data, err := encoding.DecodeString(s)
		if err != nil {
			continue
		}
		inner := strings.TrimSpace(string(data))
		if _, err := Parse(inner); err == nil || IsShaped(inner) {
			return true
		}
	}
	return false
}

// IsShaped reports whether s looks like a JSON Web Token from afar: it begins as
// every JSON object does in base64 and has dots.
func IsShaped(s string) bool { return strings.HasPrefix(s, "eyJ") && strings.Contains(s, ".") }
