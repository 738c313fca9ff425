//go:build cluster

package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/preflight/settings"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// known asks the settings of Argo CD whether it would still accept the credential.
func (r *run) known(ctx context.Context) ([]Result, error) {
	s, all, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	if f := s.Fatal(); f != nil && f.Object == settings.ConfigMap { // the check of that one says so
		s.Config = nil
	}
	if r.auth.Mode == auth.ModePassword {
		return append(all, r.verdict(s.Password(r.username, r.credential.Reveal()), fmt.Sprintf("the password matches that of account %q in Argo CD", r.username))), nil
	}
	refusal := s.Judge(r.credential.Reveal(), r.opts.Lint.Now)
	if refusal != nil && refusal.OfAccount() { // that check says so itself
		refusal = s.Listed(r.key)
	}
	return append(all, r.verdict(refusal, fmt.Sprintf("Argo CD has signed the token and lists its id %q", r.key.ID))), nil
}

// settings reads what Argo CD keeps, and reports what of it may not be read.
func (r *run) settings(ctx context.Context) (s settings.Settings, all []Result, _ error) {
	kept, err := r.secret(ctx, ArgoCDSecret)
	if err == nil && kept == nil {
		err = r.noArgoCD("Secret", ArgoCDSecret, "tokens")
	}
	if err != nil {
		return s, nil, err
	}
	s = settings.Settings{Secret: kept.Data}
	if r.configMap != nil {
		s.Config = settings.Known(r.configMap.Data)
	}
	served, err := r.secret(ctx, settings.TLSSecret)
	var end ended
	switch {
	case errors.As(err, &end):
		all = []Result{end.Result}
	case err != nil:
		return s, nil, err
	case served != nil:
		s.TLS = settings.Known(served.Data)
	}
	return s, all, nil
}

// verdict reports what Argo CD would say of the credential.
func (r *run) verdict(refusal *settings.Refusal, fine string) Result {
	if refusal == nil {
		return Result{Status: OK, Seen: fine}
	}
	found := Result{Status: Failed, Seen: refusal.Error()}
	switch refusal.Reason {
	case settings.Unreadable:
		found.Advice = r.repair(refusal)
	case settings.BadSignature:
		found.Advice = r.renew() + "; if server.secretkey was replaced, every API key of this Argo CD has to be created again"
	case settings.NoPassword:
		found.Advice = "set one: argocd account update-password --account " + shell.Argument(r.username)
	case settings.WrongPassword:
		found.Advice = "put the current password into the Secret, or use type token with an API key: " + r.createKey(anyAccount)
		if r.auth.Ref.Same(auth.DefaultPasswordRef()) {
			found.Advice = "Secret argocd-initial-admin-secret holds only the initial password, which was changed: " + found.Advice
		}
	case settings.BadHash:
		found.Status = Skipped
	default:
		found.Advice = r.renew()
	}
	return found
}

// repair says what to do about a setting that breaks every account. argocd-server generates a signing
// key where it finds none when it starts (Argo CD 3.5 util/settings).
func (r *run) repair(refusal *settings.Refusal) string {
	if refusal.Key == settings.SigningKey {
		return "restore it from a backup, or restart argocd-server, which generates a new one: then every API key has to be created again"
	}
	return "correct it or remove it: " + shell.Kubectl(r.opts.Namespace, "edit", strings.ToLower(refusal.Kind), refusal.Object)
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
	advice := fmt.Sprintf("app-proxy has to renew it, and until then the other services cannot sign in: delete Secret %q and restart app-proxy", auth.AppProxySecretName)
	t, err := token.Parse(string(left.Data[auth.AppProxySecretKey]))
	if err != nil || t.Kind != token.APIKey {
		return result(Warning, what+" holds no API key", advice)
	}
	judged, skipped, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	refusal := judged.Judge(string(left.Data[auth.AppProxySecretKey]), r.opts.Lint.Now)
	if refusal != nil {
		return append(skipped, Result{Status: Warning, Seen: what + " is from an earlier installation: " + refusal.Error(), Advice: advice}), nil
	}
	return result(OK, fmt.Sprintf("%s is an API key of account %q that Argo CD knows", what, t.Account), "")
}
