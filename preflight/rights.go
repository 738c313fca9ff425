//go:build cluster

package preflight

import (
	"context"
	"errors"

	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rights"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// askRights asks Argo CD what the account of a token may do.
func (r *run) askRights(ctx context.Context, token auth.Secret) {
	r.asked = rights.Ask(ctx, r.api, token)
}

// accountRights holds what the account may do against what a Runtime asks for.
func (r *run) accountRights(ctx context.Context) ([]Result, error) {
	cm, err := r.cluster.ConfigMap(ctx, r.opts.Namespace, rbac.ConfigMap)
	cm, err = found(cm, err, object{"get", "configmaps", r.opts.Namespace, rbac.ConfigMap})
	hidden, isHidden := errors.AsType[ended](err)
	if err != nil && !isHidden {
		return nil, err
	}
	var policy *rbac.Policy
	unknown := hidden.Result
	if !isHidden {
		var data map[string]string
		if cm != nil {
			if data = cm.Data; data == nil {
				data = map[string]string{} // it is there, and says nothing
			}
		}
		policy, unknown = rights.Parse(data)
	}
	return []Result{rights.Judge(r.opts.Namespace, r.accountName(), r.asked, policy, unknown)}, nil
}
