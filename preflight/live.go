//go:build cluster

package preflight

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// farewell is how long the end of a session may take once a run is cancelled.
const farewell = 5 * time.Second

// live asks Argo CD itself.
func (r *run) live() error {
	url, why := r.url()
	if why != "" {
		r.skipLive(why, CheckLiveServer, CheckLiveSession, CheckLiveAccount)
		return nil
	}
	api, err := argocd.New(argocd.Options{URL: url, Roots: r.opts.Live.Roots, Insecure: r.opts.Live.Insecure, Timeout: r.opts.Live.Timeout})
	if err != nil {
		r.add(CheckLiveServer, Failed, err.Error(), "give the address as https://HOST[:PORT][/PATH]")
		r.skipLive("Argo CD cannot be reached", CheckLiveSession, CheckLiveAccount)
		return nil
	}
	defer api.Close()
	version, err := api.Version(r.ctx)
	if err != nil {
		r.unreachable(url, err)
		return r.ctx.Err()
	}
	r.add(CheckLiveServer, OK, fmt.Sprintf("Argo CD %s answers at %s", version, url), "")
	r.signIn(api)
	return r.ctx.Err()
}

func (r *run) skipLive(why string, ids ...string) {
	for _, id := range ids {
		r.skip(id, why)
	}
}

// url is the address of Argo CD's API, or why there is none to try.
func (r *run) url() (url, why string) {
	switch {
	case r.opts.Live.Off:
		return "", "not asked for"
	case r.opts.Live.URL != "":
		return strings.TrimRight(r.opts.Live.URL, "/"), ""
	case r.service == nil:
		return "", "no address of Argo CD is known: give it with --argo-cd-url"
	}
	return serviceURL(r.service, max(r.server.port, 0)), ""
}

// serviceURL is where a Service is reached from inside the cluster: by its name, or
// by that for which it stands.
func serviceURL(s *corev1.Service, wanted int) string {
	host := fmt.Sprintf("%s.%s.svc", s.Name, s.Namespace)
	if s.Spec.Type == corev1.ServiceTypeExternalName {
		host = s.Spec.ExternalName
	}
	scheme, port := "https", wanted
	for _, p := range s.Spec.Ports {
		if port == 0 || p.Port == 443 && wanted == 0 {
			port = int(p.Port)
		}
	}
	for _, p := range s.Spec.Ports {
		if int(p.Port) == port && (p.Name == "http" || p.Port == 80) {
			scheme = "http"
		}
	}
	return fmt.Sprintf("%s://%s:%d", scheme, host, port)
}

// unreachable reports that there is no Argo CD at the address. It is no failure if
// nobody gave that address: from outside the cluster a Service is out of reach.
func (r *run) unreachable(url string, err error) {
	status, advice := Failed, "see whether the address is Argo CD's"
	var broken *argocd.UnreachableError
	if errors.As(err, &broken) && broken.Hint != "" {
		advice = broken.Hint
	}
	if r.opts.Live.URL == "" {
		status, advice = Skipped, "give an address that can be reached from here with --argo-cd-url"
		if broken != nil && broken.Hint != "" {
			advice += "; " + broken.Hint
		}
	}
	r.add(CheckLiveServer, status, fmt.Sprintf("no answer from Argo CD at %s: %v", url, err), advice)
	r.skipLive("Argo CD cannot be reached", CheckLiveSession, CheckLiveAccount)
}

