//go:build cluster

package apikey

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rights"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// permitted asks whether somebody may make API keys for an account: for their own always,
// without Argo CD's policy being asked (server/account/account.go).
func (k *Keys) permitted(ctx context.Context, me argocd.Userinfo, session auth.Secret, account string) error {
	if me.Username == account && me.Issuer == "argocd" {
		return nil
	}
	var lacking, lines []string
	for _, action := range []string{"get", "update"} {
		ok, err := k.API.CanI(ctx, session, "accounts", action, account)
		if err != nil {
			return k.explain(ctx, err)
		}
		if !ok {
			lacking = append(lacking, "accounts, "+action)
			lines = append(lines, fmt.Sprintf("%q", fmt.Sprintf("p, %s, accounts, %s, %s, allow", me.Username, action, account)))
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return refuse(fmt.Sprintf("add %s to policy.csv in ConfigMap %s, or sign in as the account itself", strings.Join(lines, " and "), rbac.ConfigMap),
		"%q may not make API keys for account %q: Argo CD's policy does not grant %s", me.Username, account, strings.Join(lacking, " and "))
}

// warnOfRights says what the account may not do that a Runtime needs. Argo CD tells it to
// the account alone; to others the policy does, where that can be read.
func (k *Keys) warnOfRights(ctx context.Context, me argocd.Userinfo, token auth.Secret, o Options) {
	var lacking []rbac.Right
	var policy *rbac.Policy
	err := errors.New("only the account itself can ask Argo CD")
	switch {
	case me.Username == o.Account:
		answer := rights.Ask(ctx, k.API, token)
		lacking, err = answer.Lacking, answer.Err
		if len(lacking) > 0 && k.Configs != nil {
			policy, _ = k.policy(ctx) // without it, the advice is the usual one
		}
	case k.Configs != nil:
		if policy, err = k.policy(ctx); err == nil {
			lacking = policy.Lacking(o.Account)
		}
	}
	switch {
	case err != nil:
		k.Warn(fmt.Sprintf("it is not known what account %q may do in Argo CD: %v", o.Account, err), "see the check account-rights: "+k.Place.Command("check"))
	case len(lacking) > 0:
		k.Warn(rbac.Lacks(o.Account, lacking), policy.Grant(o.Target.Namespace, o.Account))
	}
}

// policy reads the one that the cluster has.
func (k *Keys) policy(ctx context.Context) (*rbac.Policy, error) {
	cm, err := k.Configs.Get(ctx, rbac.ConfigMap, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return rbac.Parse(nil, nil)
	case err != nil:
		return nil, fmt.Errorf("ConfigMap %q cannot be read (verb get, resource configmaps)", rbac.ConfigMap)
	}
	data := map[string]string{}
	maps.Copy(data, cm.Data)
	return rbac.Parse(data, nil)
}
