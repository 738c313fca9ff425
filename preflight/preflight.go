//go:build cluster

// Package preflight tells, before anything is installed, whether the credential
// that values declare will work: whether the Secret is there, whether what it holds
// is a credential, and whether the Argo CD beside it would accept it. It reads and
// never writes; no result quotes a credential.
package preflight

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rights"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
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
	// ArgoCD says how Argo CD's API is reached; its URL is "" to try the Service in the
	// cluster.
	ArgoCD argocd.Options
	// NoLive leaves the live checks out.
	NoLive bool
	// RequireLive makes it a failure that Argo CD has not judged the credential.
	RequireLive bool
}

// Run makes all checks. The error says that the cluster cannot be asked, that the
// linter is broken, or that ctx is over; what the cluster refuses to one's account is
// a Result instead.
func Run(ctx context.Context, cluster Cluster, opts Options) (Report, error) {
	r := &run{cluster: cluster, opts: opts, secretsRead: map[string]*corev1.Secret{}}
	for _, c := range checks() {
		if err := r.check(ctx, c); err != nil {
			return Report{}, err
		}
	}
	report := Report{Namespace: opts.Namespace, Results: r.results, Tried: r.tried}
	if r.key.Account != "" {
		report.Key = &Key{Account: r.key.Account, ID: r.key.ID, Expires: r.key.Expires}
	}
	return report, nil
}

// run is one pass over the checks. Each check leaves what the later ones build on.
type run struct {
	cluster Cluster
	opts    Options
	linter  schema.Linter
	results []Result

	// Of the values. auth is zero where they declare no credential that could be
	// checked, and then unfit says why.
	auth   auth.Auth
	unfit  string
	server endpoint.Server
	// runtime holds what the Runtime's chart is given.
	runtime *values.Values
	// reservedBy holds what lint says of reserved Secrets.
	reservedBy []diag.Diagnostic
	// bundled is set where the chart brings its own Argo CD.
	bundled bool
	// absent is set where the namespace does not exist.
	absent bool

	// Of the cluster; empty where it is missing or may not be read.
	secretsRead map[string]*corev1.Secret
	references  []reference
	credential  auth.Secret
	username    string
	key         token.Token // what credential is, in token mode
	service     *corev1.Service
	// fit is set where credential is nothing that Argo CD would refuse at sight.
	fit bool
	// noConfig says why argocd-cm is not known, "" where it is.
	noConfig string
	// configMap is argocd-cm, nil where it is not known.
	configMap *corev1.ConfigMap
	// ours is what lint says of the Runtime's account in it.
	ours []diag.Diagnostic

	// Of Argo CD's API. api is nil where that cannot be reached.
	api        *argocd.Client
	version    string // of Argo CD, wherever it answers; "" where it does not
	tried      bool   // with the credential
	account    argocd.Account
	accountErr error // why Argo CD does not show the account
	// asked is nil where the account's rights were not asked for.
	asked *rights.Answer
}

// accountName is the account that the Runtime uses, "" where that is not known.
func (r *run) accountName() string {
	if r.auth.Mode == auth.ModePassword {
		return r.username
	}
	return r.key.Account
}
