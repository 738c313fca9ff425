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

// liveSession tries the credential, once, and asks for the account with it.
func (r *run) liveSession(ctx context.Context) (found []Result, _ error) {
	session, name := r.credential, r.accountName()
	r.tried = true
	if r.auth.Mode == auth.ModePassword {
		token, err := r.api.SignIn(ctx, name, r.credential)
		if err != nil {
			return r.refused(err)
		}
		defer func() {
			if err := r.api.SignOut(ctx, token); err != nil {
				found = append(found, Result{Status: Warning, Seen: fmt.Sprintf("the session of account %q was left open: %v", name, err),
					Advice: "it ends by itself within a day; a new password for the account ends it at once, and the account's API keys with it"})
			}
		}()
		session = token
	}
	who, err := r.api.Userinfo(ctx, session)
	if err != nil {
		return r.refused(err)
	}
	r.account, r.accountErr = r.api.Account(ctx, session, name)
	switch {
	case !who.LoggedIn && (r.accountErr == nil || argocd.Status(r.accountErr) == http.StatusForbidden):
		// With anonymous access an account is shown to nobody in particular.
		return result(Failed, fmt.Sprintf("Argo CD refuses the %s: whoever sends it is anonymous", r.auth.Mode), "create an API key: "+r.createKey(anyAccount))
	case !who.LoggedIn:
		// Argo CD answers 200 to a token that it refuses; why, only other calls tell.
		return r.refused(r.accountErr)
	case who.Username != name:
		return result(Failed, fmt.Sprintf("Argo CD takes the %s of account %q for somebody else's", r.auth.Mode, name),
			"the address is that of another Argo CD, or a proxy before it signs in as somebody else")
	}
	return result(OK, fmt.Sprintf("Argo CD accepts the %s of account %q", r.auth.Mode, name), "")
}

// verdict is how a check ends that got an error from Argo CD's API, and whether Argo CD
// has judged at all. A server with trouble of its own has not; nor has whoever answers
// without Argo CD's words, but where the address was given that is no Argo CD's.
func (r *run) verdict(err error) (s Status, judged bool) {
	e, ok := errors.AsType[*argocd.Error](err)
	status := argocd.Status(err)
	switch {
	case ok && e.Broken, status != 0 && status != http.StatusTooManyRequests && status < http.StatusInternalServerError:
		return Failed, true
	case r.opts.RequireLive, status == 0 && r.opts.ArgoCD.URL != "":
		return Failed, false
	}
	return Warning, false
}

// refused reports that Argo CD does not take the credential, in its own words.
func (r *run) refused(err error) ([]Result, error) {
	var e argocd.Error
	if known, ok := errors.AsType[*argocd.Error](err); ok {
		e = *known
	}
	s, judged := r.verdict(err)
	if !judged {
		return result(s, fmt.Sprintf("Argo CD has not judged the %s: %v", r.auth.Mode, err), cmp.Or(e.Hint, "see whether the address is Argo CD's, and try again"))
	}
	seen := fmt.Sprintf("Argo CD refuses the %s: %s", r.auth.Mode, reason(err))
	advice := "create an API key: " + r.createKey(anyAccount)
	isPassword, isWrong := r.auth.Mode == auth.ModePassword, e.Reason == argocd.WrongPassword
	switch {
	case r.has(CheckArgoCDConfig, Failed) || r.has(CheckAccount, Failed):
		advice = fmt.Sprintf("fix the checks %s and %s first", CheckArgoCDConfig, CheckAccount)
	case e.Broken:
		advice = fmt.Sprintf("Argo CD cannot read its configuration, and refuses every account until ConfigMap %s and Secret %s are corrected", ArgoCDConfigMap, ArgoCDSecret)
	case isPassword && isWrong && r.has(CheckKnown, OK):
		seen = fmt.Sprintf("account %q is locked after five wrong passwords: %s", r.username, seen)
		advice = "the password is right, and works five minutes (300 s) after the last wrong one; if it does not, the address is that of another Argo CD"
	case isPassword && isWrong:
		advice = "put the password that is in force into the Secret, or use an API key and type token; if somebody has tried five wrong ones, the account is locked for five minutes (300 s), and a right one works after that"
	case isPassword:
		advice = cmp.Or(e.Hint, "see the log of Argo CD, or use an API key and type token")
	}
	return result(Failed, seen, advice)
}

// reason is what Argo CD says itself where it says something.
func reason(err error) string {
	if refused, ok := errors.AsType[*argocd.Error](err); ok {
		return refused.Said()
	}
	return err.Error()
}

// liveAccount holds the account as Argo CD has it now against what the mode needs.
func (r *run) liveAccount(context.Context) ([]Result, error) {
	switch {
	case argocd.Status(r.accountErr) == http.StatusForbidden:
		return result(Skipped, "Argo CD does not let the account see itself", "")
	case r.accountErr != nil:
		s, _ := r.verdict(r.accountErr)
		return result(s, "Argo CD does not show the account: "+reason(r.accountErr), "see its log")
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
