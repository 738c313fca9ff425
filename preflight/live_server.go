//go:build cluster

package preflight

import (
	"context"

	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/preflight/settings"
)

// liveServer asks Argo CD for its version: at the address that was given, else where the
// Runtime will ask.
func (r *run) liveServer(ctx context.Context) ([]Result, error) {
	parameters, err := r.parameters(ctx)
	if err != nil { // the check of the Service has said so
		parameters = nil
	}
	asking := endpoint.Asking{Server: r.server, Service: r.service, Options: r.opts.ArgoCD, Certificates: r.certificates, Parameters: parameters}
	answer, err := asking.Ask(ctx)
	r.api, r.version = answer.Client, answer.Version
	if err != nil {
		return nil, err
	}
	return []Result{answer.Result}, nil
}

// certificates are those that Argo CD serves: that of argocd-server-tls, else the one that
// it has made for itself, in argocd-secret.
func (r *run) certificates(ctx context.Context) (all [][]byte) {
	for _, name := range []string{settings.TLSSecret, ArgoCDSecret} {
		if s, err := r.secret(ctx, name); err == nil && s != nil {
			all = append(all, s.Data["tls.crt"])
		}
	}
	return all
}
