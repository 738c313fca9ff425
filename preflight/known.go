//go:build cluster

package preflight

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/bcrypt"
	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema"
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

// recall reads what Argo CD knows of an account. others are the names of the accounts
// beside admin: Argo CD reads all of them, and where it can not it refuses every one.
// That is the error. It does not mind an unreadable list of tokens of any account but
// admin, where it goes on with what it could read, nor an unreadable time of admin's.
func recall(s *corev1.Secret, account string, others []string) (memory, error) {
	if _, err := tokenIDs(s, schema.DefaultUsername); err != nil {
		return memory{}, err
	}
	for _, other := range others {
		if _, err := changedAt(s, other); err != nil {
			return memory{}, err
		}
	}
	m := memory{password: s.Data[settingOf(account, "password")]}
	m.ids, _ = tokenIDs(s, account)
	changed, err := changedAt(s, account)
	if err != nil && account != schema.DefaultUsername {
		return memory{}, err
	}
	m.changed = changed
	return m, nil
}

// settingOf is the key in argocd-secret of something about an account.
func settingOf(account, what string) string {
	if account == schema.DefaultUsername {
		return account + "." + what
	}
	return "accounts." + account + "." + what
}

// tokenIDs are the API keys of an account, with an error as many as could be read.
func tokenIDs(s *corev1.Secret, account string) (ids []string, err error) {
	key := settingOf(account, "tokens")
	var tokens []struct {
		ID string `json:"id"`
	}
	if text := s.Data[key]; len(text) > 0 && json.Unmarshal(text, &tokens) != nil {
		err = fmt.Errorf("key %q of Secret %q is no list of tokens, and Argo CD refuses every account for it", key, ArgoCDSecret)
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
		return time.Time{}, fmt.Errorf("key %q of Secret %q is no time, and Argo CD refuses every account for it", key, ArgoCDSecret)
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

// known asks Argo CD's own Secret whether it would still accept the credential.
func (r *run) known() error {
	why := ""
	switch {
	case r.auth == nil:
		why = r.unfit
	case r.bundled:
		why = "the chart brings an Argo CD of its own"
	case r.absent:
		why = "the namespace does not exist"
	case !r.fit:
		why = "there is no credential that could be looked up"
	case r.mode() == schema.ModePassword && r.username == "":
		why = "the username stands in a Secret that could not be read"
	}
	if why != "" {
		r.skip(CheckKnown, why)
		return nil
	}
	s, err := r.argoCDSecret(CheckKnown)
	if err != nil || s == nil {
		return err
	}
	m, err := recall(s, r.accountName(), r.accountNames)
	if err != nil {
		r.add(CheckKnown, Failed, err.Error(), fmt.Sprintf("set this key right or remove it: kubectl edit secret %s -n %s", ArgoCDSecret, r.opts.Namespace))
		return nil
	}
	if r.mode() == schema.ModePassword {
		r.knownPassword(m)
		return nil
	}
	if refused := m.refusal(r.key); refused != "" {
		r.add(CheckKnown, Failed, refused, r.renew())
		return nil
	}
	r.add(CheckKnown, OK, fmt.Sprintf("Argo CD has the token with the id %q", r.key.ID), "")
	return nil
}

func (r *run) renew() string {
	ref := r.auth.Credential()
	if r.auth.IsPlaintext() {
		return "create a new API key: " + r.createKeyFor(r.key.Account)
	}
	return "create a new API key: " + r.createKey(r.key.Account, ref, true)
}

// argoCDSecret reads Argo CD's Secret; nil where that has ended in a result.
func (r *run) argoCDSecret(id string) (*corev1.Secret, error) {
	s, err := r.cluster.Secret(r.ctx, r.opts.Namespace, ArgoCDSecret)
	before := len(r.results)
	found, err := r.outcome(id, r.secretAt(ArgoCDSecret), err)
	switch {
	case err != nil || len(r.results) > before:
		return nil, err
	case !found:
		r.add(id, Failed, fmt.Sprintf("no Secret %q in namespace %q, so no Argo CD keeps its tokens here", ArgoCDSecret, r.opts.Namespace),
			"install the Runtime into the namespace of its Argo CD")
		return nil, nil
	}
	return s, nil
}

// knownPassword compares the password with the hash that Argo CD keeps.
func (r *run) knownPassword(m memory) {
	err := bcrypt.CompareHashAndPassword(m.password, []byte(r.credential.Reveal()))
	switch {
	case len(m.password) == 0:
		r.add(CheckKnown, Failed, fmt.Sprintf("account %q has no password in Secret %q, so nobody can sign in with one", r.username, ArgoCDSecret),
			fmt.Sprintf("set one: argocd account update-password --account %s", shell.Argument(r.username)))
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		advice := "put the one that is in force into the Secret, or use an API key and type token (helm runtime-auth token create)"
		if r.auth.Credential().Same(schema.DefaultPasswordRef()) {
			advice = "Secret argocd-initial-admin-secret keeps the first password only, and this one was changed: " + advice
		}
		r.add(CheckKnown, Failed, fmt.Sprintf("the password is not the one that Argo CD has for account %q", r.username), advice)
	case err != nil:
		r.skip(CheckKnown, fmt.Sprintf("the password of account %q is kept in a form that is not bcrypt", r.username))
	default:
		r.add(CheckKnown, OK, fmt.Sprintf("the password is the one that Argo CD has for account %q", r.username), "")
	}
}

// appProxyToken looks at the API key that app-proxy left behind in an earlier
// installation in password mode: the other services start with it.
func (r *run) appProxyToken() error {
	why := ""
	switch {
	case r.auth == nil:
		why = r.unfit
	case r.mode() != schema.ModePassword:
		why = "type token takes nothing from it"
	case r.bundled:
		why = "the chart brings an Argo CD of its own"
	case r.absent:
		why = "the namespace does not exist"
	}
	if why != "" {
		r.skip(CheckAppProxyToken, why)
		return nil
	}
	name := schema.AppProxySecretName
	s, err := r.cluster.Secret(r.ctx, r.opts.Namespace, name)
	before := len(r.results)
	found, err := r.outcome(CheckAppProxyToken, r.secretAt(name), err)
	switch {
	case err != nil || len(r.results) > before:
		return err
	case !found:
		r.add(CheckAppProxyToken, OK, fmt.Sprintf("no Secret %q yet: app-proxy makes it", name), "")
		return nil
	}
	return r.leftBehind(string(s.Data[schema.AppProxySecretKey]))
}

// leftBehind judges a token that app-proxy made earlier.
func (r *run) leftBehind(text string) error {
	what := place(schema.SecretRef{Name: schema.AppProxySecretName, Key: schema.AppProxySecretKey})
	advice := fmt.Sprintf("app-proxy has to renew it, and until then the other services cannot sign in; to be sure, remove Secret %q and restart app-proxy", schema.AppProxySecretName)
	t, err := token.Parse(text)
	if err != nil || t.Kind != token.APIKey {
		r.add(CheckAppProxyToken, Warning, what+" holds no API key", advice)
		return nil
	}
	s, err := r.argoCDSecret(CheckAppProxyToken)
	if err != nil || s == nil {
		return err
	}
	m, err := recall(s, t.Account, r.accountNames)
	refused := ""
	switch now := r.opts.Lint.Now; {
	case err != nil:
		refused = err.Error()
	case !now.IsZero() && !t.Expires.IsZero() && !t.Expires.After(now):
		refused = "it has expired"
	default:
		refused = m.refusal(t)
	}
	if refused != "" {
		r.add(CheckAppProxyToken, Warning, what+" is of an earlier installation: "+refused, advice)
		return nil
	}
	r.add(CheckAppProxyToken, OK, fmt.Sprintf("%s is an API key of account %q that Argo CD knows", what, t.Account), "")
	return nil
}
