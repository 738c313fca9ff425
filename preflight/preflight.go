//go:build cluster

package preflight

import (
	"context"
	"crypto/x509"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Options of a run.
type Options struct {
	// Values are the merged values of the Runtime.
	Values *values.Values
	// Lint is how the values are linted; its Now is also the clock of the checks.
	Lint schema.Options
	// Namespace is the Runtime's.
	Namespace string
	// Live says how Argo CD's API is reached.
	Live Live
}

// Live says how Argo CD's API is reached.
type Live struct {
	// URL is the base address of the API, "" to try the Service in the cluster.
	URL string
	// Off leaves the live checks out.
	Off bool
	// Roots are the certificate authorities to trust; nil for those of the system.
	Roots *x509.CertPool
	// Insecure accepts any certificate.
	Insecure bool
	// Timeout is that of one call; 10 seconds where it is zero.
	Timeout time.Duration
}

// Run makes all checks. The error says that the cluster cannot be asked, or that
// the linter is broken; what the cluster refuses to one's account is a Result
// instead.
func Run(ctx context.Context, cluster Cluster, opts Options) (Report, error) {
	r := &run{ctx: ctx, cluster: cluster, opts: opts}
	for _, check := range []func() error{
		r.values, r.namespace, r.reserved, r.secrets, r.content, r.argoCD,
		r.argoCDConfig, r.known, r.appProxyToken, r.live,
	} {
		if err := check(); err != nil {
			return Report{}, err
		}
	}
	return Report{Namespace: opts.Namespace, Results: r.results}, nil
}

// run is one pass over the checks. Each check leaves what the later ones build on.
type run struct {
	ctx     context.Context
	cluster Cluster
	opts    Options
	linter  schema.Linter
	results []Result

	// Of the values. auth is nil where they declare no credential that could be
	// checked, and then unfit says why.
	auth   *schema.Auth
	unfit  string
	server server
	// reservedBy holds what lint says of reserved Secrets.
	reservedBy []diag.Diagnostic
	// bundled is set where the chart brings its own Argo CD.
	bundled bool
	// absent is set where the namespace does not exist.
	absent bool

	// Of the cluster; empty where it is missing or may not be read.
	credential schema.Secret
	username   string
	key        token.Token // what credential is, in token mode
	service    *corev1.Service
	// accountNames are those in argocd-cm, without admin.
	accountNames []string
	// fit is set where credential is nothing that Argo CD would refuse at sight.
	fit bool
}

func (r *run) add(id string, status Status, seen, advice string) {
	r.results = append(r.results, Result{ID: id, Status: status, Seen: seen, Advice: advice})
}

// skip adds a result of which nothing is known.
func (r *run) skip(id, why string) { r.add(id, Skipped, why, "") }

// has reports whether a check has ended in some way already.
func (r *run) has(id string, s Status) bool {
	for _, result := range r.results {
		if result.ID == id && result.Status == s {
			return true
		}
	}
	return false
}

// mode is how the Runtime signs in, "" where the values do not tell.
func (r *run) mode() schema.Mode {
	if r.auth == nil {
		return ""
	}
	return r.auth.Mode
}
