// Package session tries the credential of a Runtime at Argo CD, as the Runtime will, and
// says in results what Argo CD makes of it. No result quotes a credential.
package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// Session is what is tried, and what is known of it beforehand.
type Session struct {
	API        *argocd.Client
	Mode       auth.Mode
	Name       string // of the account
	Credential auth.Secret
	// IsRight is set where the password is known to be the one in force.
	IsRight bool
	// Explicit is set where the address was given, so that whoever answers there in
	// somebody else's words is a failure, and Required where it is one as well that
	// Argo CD has trouble of its own.
	Explicit, Required bool
	// First is what has to be put right first, "" for nothing, and Create how an API key
	// is made.
	First, Create string
	// Meanwhile is called with a token that Argo CD has accepted, before its session is
	// ended; nil for nobody.
	Meanwhile func(ctx context.Context, token auth.Secret)
}

// Try signs in, once, and asks for the account, which it returns with the error of that.
// In password mode the session is ended again.
func (s Session) Try(ctx context.Context) (found []verdict.Result, a argocd.Account, accountErr error) {
	token := s.Credential
	if s.Mode == auth.ModePassword {
		opened, err := s.API.SignIn(ctx, s.Name, s.Credential)
		if err != nil {
			return s.refused(err), a, nil
		}
		defer func() {
			if err := s.API.SignOut(ctx, opened); err != nil {
				found = append(found, one(verdict.Warning, fmt.Sprintf("the session of account %q was left open: %v", s.Name, err),
					"it ends by itself within a day; a new password for the account ends it at once, and the account's API keys with it")...)
			}
		}()
		token = opened
	}
	who, err := s.API.Userinfo(ctx, token)
	if err != nil {
		return s.refused(err), a, nil
	}
	a, accountErr = s.API.Account(ctx, token, s.Name)
	switch {
	case !who.LoggedIn && (accountErr == nil || argocd.Status(accountErr) == http.StatusForbidden):
		// With anonymous access an account is shown to nobody in particular.
		found = one(verdict.Failed, fmt.Sprintf("Argo CD refuses the %s: whoever sends it is anonymous", s.Mode), s.Create)
	case !who.LoggedIn:
		// Argo CD answers 200 to a token that it refuses; why, only other calls tell.
		found = s.refused(accountErr)
	case who.Username != s.Name:
		found = one(verdict.Failed, fmt.Sprintf("Argo CD says that the %s of account %q belongs to another user", s.Mode, s.Name),
			"the address is that of another Argo CD, or a proxy before it signs in as somebody else")
	default:
		if s.Meanwhile != nil {
			s.Meanwhile(ctx, token)
		}
		found = one(verdict.OK, fmt.Sprintf("Argo CD accepts the %s of account %q", s.Mode, s.Name), "")
	}
	return found, a, accountErr
}

func one(s verdict.Status, seen, advice string) []verdict.Result {
	return []verdict.Result{{Status: s, Seen: seen, Advice: advice}}
}

// verdict is how a check ends that got an error from Argo CD's API, and whether Argo CD
// has judged at all. A server with trouble of its own has not; nor has whoever answers
// without Argo CD's words, but where the address was given that is no Argo CD's.
func (s Session) verdict(err error) (status verdict.Status, judged bool) {
	e, ok := errors.AsType[*argocd.Error](err)
	code := argocd.Status(err)
	switch {
	case ok && e.Broken, code != 0 && code != http.StatusTooManyRequests && code < http.StatusInternalServerError:
		return verdict.Failed, true
	case s.Required, code == 0 && s.Explicit:
		return verdict.Failed, false
	}
	return verdict.Warning, false
}

// refused reports that Argo CD does not take the credential, in its own words.
func (s Session) refused(err error) []verdict.Result {
	var e argocd.Error
	if known, ok := errors.AsType[*argocd.Error](err); ok {
		e = *known
	}
	status, judged := s.verdict(err)
	if !judged {
		return one(status, fmt.Sprintf("Argo CD has not judged the %s: %v", s.Mode, err), cmp.Or(e.Hint, "see whether the address is Argo CD's, and try again"))
	}
	seen, advice := fmt.Sprintf("Argo CD refuses the %s: %s", s.Mode, e.Said()), s.Create
	isPassword, isWrong := s.Mode == auth.ModePassword, e.Reason == argocd.WrongPassword
	switch {
	case s.First != "":
		advice = s.First
	case e.Broken:
		advice = e.Hint
	case isPassword && isWrong && s.IsRight:
		seen = fmt.Sprintf("account %q is locked after five wrong passwords: %s", s.Name, seen)
		advice = "the password is right, and works five minutes (300 s) after the last wrong one; if it does not, the address is that of another Argo CD"
	case isPassword && isWrong:
		advice = "put the current password into the Secret, or use an API key and type token; " +
			"if somebody has tried five wrong ones, the account is locked, and the right one works again after five minutes (300 s)"
	case isPassword:
		advice = cmp.Or(e.Hint, "see the log of Argo CD, or use an API key and type token")
	}
	return one(status, seen, advice)
}

// Account holds the account as Argo CD has it now against what the mode needs.
func (s Session) Account(a argocd.Account, err error) []verdict.Result {
	needs := []string{"apiKey"}
	if s.Mode == auth.ModePassword {
		needs = []string{"login", "apiKey"}
	}
	e, ok := errors.AsType[*argocd.Error](err)
	switch {
	case argocd.Status(err) == http.StatusForbidden:
		return one(verdict.Skipped, "Argo CD does not let the account see itself", "")
	case err != nil:
		status, _ := s.verdict(err)
		if ok {
			err = errors.New(e.Said())
		}
		return one(status, fmt.Sprintf("Argo CD does not show the account: %v", err), "see its log")
	}
	for _, n := range needs {
		if !slices.Contains(a.Capabilities, n) {
			return one(verdict.Failed, fmt.Sprintf("running Argo CD: account %q lacks the capability %q", a.Name, n),
				fmt.Sprintf("add it to accounts.%s in ConfigMap argocd-cm", a.Name))
		}
	}
	if !a.Enabled {
		return one(verdict.Failed, fmt.Sprintf("account %q is disabled", a.Name), "enable it in ConfigMap argocd-cm")
	}
	return one(verdict.OK, fmt.Sprintf("account %q may do what type %s needs", a.Name, s.Mode), "")
}
