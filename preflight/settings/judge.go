package settings

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// Reason says why Argo CD refuses a credential.
type Reason uint8

// The reasons, in the order in which Argo CD finds them; Unreadable comes with the settings, before
// BadSignature, and with the accounts, before NoAccount.
const (
	Malformed    Reason = iota + 1 // it is not a token
	Foreign                        // Argo CD has not issued it: only its single sign-on could tell
	Unreadable                     // a setting cannot be read, and every credential is refused
	BadSignature                   // it is damaged, or signed with another key
	Expired
	Early    // it is not valid yet
	Undated  // it does not say when it was issued
	Missing  // the account does not exist
	Disabled // the account is disabled
	Incapable
	Unlisted // no such API key: revoked, or of another Argo CD
	Outdated // it is older than the account's password
	NoPassword
	WrongPassword
	BadHash // the password is kept in a form that is not bcrypt
)

// Refusal is why Argo CD refuses a credential.
type Refusal struct {
	Reason Reason
	// Kind, Object and Key name what is Unreadable; Key is in the object's data.
	Kind, Object, Key string
	seen              string
}

// Error says what is wrong on one line; it quotes no credential.
func (r *Refusal) Error() string { return r.seen }

// OfAccount reports whether the reason is what argocd-cm says of the account.
func (r *Refusal) OfAccount() bool {
	return r.Reason == Missing || r.Reason == Disabled || r.Reason == Incapable
}

func refuse(reason Reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, seen: fmt.Sprintf(format, args...)}
}

func unreadable(kind, object, key, what string) *Refusal {
	r := refuse(Unreadable, "key %q of %s %q %s: Argo CD refuses every account because of it", key, kind, object, what)
	r.Kind, r.Object, r.Key = kind, object, key
	return r
}

// Judge returns why Argo CD would refuse a token, nil where it would accept it. It looks in Argo CD's
// own order. A token of a project is judged by its signature and times alone, because its list is in the
// project; with a zero now, the times are not looked at.
func (s Settings) Judge(text string, now time.Time) *Refusal {
	t, err := token.Parse(text)
	switch {
	case err != nil:
		return refuse(Malformed, "%v", err)
	case t.Kind == token.SSO:
		return refuse(Foreign, "the token was not issued by Argo CD itself")
	}
	if r := s.general(); r != nil {
		return r
	}
	switch {
	case !token.Verify(text, s.Secret[SigningKey]):
		return refuse(BadSignature, "the signature does not match key %q of Secret %q: the token is damaged, was made by another Argo CD, or that key was replaced", SigningKey, Secret)
	case !now.IsZero() && !t.Expires.IsZero() && !t.Expires.After(now):
		return refuse(Expired, "the token expired on %s", date(t.Expires))
	case !now.IsZero() && t.NotBefore.After(now):
		return refuse(Early, "the token is not valid before %s", date(t.NotBefore))
	case t.IssuedAt.IsZero():
		return refuse(Undated, "the token does not say when it was issued (claim iat), so Argo CD refuses it")
	case t.Kind == token.Project:
		return nil
	}
	if r := s.usable(t); r != nil {
		return r
	}
	return s.Listed(t)
}

// usable looks at the account of a token.
func (s Settings) usable(t token.Token) *Refusal {
	capability := apiKey
	if t.Kind == token.Session {
		capability = login
	}
	a, r := s.account(t.Account)
	switch {
	case r != nil:
		return r
	case a == nil:
		return refuse(Missing, "account %q does not exist", t.Account)
	case !a.enabled:
		return refuse(Disabled, "account %q is disabled", t.Account)
	case !slices.Contains(a.capabilities, capability):
		return refuse(Incapable, "account %q lacks the capability %q", t.Account, capability)
	}
	return nil
}

// Listed returns why Argo CD would refuse a token whose signature, times and account are fine.
func (s Settings) Listed(t token.Token) *Refusal {
	s.Config = nil // whether it holds the account is another question
	a, r := s.account(t.Account)
	switch {
	case r != nil:
		return r
	case t.ID == "" || t.Kind == token.APIKey && !slices.Contains(a.ids, t.ID):
		return refuse(Unlisted, "Argo CD has no token with the id %q for account %q: it was revoked, or is from another Argo CD", t.ID, t.Account)
	case t.IssuedAt.Before(a.changed):
		return refuse(Outdated, "the token is older than the password of account %q, which was changed on %s: Argo CD refuses it", t.Account, date(a.changed))
	}
	return nil
}

// Password returns why the password is not that of the account, nil where it is.
func (s Settings) Password(name, password string) *Refusal {
	if r := s.Fatal(); r != nil {
		return r
	}
	s.Config = nil
	a, r := s.account(name)
	if r != nil {
		return r
	}
	err := bcrypt.CompareHashAndPassword(a.hash, []byte(password))
	switch {
	case len(a.hash) == 0:
		return refuse(NoPassword, "account %q has no password in Secret %q, so nobody can sign in with one", name, Secret)
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return refuse(WrongPassword, "the password does not match that of account %q in Argo CD", name)
	case err != nil:
		return refuse(BadHash, "the password of account %q is kept in a form that is not bcrypt", name)
	}
	return nil
}

func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }
