//go:build cluster

package apikey

import (
	"cmp"
	"context"
	"strings"
)

// renew says what to do where Argo CD refuses the token.
func (l Login) renew() string {
	return cmp.Or(l.Renew, hintToken)
}

// Signer returns account, or where that is "" the local account that signs in. The error
// says that there is none: who has come by single sign-on, or with the token of a project,
// has no API keys.
func (k *Keys) Signer(ctx context.Context, account string) (string, error) {
	if account != "" || k.Login.Token.IsZero() {
		return cmp.Or(account, k.Login.Username), nil
	}
	who, err := k.API.Userinfo(ctx, k.Login.Token)
	switch {
	case err != nil:
		return "", k.explain(ctx, err)
	case !who.LoggedIn:
		return "", refuse(k.Login.renew(), "Argo CD does not accept the token")
	case who.Issuer != "argocd", strings.Contains(who.Username, ":"):
		return "", refuse("name the account with --account", "%q is signed in, but is not a local account, and has no API keys", who.Username)
	}
	return who.Username, nil
}
