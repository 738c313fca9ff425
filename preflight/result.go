//go:build cluster

package preflight

import (
	"slices"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
)

// Status is how a check ended.
type Status = verdict.Status

// The states.
const (
	OK      = verdict.OK
	Warning = verdict.Warning
	Failed  = verdict.Failed
	Skipped = verdict.Skipped
)

// The ids of the checks, in the order in which a Report holds them.
const (
	CheckValues        = "values"           // the block lints clean
	CheckNamespace     = "namespace"        // the namespace exists
	CheckReserved      = "reserved-secret"  // no Secret that the Runtime, or Helm, keeps for something else
	CheckSecret        = "secret"           // the Secrets of the references exist
	CheckKey           = "key"              // they have the keys, and something is in them
	CheckCredential    = "credential"       // it is an API key that does not end, or a password without padding
	CheckArgoCD        = "argo-cd"          // Argo CD runs in the same namespace, and serves the port
	CheckArgoCDConfig  = "argo-cd-config"   // argocd-cm is one that Argo CD can read
	CheckOwner         = "argo-cd-owner"    // nothing else keeps argocd-secret and argocd-cm
	CheckAccount       = "account"          // the account exists, is enabled, and may do what the mode needs
	CheckKnown         = "credential-known" // Argo CD still knows the token; the password is the one it has
	CheckAppProxyToken = "app-proxy-token"  // password mode: an argocd-token of an earlier installation still works
	CheckPodsCurrent   = "pods-current"     // the pods that run have read the credential since it was changed
	CheckLiveServer    = "live-server"      // Argo CD answers
	CheckArgoCDVersion = "argo-cd-version"  // the chart accepts the version of the Argo CD that runs
	CheckLiveSession   = "live-session"     // it accepts the credential
	CheckLiveAccount   = "live-account"     // it says the same of the account
	CheckRights        = "account-rights"   // the account may do what a Runtime asks of Argo CD
)

// Result is what one check found.
type Result = verdict.Result

// Report holds the results for one Runtime.
type Report struct {
	// Namespace is where the Runtime is, or will be, installed.
	Namespace string `json:"namespace"`
	// Release is the Helm release whose recorded values were checked; "" where the
	// values were given.
	Release string `json:"release,omitempty"`
	// Source is the object of a GitOps engine whose values were checked, such as
	// "Application argocd/runtime"; "" where they are from elsewhere.
	Source string `json:"source,omitempty"`
	// Key is the API key that the Runtime signs in with; nil where it is none, or is not
	// known.
	Key     *Key     `json:"key,omitempty"`
	Results []Result `json:"results"`
	// Tried is set where the credential was sent to Argo CD.
	Tried bool `json:"-"`
}

// Key is what an API key says of itself.
type Key struct {
	Account string    `json:"account"`
	ID      string    `json:"id"`
	Expires time.Time `json:"expiresAt,omitzero"` // zero: never
}

// Count returns how many results have the status.
func (r Report) Count(s Status) (n int) {
	for _, result := range r.Results {
		if result.Status == s {
			n++
		}
	}
	return n
}

// Judged reports whether anything was looked at beside the values.
func (r Report) Judged() bool {
	return slices.ContainsFunc(r.Results, func(result Result) bool {
		return result.Status != Skipped && result.ID != CheckValues && result.ID != CheckReserved
	})
}
