//go:build cluster

package preflight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

// liveServer asks Argo CD for its version.
func (r *run) liveServer(ctx context.Context) ([]Result, error) {
	to := r.opts.ArgoCD
	to.URL = strings.TrimRight(to.URL, "/")
	if r.opts.ArgoCD.URL == "" {
		to.URL = serviceURL(r.service, max(r.server.port, 0))
	}
	api, err := argocd.New(to)
	if err != nil {
		return result(Failed, err.Error(), "give the address as https://HOST[:PORT][/PATH]")
	}
	version, err := api.Version(ctx)
	if err != nil {
		return r.unreachable(to.URL, err)
	}
	r.api = api
	return result(OK, fmt.Sprintf("Argo CD %s answers at %s", version, to.URL), "")
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
func (r *run) unreachable(url string, err error) ([]Result, error) {
	hint := ""
	if failed, ok := errors.AsType[*argocd.Error](err); ok {
		hint = failed.Hint
	}
	seen := fmt.Sprintf("no answer from Argo CD at %s: %v", url, err)
	if r.opts.ArgoCD.URL != "" {
		return result(Failed, seen, cmp.Or(hint, "see whether the address is Argo CD's"))
	}
	advice := "give an address that can be reached from here with --argo-cd-url"
	if hint != "" {
		advice += "; " + hint
	}
	return result(Skipped, seen, advice)
}
