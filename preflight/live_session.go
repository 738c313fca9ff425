//go:build cluster

package preflight

import (
	"context"
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/preflight/session"
)

// session is the credential, as it is tried at Argo CD.
func (r *run) session() session.Session {
	s := session.Session{
		API: r.api, Mode: r.auth.Mode, Name: r.accountName(), Credential: r.credential, IsRight: r.has(CheckKnown, OK),
		Meanwhile: r.askRights, Explicit: r.opts.ArgoCD.URL != "" || r.opts.ArgoCD.Dial != nil, Required: r.opts.RequireLive,
		Create: "create an API key: " + r.createKey(anyAccount),
	}
	if r.has(CheckArgoCDConfig, Failed) || r.has(CheckAccount, Failed) {
		s.First = fmt.Sprintf("fix the checks %s and %s first", CheckArgoCDConfig, CheckAccount)
	}
	return s
}

// liveSession tries the credential, and asks for the account with it.
func (r *run) liveSession(ctx context.Context) (found []Result, _ error) {
	r.tried = true
	found, r.account, r.accountErr = r.session().Try(ctx)
	return found, nil
}

// liveAccount holds the account as Argo CD has it now against what the mode needs.
func (r *run) liveAccount(context.Context) ([]Result, error) {
	return r.session().Account(r.account, r.accountErr), nil
}
