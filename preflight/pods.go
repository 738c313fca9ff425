//go:build cluster

package preflight

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// podsCurrent looks for pods that have read a Secret before it was changed, and not since:
// app-proxy takes the credential into its environment when it starts.
func (r *run) podsCurrent(ctx context.Context) (all []Result, _ error) {
	pods, err := r.cluster.Pods(ctx, r.opts.Namespace)
	pods, err = found(pods, err, object{"list", "pods", r.opts.Namespace, ""})
	if err != nil {
		return nil, err
	}
	refs := []auth.SecretRef{r.auth.Credential()}
	if r.auth.UsernameRef != nil {
		refs = append(refs, *r.auth.UsernameRef)
	}
	seen := Result{Status: Skipped, Seen: fmt.Sprintf("no running pod reads Secret %q", refs[0].Name)}
	for _, ref := range refs {
		var s *corev1.Secret
		readers := consumer.Running(pods, consumer.Ref{Namespace: r.opts.Namespace, Secret: ref.Name, Key: ref.Key})
		if len(readers) > 0 {
			if s, err = r.secret(ctx, ref.Name); err != nil {
				return nil, err
			}
		}
		if s == nil { // then the check secret says so
			continue
		}
		seen = Result{Status: OK, Seen: fmt.Sprintf("every running pod has read Secret %q since it was last changed", ref.Name)}
		for _, o := range consumer.OutdatedOf(readers, s) {
			all = append(all, Result{Status: Warning, Seen: o.String(), Advice: "restart it: " + o.Restart(o.Pod.Name)})
		}
	}
	if len(all) == 0 {
		all = append(all, seen)
	}
	return all, nil
}
