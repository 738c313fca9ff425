//go:build cluster

package endpoint

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
)

// Asking asks Argo CD for its version.
type Asking struct {
	Server  Server
	Service *corev1.Service // nil where it is not known
	Options argocd.Options  // its URL is "" to ask where the Runtime does
	// Certificates are those that Argo CD keeps in the cluster, in PEM. They count for the
	// names of the Service alone.
	Certificates func(context.Context) [][]byte
	// Parameters are those of Argo CD's components, nil where they are not known.
	Parameters map[string]string
}

// Answer is what came of it.
type Answer struct {
	Client  *argocd.Client // nil where the Runtime, or whoever gave the address, gets none
	Version string         // of the Argo CD that answered, wherever
	// Result is skipped if nobody gave an address and nothing answers, because from outside
	// the cluster a Service is out of reach.
	Result verdict.Result
}

// Ask calls the address. The error is that of the context.
func (a Asking) Ask(ctx context.Context) (Answer, error) {
	given := strings.TrimRight(a.Options.URL, "/")
	to, shown := given, given
	if given == "" {
		to, shown = a.Server.From(a.Service.Namespace), a.Server.URL()
	}
	api, version, err := a.version(ctx, to, a.Options.Insecure)
	problem, called := errors.AsType[*argocd.Error](err)
	switch {
	case ctx.Err() != nil:
		return Answer{}, ctx.Err()
	case err == nil:
		return Answer{api, version, verdict.Result{Status: verdict.OK, Seen: fmt.Sprintf("Argo CD %s answers at %s", version, shown)}}, nil
	case !called:
		return Answer{Result: *failed("give the address as https://HOST[:PORT][/PATH]", "%v", err)}, nil
	case given != "":
		advice := problem.Hint
		if advice == "" {
			advice = "see whether the address is Argo CD's"
		}
		return Answer{Result: *failed(advice, "no answer from Argo CD at %s: %v", given, err)}, nil
	}
	seen := fmt.Sprintf("the Runtime calls %s, and there is no answer from Argo CD: %v", shown, err)
	if url, version, advice := a.elsewhere(ctx); url != "" {
		return Answer{Version: version, Result: *failed(advice, "%s; Argo CD %s answers at %s", seen, version, url)}, nil
	}
	switch {
	case !problem.Answered && a.Options.Dial == nil:
		advice := "give an address that can be reached from here with --argo-cd-url, or use --port-forward; " + problem.Hint
		return Answer{Result: verdict.Result{Status: verdict.Skipped, Seen: seen, Advice: strings.TrimSuffix(advice, "; ")}}, nil
	case !problem.Answered && problem.Hint != "": // why the way there is not open
		return Answer{Result: *failed(problem.Hint, "%s", seen)}, nil
	}
	return Answer{Result: *failed(fmt.Sprintf("see whether %s names Argo CD's API", a.Server.Path), "%s", seen)}, nil
}

// version asks one address. There is no client for what is not an address.
func (a Asking) version(ctx context.Context, url string, insecure bool) (*argocd.Client, string, error) {
	to := a.Options
	to.URL, to.Insecure = url, insecure
	if !insecure && a.Service != nil && strings.HasPrefix(url, "https:") && IsOf(url, a.Service.Name, a.Service.Namespace) {
		to.Roots = a.trusted(ctx)
	}
	api, err := argocd.New(to)
	if err != nil {
		return nil, "", err
	}
	version, err := api.Version(ctx)
	return api, version, err
}

// trusted is what is trusted already, and Argo CD's own certificates.
func (a Asking) trusted(ctx context.Context) *x509.CertPool {
	all, err := x509.SystemCertPool()
	switch {
	case a.Options.Roots != nil:
		all = a.Options.Roots.Clone()
	case err != nil:
		all = x509.NewCertPool()
	}
	for _, pem := range a.Certificates(ctx) {
		all.AppendCertsFromPEM(pem)
	}
	return all
}

// elsewhere looks for Argo CD where the Runtime does not call it: below another root path,
// and by TLS. It returns the address, and how the Runtime would come to its answer. No
// credential is sent, so that any certificate will do.
func (a Asking) elsewhere(ctx context.Context) (url, version, advice string) {
	for _, path := range []string{a.Server.RootPath, a.Parameters[rootPathParameter], ""} {
		other, changes := a.Server, []string(nil)
		if !SameRoot(path, a.Server.RootPath) {
			other.RootPath = strings.TrimSuffix("/"+strings.Trim(path, "/"), "/")
			changes = append(changes, fmt.Sprintf("set %s.rootpath to %q", a.Server.Path, other.RootPath))
		}
		for _, url := range a.addresses(other) {
			_, version, err := a.version(ctx, url, true)
			if err != nil {
				continue
			}
			if strings.HasPrefix(url, "https:") {
				changes = append(changes, fmt.Sprintf("the chart calls plain http only: set server.insecure to \"true\" in ConfigMap %s and restart argocd-server", Parameters))
			}
			return url, version, strings.Join(changes, "; ")
		}
	}
	return "", "", ""
}

// addresses are those of a server but for the Runtime's own: with TLS, on the same port
// and on 443, and without where the root path is another.
func (a Asking) addresses(s Server) (all []string) {
	namespace := a.Service.Namespace
	if plain := s.From(namespace); plain != a.Server.From(namespace) {
		all = append(all, plain)
	}
	for _, p := range a.Service.Spec.Ports {
		if int(p.Port) == s.Port || p.Port == 443 || p.Name == "https" {
			all = append(all, s.TLS(namespace, p.Port))
		}
	}
	return all
}
