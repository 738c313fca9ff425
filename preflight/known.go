//go:build cluster

package preflight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/bcrypt"
	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// memory is what Argo CD keeps about one account in argocd-secret (Argo CD 3.6
// util/settings/accounts.go): the API keys it has issued, when the password was last
// changed, and a bcrypt hash of it.
type memory struct {
	ids      []string
	changed  time.Time // zero where it was never changed
	password []byte
}

// recall reads what Argo CD knows of an account. others are the names of all: Argo CD
// reads each of them, and where it can not it refuses every one. That is the error. It does not mind an unreadable list of tokens of any account but
// admin, where it goes on with what it could read, nor an unreadable time of admin's.
func recall(s *corev1.Secret, account string, others []string) (memory, error) {
	if _, err := tokenIDs(s, auth.DefaultUsername); err != nil {
		return memory{}, err
	}
	for _, name := range append(slices.Clone(others), account) {
		if _, err := changedAt(s, name); err != nil && name != auth.DefaultUsername {
			return memory{}, err
		}
	}
	m := memory{password: s.Data[settingOf(account, "password")]}
	m.ids, _ = tokenIDs(s, account)
	m.changed, _ = changedAt(s, account)
	return m, nil
}

// settingOf is the key in argocd-secret of something about an account.
func settingOf(account, what string) string {
	if account == auth.DefaultUsername {
		return account + "." + what
	}
	return "accounts." + account + "." + what
}

// unreadable is the error for a key of argocd-secret.
func unreadable(key, what string) error {
	return fmt.Errorf("key %q of Secret %q is no %s, and Argo CD refuses every account for it", key, ArgoCDSecret, what)
}

// tokenIDs are the API keys of an account, with an error as many as could be read.
func tokenIDs(s *corev1.Secret, account string) (ids []string, err error) {
	key := settingOf(account, "tokens")
	var tokens []struct {
		ID string `json:"id"`
	}
	if text := s.Data[key]; len(text) > 0 && json.Unmarshal(text, &tokens) != nil {
		err = unreadable(key, "list of tokens")
	}
	for _, t := range tokens {
		ids = append(ids, t.ID)
	}
	return ids, err
}

// changedAt is when the password of an account was changed, zero where it never was.
func changedAt(s *corev1.Secret, account string) (time.Time, error) {
	key := settingOf(account, "passwordMtime")
	text, ok := s.Data[key]
	if !ok {
		return time.Time{}, nil
	}
	changed, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return time.Time{}, unreadable(key, "time")
	}
	return changed, nil
}

// refusal says why Argo CD would refuse an API key, "" where it would not. It looks
// in Argo CD's own order (util/session/sessionmanager.go).
func (m memory) refusal(t token.Token) string {
	switch {
	case !slices.Contains(m.ids, t.ID):
		return fmt.Sprintf("Argo CD has no token with the id %q for account %q: it was revoked, or is from another Argo CD", t.ID, t.Account)
	case t.IssuedAt.IsZero():
		return "the token does not say when it was issued (the claim iat): Argo CD refuses it"
	case t.IssuedAt.Before(m.changed):
		return fmt.Sprintf("the token is older than the password of account %q, which was changed on %s: Argo CD refuses it",
			t.Account, m.changed.UTC().Format(time.RFC3339))
	}
	return ""
}

// argoCDSecret reads Argo CD's own Secret.
func (r *run) argoCDSecret(ctx context.Context) (*corev1.Secret, error) {
	s, err := r.secret(ctx, ArgoCDSecret)
	if err == nil && s == nil {
		err = r.noArgoCD("Secret", ArgoCDSecret, "tokens")
	}
	return s, err
}

// known asks that Secret whether Argo CD would still accept the credential.
func (r *run) known(ctx context.Context) ([]Result, error) {
	s, err := r.argoCDSecret(ctx)
	if err != nil {
		return nil, err
	}
	m, err := recall(s, r.accountName(), r.accountNames)
	switch {
	case err != nil:
		return result(Failed, err.Error(), fmt.Sprintf("set this key right or remove it: kubectl edit secret %s -n %s", ArgoCDSecret, r.opts.Namespace))
	case r.auth.Mode == auth.ModePassword:
		return r.knownPassword(m)
	}
	if refused := m.refusal(r.key); refused != "" {
		return result(Failed, refused, r.renew())
	}
	return result(OK, fmt.Sprintf("Argo CD has the token with the id %q", r.key.ID), "")
}

// knownPassword compares the password with the hash that Argo CD keeps.
func (r *run) knownPassword(m memory) ([]Result, error) {
	err := bcrypt.CompareHashAndPassword(m.password, []byte(r.credential.Reveal()))
	switch {
	case len(m.password) == 0:
		return result(Failed, fmt.Sprintf("account %q has no password in Secret %q, so nobody can sign in with one", r.username, ArgoCDSecret),
			"set one: argocd account update-password --account "+shell.Argument(r.username))
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		advice := "put the one that is in force into the Secret, or use an API key and type token (helm runtime-auth token create)"
		if r.auth.Ref.Same(auth.DefaultPasswordRef()) {
			advice = "Secret argocd-initial-admin-secret keeps the first password only, and this one was changed: " + advice
		}
		return result(Failed, fmt.Sprintf("the password is not the one that Argo CD has for account %q", r.username), advice)
	case err != nil:
		return result(Skipped, fmt.Sprintf("the password of account %q is kept in a form that is not bcrypt", r.username), "")
	}
	return result(OK, fmt.Sprintf("the password is the one that Argo CD has for account %q", r.username), "")
}

// appProxyToken looks at the API key that app-proxy left behind in an earlier
// installation in password mode: the other services start with it.
func (r *run) appProxyToken(ctx context.Context) ([]Result, error) {
	left, err := r.secret(ctx, auth.AppProxySecretName)
	switch {
	case err != nil:
		return nil, err
	case left == nil:
		return result(OK, fmt.Sprintf("no Secret %q yet: app-proxy makes it", auth.AppProxySecretName), "")
	}
	what := place(auth.SecretRef{Name: auth.AppProxySecretName, Key: auth.AppProxySecretKey})
	advice := fmt.Sprintf("app-proxy has to renew it, and until then the other services cannot sign in; to be sure, remove Secret %q and restart app-proxy", auth.AppProxySecretName)
	t, err := token.Parse(string(left.Data[auth.AppProxySecretKey]))
	if err != nil || t.Kind != token.APIKey {
		return result(Warning, what+" holds no API key", advice)
	}
	s, err := r.argoCDSecret(ctx)
	if err != nil {
		return nil, err
	}
	m, err := recall(s, t.Account, r.accountNames)
	refused := m.refusal(t)
	switch now := r.opts.Lint.Now; {
	case err != nil:
		refused = err.Error()
	case !now.IsZero() && !t.Expires.IsZero() && !t.Expires.After(now):
		refused = "it has expired"
	}
	if refused != "" {
		return result(Warning, what+" is of an earlier installation: "+refused, advice)
	}
	return result(OK, fmt.Sprintf("%s is an API key of account %q that Argo CD knows", what, t.Account), "")
}
