//go:build cluster

package apikey

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// farewell is how long it may take to clean up, which is done after a run was
// cancelled too.
const farewell = 5 * time.Second

// Login is how somebody signs in to Argo CD: with the password of a local account,
// for which a session is opened and ended again, or with a token of their own.
type Login struct {
	Username string
	Password schema.Secret
	// Token is used instead where there is one. It is left as it is.
	Token schema.Secret
}

// Keys are the API keys of one Argo CD.
type Keys struct {
	API   *argocd.Client
	Login Login
	// Warn is told what went wrong without spoiling the result, and what to do about
	// it; nil where nobody wants to know.
	Warn func(message, hint string)
}

// List returns the API keys of an account, the newest first, as Argo CD has them.
func (k *Keys) List(ctx context.Context, account string) ([]argocd.Token, error) {
	var found []argocd.Token
	err := k.signedIn(ctx, func(session schema.Secret) error {
		a, err := k.account(ctx, session, account)
		found = a.Tokens
		return err
	})
	return found, err
}

// Revoke takes an API key back. That there is none with this id is an error.
func (k *Keys) Revoke(ctx context.Context, account, id string) error {
	return k.signedIn(ctx, func(session schema.Secret) error {
		err := k.API.DeleteToken(ctx, session, account, id)
		if !refusedWith(err, http.StatusNotFound) {
			return k.explain(ctx, err)
		}
		return &Error{
			Reason: fmt.Sprintf("there is no API key %q of account %q", id, account),
			Hint:   "see which there are: helm runtime-auth token list --account " + shell.Argument(account),
			err:    err,
		}
	})
}

// signedIn does something in a session, and ends the session however that went.
func (k *Keys) signedIn(ctx context.Context, do func(session schema.Secret) error) error {
	if !k.Login.Token.IsZero() {
		return do(k.Login.Token)
	}
	session, err := k.API.OpenSession(ctx, k.Login.Username, k.Login.Password, farewell)
	if refusedWith(err, http.StatusUnauthorized) {
		return &Error{
			Reason: err.Error(),
			Hint:   "where local users may not sign in, use a token of your own with --auth-token-file; another account with --username",
			err:    err,
		}
	}
	if err != nil {
		return k.explain(ctx, err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		if err := k.API.SignOut(ctx, session); err != nil && k.Warn != nil {
			k.Warn(fmt.Sprintf("the session of %q may go on for up to a day: %v", k.Login.Username, err), "to end it at once, change the password of the account")
		}
	}()
	return do(session)
}

// account looks at an account.
func (k *Keys) account(ctx context.Context, session schema.Secret, name string) (argocd.Account, error) {
	a, err := k.API.Account(ctx, session, name)
	if !refusedWith(err, http.StatusNotFound) {
		return a, k.explain(ctx, err)
	}
	return argocd.Account{}, &Error{
		Reason: fmt.Sprintf("account %q does not exist in Argo CD", name),
		Hint:   fmt.Sprintf("add %q to the data of ConfigMap argocd-cm", "accounts."+name+": apiKey"),
		err:    err,
	}
}

// explain adds what to do to an error of Argo CD's API.
func (k *Keys) explain(ctx context.Context, err error) error {
	var unreachable *argocd.UnreachableError
	hint := ""
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return interrupted(ctx)
	case errors.As(err, &unreachable):
		hint = unreachable.Hint
	case refusedWith(err, http.StatusForbidden):
		hint = "an account may do this for itself; for others it needs the rights \"accounts, get\" and \"accounts, update\" in Argo CD's RBAC, as admin has them"
	case refusedWith(err, http.StatusUnauthorized) && !k.Login.Token.IsZero():
		hint = "the token in --auth-token-file is not one that this Argo CD accepts"
	}
	return &Error{Reason: err.Error(), Hint: hint, err: err}
}

func refusedWith(err error, status int) bool {
	var refused *argocd.APIError
	return errors.As(err, &refused) && refused.Status == status
}