// signIn tries the credential and goes on with what it gives.
func (r *run) signIn(api *argocd.Client) {
	switch {
	case r.auth == nil:
		r.skipLive(r.unfit, CheckLiveSession, CheckLiveAccount)
		return
	case !r.fit || r.accountName() == "":
		r.skipLive("there is no credential that could be tried", CheckLiveSession, CheckLiveAccount)
		return
	case r.auth.Mode == schema.ModePassword && r.has(CheckKnown, Failed):
		// Argo CD locks an account after a few wrong passwords (util/session).
		r.skipLive("the password is known to be wrong, and was not tried", CheckLiveSession, CheckLiveAccount)
		return
	}
	session := r.credential
	if r.auth.Mode == schema.ModePassword {
		token, err := api.OpenSession(r.ctx, r.username, r.credential, farewell)
		if err != nil {
			r.refused(err)
			return
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), farewell)
			defer cancel()
			_ = api.SignOut(ctx, token) // it ends by itself within a day
		}()
		session = token
	}
	who, err := api.Userinfo(r.ctx, session)
	if err != nil {
		r.refused(err)
		return
	}
	account, accountErr := api.Account(r.ctx, session, r.accountName())
	if !who.LoggedIn {
		// Argo CD answers 200 to a token that it refuses; why, only other calls tell.
		if accountErr == nil {
			accountErr = &argocd.APIError{Op: "sign in", Status: http.StatusOK, Message: "not signed in"}
		}
		r.refused(accountErr)
		return
	}
	r.add(CheckLiveSession, OK, fmt.Sprintf("Argo CD accepts the %s of account %q", r.auth.Mode, who.Username), "")
	r.liveAccount(account, accountErr)
}

// refused reports that Argo CD does not take the credential, in its own words.
func (r *run) refused(err error) {
	advice := "create an API key: " + r.createKeyFor(anyAccount)
	switch {
	case r.has(CheckArgoCDConfig, Failed) || r.has(CheckAccount, Failed):
		advice = fmt.Sprintf("mend first what the checks %s and %s say", CheckArgoCDConfig, CheckAccount)
	case r.auth.Mode == schema.ModePassword && r.has(CheckKnown, OK):
		advice = "the password is right: if somebody has tried wrong ones, Argo CD takes it again after five minutes; else see its log"
	case r.auth.Mode == schema.ModePassword:
		advice = "put the password that is in force into the Secret, or use an API key and type token"
	}
	var api *argocd.APIError
	if errors.As(err, &api) && api.Status < http.StatusInternalServerError && api.Status != http.StatusTooManyRequests {
		r.add(CheckLiveSession, Failed, fmt.Sprintf("Argo CD refuses the %s: %s", r.auth.Mode, reason(err)), advice)
	} else { // it did not say no
		r.add(CheckLiveSession, Warning, fmt.Sprintf("Argo CD has not judged the %s: %v", r.auth.Mode, err), "see whether the address is Argo CD's, and try again")
	}
	r.skipLive("not signed in", CheckLiveAccount)
}

// reason is what Argo CD says itself where it says something.
func reason(err error) string {
	var api *argocd.APIError
	if errors.As(err, &api) && api.Message != "" {
		return fmt.Sprintf("%q (status %d)", api.Message, api.Status)
	}
	return err.Error()
}

// liveAccount holds the account as Argo CD has it now against what the mode needs.
func (r *run) liveAccount(a argocd.Account, err error) {
	var api *argocd.APIError
	switch {
	case errors.As(err, &api) && api.Status == http.StatusForbidden:
		r.skip(CheckLiveAccount, "Argo CD does not let the account see itself")
		return
	case err != nil:
		r.add(CheckLiveAccount, Failed, fmt.Sprintf("Argo CD does not show the account: %s", reason(err)), "see its log")
		return
	}
	needs := []string{"apiKey"}
	if r.auth.Mode == schema.ModePassword {
		needs = []string{"login", "apiKey"}
	}
	for _, n := range needs {
		if !slices.Contains(a.Capabilities, n) {
			r.add(CheckLiveAccount, Failed, fmt.Sprintf("account %q has not the capability %q in the Argo CD that runs", a.Name, n),
				fmt.Sprintf("add it to accounts.%s in ConfigMap %s", a.Name, ArgoCDConfigMap))
			return
		}
	}
	if !a.Enabled {
		r.add(CheckLiveAccount, Failed, fmt.Sprintf("account %q is disabled", a.Name), fmt.Sprintf("enable it in ConfigMap %s", ArgoCDConfigMap))
		return
	}
	r.add(CheckLiveAccount, OK, fmt.Sprintf("account %q may do what type %s needs", a.Name, r.auth.Mode), "")
}
