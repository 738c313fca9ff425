//go:build cluster

// Package apikey makes, lists and revokes the API keys with which a Runtime signs in
// to Argo CD, and writes them into Secrets. Its steps stand in an order in which no
// key is left behind that nobody knows of, and every session that it opens is ended.
// No error and no formatting of a result quotes a credential.
package apikey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// farewell is how long it may take to clean up, which is done after a run was
// cancelled too.
const farewell = 5 * time.Second

// Login is how somebody signs in to Argo CD: with the password of a local account,
// for which a session is opened and ended again, or with a token of their own.
type Login struct {
	Username string
	Password auth.Secret
	// Token is used instead where there is one. It is left as it is.
	Token auth.Secret
	// Renew says what to do where Argo CD refuses Token; "" where it is from a file.
	Renew string
}

// Keys are the API keys of one Argo CD.
type Keys struct {
	API   *argocd.Client
	Login Login
	// Configs are the ConfigMaps beside Argo CD, nil where they are not at hand.
	Configs corev1client.ConfigMapInterface
	// Place is where the commands of hints go.
	Place shell.Place
	// Warn is given what went wrong without spoiling the result, and what to do about it.
	Warn func(message, hint string)
}

// List returns the API keys of an account, the newest first, as Argo CD has them.
func (k *Keys) List(ctx context.Context, account string) (found []argocd.Token, err error) {
	err = k.signedIn(ctx, func(_ argocd.Userinfo, session auth.Secret) error {
		a, err := k.account(ctx, session, account)
		found = a.Tokens
		return err
	})
	return found, err
}

// Revoke takes an API key back. That there is none with this id is an error.
func (k *Keys) Revoke(ctx context.Context, account, id string) error {
	return k.signedIn(ctx, func(_ argocd.Userinfo, session auth.Secret) error {
		err := k.API.DeleteToken(ctx, session, account, id)
		if argocd.Status(err) == http.StatusNotFound {
			return refuse("list them: "+k.Place.Command("token list", "--account", account), "there is no API key %q of account %q", id, account)
		}
		return k.explain(ctx, err)
	})
}

// RevokeListed takes back those of the ids that are API keys of the account, and returns
// the others that it has.
func (k *Keys) RevokeListed(ctx context.Context, account string, ids ...string) (left []argocd.Token, _ error) {
	err := k.signedIn(ctx, func(_ argocd.Userinfo, session auth.Secret) error {
		a, err := k.account(ctx, session, account)
		for _, t := range a.Tokens {
			if !slices.Contains(ids, t.ID) {
				left = append(left, t)
			} else if err := k.API.DeleteToken(ctx, session, account, t.ID); err != nil && argocd.Status(err) != http.StatusNotFound {
				return k.explain(ctx, err)
			}
		}
		return err
	})
	return left, err
}

// signedIn does something in a session, and ends the session however that went.
func (k *Keys) signedIn(ctx context.Context, do func(me argocd.Userinfo, session auth.Secret) error) error {
	if !k.Login.Token.IsZero() {
		own, _ := token.Parse(k.Login.Token.Reveal()) // one of a project or of SSO names no account
		me, err := k.taken(ctx, k.Login.Token, own.Account)
		if err != nil {
			return err
		}
		return do(me, k.Login.Token)
	}
	session, err := k.API.SignIn(ctx, k.Login.Username, k.Login.Password)
	if argocd.Status(err) == http.StatusUnauthorized {
		hint := "where local users may not sign in, use a token of your own with --auth-token-file; another account with --username"
		if e, ok := errors.AsType[*argocd.Error](err); ok && e.Reason == argocd.WrongPassword {
			hint = "after five wrong passwords Argo CD refuses the right one too, for five minutes (300 s); " + hint
		}
		return refuse(hint, "%v", err)
	}
	if err != nil {
		return k.explain(ctx, err)
	}
	defer func() {
		if err := k.API.SignOut(ctx, session); err != nil {
			k.Warn(fmt.Sprintf("the session of %q may stay open for up to a day: %v", k.Login.Username, err), "it ends by itself; a new password for the account ends it at once, and the account's API keys with it")
		}
	}()
	me, err := k.taken(ctx, session, k.Login.Username)
	if err != nil {
		return err
	}
	return do(me, session)
}

// taken asks whom Argo CD takes a session for; name is the account's, "" where it has
// none. With anonymous access Argo CD serves a token that it refuses as it does everybody,
// and a proxy may sign in as somebody else.
func (k *Keys) taken(ctx context.Context, session auth.Secret, name string) (who argocd.Userinfo, err error) {
	if who, err = k.API.Userinfo(ctx, session); err != nil {
		return who, k.explain(ctx, err)
	}
	switch {
	case !who.LoggedIn:
		_, err := k.API.Account(ctx, session, cmp.Or(name, auth.DefaultUsername))
		if e, ok := errors.AsType[*argocd.Error](err); ok && e.Status != http.StatusForbidden { // which says why
			return who, refuse(k.Login.renew(), "Argo CD does not accept the token: %s", e.Said())
		}
		return who, refuse(k.Login.renew(), "Argo CD does not accept the token: whoever sends it is anonymous")
	case name != "" && who.Username != name:
		return who, refuse("the address is that of another Argo CD, or a proxy before it signs in as somebody else", "Argo CD says that the credential of %q belongs to another user", name)
	}
	return who, nil
}

// account looks at an account.
func (k *Keys) account(ctx context.Context, session auth.Secret, name string) (argocd.Account, error) {
	a, err := k.API.Account(ctx, session, name)
	if argocd.Status(err) == http.StatusNotFound {
		return a, refuse(fmt.Sprintf("add %q to the data of ConfigMap argocd-cm", "accounts."+name+": apiKey"), "account %q does not exist in Argo CD", name)
	}
	return a, k.explain(ctx, err)
}

// Error says why something was not done.
type Error struct {
	Reason string // lower case, on one line, without any credential
	Hint   string // what to do; may be ""
	err    error  // the cause, where that is known to hold no credential either
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Unwrap returns the cause, nil where there is none to show.
func (e *Error) Unwrap() error { return e.err }

// refuse makes an Error.
func refuse(hint, format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// interrupted is the error for a run that was cancelled.
func interrupted(ctx context.Context) error {
	return &Error{Reason: "interrupted", err: context.Cause(ctx)}
}

const hintToken = "the token in --auth-token-file is not one that this Argo CD accepts"

// explain adds what to do to an error of Argo CD's API.
func (k *Keys) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Reason: err.Error()}
	if failed, ok := errors.AsType[*argocd.Error](err); ok {
		e.Hint = failed.Hint
	}
	switch {
	case ctx.Err() != nil:
		return interrupted(ctx)
	case argocd.Status(err) == http.StatusForbidden:
		e.Hint = `an account may do this for itself; for others it needs the rights "accounts, get" and "accounts, update" in Argo CD's RBAC, as admin has them`
	case argocd.Status(err) == http.StatusUnauthorized && !k.Login.Token.IsZero():
		e.Hint = k.Login.renew()
	}
	return e
}

// refusedForGood reports whether nothing was made for sure: the call was not sent, or
// Argo CD itself has refused it. Its gateway gives up with 503 and 504, after which
// the work may be done all the same. That an id is taken comes as 500, and then the
// key is somebody else's.
func refusedForGood(err error) bool {
	e, ok := errors.AsType[*argocd.Error](err)
	return ok && (e.Unsent || e.Status != 0 && e.Status != http.StatusServiceUnavailable && e.Status != http.StatusGatewayTimeout)
}
