// Package rights judges whether the account of a Runtime may do in Argo CD what a Runtime
// asks for: by what the Argo CD that runs answers, or by the policy in its ConfigMap.
package rights

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// Answer is what the Argo CD that runs says that an account lacks; Err is why it says
// nothing.
type Answer struct {
	Lacking []rbac.Right
	Err     error
}

// Ask asks Argo CD what the account of a token may not do.
func Ask(ctx context.Context, api *argocd.Client, token auth.Secret) *Answer {
	lacking, err := rbac.Lacking(func(r rbac.Right) (bool, error) { return api.CanI(ctx, token, r.Resource, r.Action, r.Object) })
	return &Answer{lacking, err}
}

// Parse reads the data of argocd-rbac-cm, nil where there is none. Where Argo CD cannot
// read it either, there is no Policy but what is to be said of it.
func Parse(data map[string]string) (*rbac.Policy, verdict.Result) {
	p, err := rbac.Parse(data, nil)
	if err != nil {
		return nil, verdict.Result{
			Status: verdict.Failed, Advice: "fix it: argocd-server does not start with such a ConfigMap",
			Seen: fmt.Sprintf("Argo CD cannot read ConfigMap %q, and so grants nothing: %v", rbac.ConfigMap, err),
		}
	}
	return p, verdict.Result{}
}

// Judge says what an account may do in the Argo CD of a namespace. The Argo CD that runs
// knows best; live is nil where it was not asked. policy is nil where it is not known, and
// then unknown says why.
func Judge(namespace, account string, live *Answer, policy *rbac.Policy, unknown verdict.Result) verdict.Result {
	isLive := live != nil && live.Err == nil
	switch {
	case unknown.Status == verdict.Failed:
		return unknown
	case live != nil && argocd.Status(live.Err) == http.StatusInternalServerError:
		return verdict.Result{
			Status: verdict.Warning, Seen: "Argo CD cannot tell what the account may do: " + said(live.Err),
			Advice: fmt.Sprintf("see whether the policy in ConfigMap %s is valid", rbac.ConfigMap),
		}
	case policy == nil && !isLive:
		return unknown
	}
	source := fmt.Sprintf("by ConfigMap %q", rbac.ConfigMap)
	var lacking []rbac.Right
	if policy != nil {
		lacking = policy.Lacking(account)
	}
	switch {
	case isLive:
		source = "by the Argo CD that runs"
		if policy != nil && !slices.Equal(lacking, live.Lacking) {
			source += fmt.Sprintf(", but not by the current ConfigMap %q", rbac.ConfigMap)
		}
		lacking = live.Lacking
	case live != nil:
		source += "; the Argo CD that runs gave no answer: " + said(live.Err)
	}
	if len(lacking) > 0 {
		return verdict.Result{
			Status: verdict.Warning, Seen: fmt.Sprintf("%s (%s)", rbac.Lacks(account, lacking), source),
			Advice: policy.Grant(namespace, account),
		}
	}
	return verdict.Result{Status: verdict.OK, Seen: fmt.Sprintf("account %q may do what a Runtime asks of Argo CD (%s)", account, source)}
}

// said is what Argo CD has answered instead, or why it has not.
func said(err error) string {
	if e, ok := errors.AsType[*argocd.Error](err); ok {
		return e.Said()
	}
	return err.Error()
}
