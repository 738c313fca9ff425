//go:build cluster

package preflight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// liveSession tries the credential, and asks for the account with it.
func (r *run) liveSession(ctx context.Context) ([]Result, error) {
	session := r.credential
	if r.auth.Mode == auth.ModePassword {
		token, err := r.api.SignIn(ctx, r.username, r.credential)
		if err != nil {
			return r.refused(err)
		}
		defer func() { _ = r.api.SignOut(ctx, token) }() // it ends by itself within a day
		session = token
	}
	who, err := r.api.Userinfo(ctx, session)
	if err != nil {
		return r.refused(err)
	}
	r.account, r.accountErr = r.api.Account(ctx, session, r.accountName())
	if !who.LoggedIn {
		// Argo CD answers 200 to a token that it refuses; why, only other calls tell.
		return r.refused(cmp.Or[error](r.accountErr, &argocd.Error{Op: "sign in", Status: http.StatusOK, Reason: "not signed in"}))
	}
	return result(OK, fmt.Sprintf("Argo CD accepts the %s of account %q", r.auth.Mode, who.Username), "")
}

// refused reports that Argo CD does not take the credential, in its own words.
func (r *run) refused(err error) ([]Result, error) {
	status := argocd.Status(err)
	if status == 0 || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests { // it did not say no
		return result(Warning, fmt.Sprintf("Argo CD has not judged the %s: %v", r.auth.Mode, err), "see whether the address is Argo CD's, and try again")
	}
	advice := "create an API key: " + r.createKey(anyAccount)
	switch {
	case r.has(CheckArgoCDConfig, Failed) || r.has(CheckAccount, Failed):
		advice = fmt.Sprintf("mend first what the checks %s and %s say", CheckArgoCDConfig, CheckAccount)
	case r.auth.Mode == auth.ModePassword && r.has(CheckKnown, OK):
		advice = "the password is right: if somebody has tried wrong ones, Argo CD takes it again after five minutes; else see its log"
	case r.auth.Mode == auth.ModePassword:
		advice = "put the password that is in force into the Secret, or use an API key and type token"
	}
	return result(Failed, fmt.Sprintf("Argo CD refuses the %s: %s", r.auth.Mode, reason(err)), advice)
}

// reason is what Argo CD says itself where it says something.
func reason(err error) string {
	if refused, ok := errors.AsType[*argocd.Error](err); ok && refused.Status != 0 {
		return fmt.Sprintf("%q (status %d)", refused.Reason, refused.Status)
	}
	return err.Error()
}

// liveAccount holds the account as Argo CD has it now against what the mode needs.
func (r *run) liveAccount(context.Context) ([]Result, error) {
	switch {
	case argocd.Status(r.accountErr) == http.StatusForbidden:
		return result(Skipped, "Argo CD does not let the account see itself", "")
	case r.accountErr != nil:
		return result(Failed, "Argo CD does not show the account: "+reason(r.accountErr), "see its log")
	}
	name := r.account.Name
	needs := []string{"apiKey"}
	if r.auth.Mode == auth.ModePassword {
		needs = []string{"login", "apiKey"}
	}
	for _, n := range needs {
		if !slices.Contains(r.account.Capabilities, n) {
			return result(Failed, fmt.Sprintf("account %q has not the capability %q in the Argo CD that runs", name, n),
				fmt.Sprintf("add it to accounts.%s in ConfigMap %s", name, ArgoCDConfigMap))
		}
	}
	if !r.account.Enabled {
		return result(Failed, fmt.Sprintf("account %q is disabled", name), "enable it in ConfigMap "+ArgoCDConfigMap)
	}
	return result(OK, fmt.Sprintf("account %q may do what type %s needs", name, r.auth.Mode), "")
}
