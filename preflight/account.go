//go:build cluster

package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/preflight/owner"
	"github.com/helm-runtime-auth/runtime-auth/preflight/settings"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

// The objects in which Argo CD keeps its settings.
const (
	ArgoCDConfigMap = settings.ConfigMap
	ArgoCDSecret    = settings.Secret
)

// noArgoCD is the error where there is no such object of Argo CD's.
func (r *run) noArgoCD(kind, name, keeps string) error {
	return ended{Result{Status: Failed, Advice: installThere,
		Seen: fmt.Sprintf("no %s %q in namespace %q, so no Argo CD keeps its %s here", kind, name, r.opts.Namespace, keeps)}}
}

// argoCDConfig checks argocd-cm by itself, and leaves what lint says of the Runtime's
// account in it.
func (r *run) argoCDConfig(ctx context.Context) (all []Result, _ error) {
	cm, err := r.cluster.ConfigMap(ctx, r.opts.Namespace, ArgoCDConfigMap)
	cm, err = found(cm, err, object{"get", "configmaps", r.opts.Namespace, ArgoCDConfigMap})
	switch {
	case err != nil:
		r.noConfig = err.Error()
		return nil, err
	case cm == nil:
		r.noConfig = fmt.Sprintf("no ConfigMap %q", ArgoCDConfigMap)
		return nil, r.noArgoCD("ConfigMap", ArgoCDConfigMap, "accounts")
	}
	general, err := r.accounts(cm)
	if err != nil {
		return nil, err
	}
	if cm.Labels[endpoint.PartOfLabel] != endpoint.PartOf {
		all = append(all, Result{Status: Failed, Seen: fmt.Sprintf("ConfigMap %q lacks the label %s: %s, so Argo CD does not read it", cm.Name, endpoint.PartOfLabel, endpoint.PartOf),
			Advice: shell.Kubectl(r.opts.Namespace, "label", "configmap", cm.Name, endpoint.PartOfArgoCD)})
	}
	if fault, isFatal := settings.URL(cm.Data); fault != "" {
		status := map[bool]Status{true: Failed, false: Warning}[isFatal]
		all = append(all, Result{Status: status, Seen: fault, Advice: "set it to the address of Argo CD, https://HOST[/PATH]"})
	}
	if all = append(all, results(general, inConfig)...); len(all) > 0 {
		return all, nil
	}
	return result(OK, fmt.Sprintf("ConfigMap %q is one that Argo CD reads", cm.Name), "")
}

// owners reports what else keeps the objects into which Argo CD writes its keys and accounts.
func (r *run) owners(ctx context.Context) (all []Result, _ error) {
	s, err := r.secret(ctx, ArgoCDSecret)
	if end := (ended{}); errors.As(err, &end) {
		all = append(all, end.Result)
	} else if err != nil {
		return nil, err
	}
	if r.noConfig != "" {
		all = append(all, Result{Status: Skipped, Seen: r.noConfig})
	}
	return append(all, owner.Report(s, r.configMap)...), nil
}

// accounts lints argocd-cm, which gives what concerns every account, and then with the
// Runtime's block, which gives what concerns the Runtime's. What both say belongs to the
// former, unless it is worse for the Runtime.
func (r *run) accounts(cm *corev1.ConfigMap) (general []diag.Diagnostic, _ error) {
	data, err := encode(map[string]any{"kind": "ConfigMap", "metadata": map[string]any{"name": ArgoCDConfigMap}, "data": cm.Data})
	if err != nil {
		return nil, err
	}
	config, err := argocd.Parse(ArgoCDConfigMap, data)
	if err != nil {
		return nil, err
	}
	r.configMap = cm
	if general, err = r.lint(map[string]any{}, config); err != nil {
		return nil, err
	}
	if r.isJudged() {
		if r.ours, err = r.resolved(config); err != nil {
			return nil, err
		}
	}
	isIn := func(all []diag.Diagnostic, d diag.Diagnostic, alike bool) bool {
		return slices.ContainsFunc(all, func(o diag.Diagnostic) bool {
			return o.Path == d.Path && o.Message == d.Message && (o.Severity == d.Severity || !alike)
		})
	}
	r.ours = slices.DeleteFunc(r.ours, func(d diag.Diagnostic) bool {
		return schema.RuleOf(d.Rule).Class != rule.Account || isIn(general, d, true)
	})
	return slices.DeleteFunc(general, func(d diag.Diagnostic) bool { return isIn(r.ours, d, false) }), nil
}

// inConfig is a finding about argocd-cm on one line.
func inConfig(d diag.Diagnostic) string {
	return fmt.Sprintf("ConfigMap %q: %s [%s]", ArgoCDConfigMap, d.Message, d.Rule)
}

// isJudged reports whether it is known for whom the account must do.
func (r *run) isJudged() bool {
	return r.unfit == "" && (r.fit || r.credential.IsZero() || r.key.Account != "")
}

// maxUsername is the longest name that Argo CD takes with a password, in bytes (Argo
// CD 3.6 util/session/sessionmanager.go). Tokens may be for a longer one.
const maxUsername = 32

// ownAccount reports what concerns the account that the Runtime uses.
func (r *run) ownAccount(context.Context) ([]Result, error) {
	all := results(r.ours, inConfig)
	name := r.accountName()
	if r.auth.Mode == auth.ModePassword && len(name) > maxUsername {
		all = append(all, Result{Status: Failed, Seen: fmt.Sprintf("the name of account %q is too long: nobody can sign in with more than %d bytes", name, maxUsername),
			Advice: "give the Runtime an account with a shorter name"})
	}
	switch {
	case len(all) > 0:
		return all, nil
	case r.unfit != "":
		return result(Skipped, r.unfit, "")
	case !r.isJudged() && r.auth.Mode == auth.ModePassword:
		return result(Skipped, "the credential cannot be used to sign in", "")
	case !r.isJudged():
		return result(Skipped, "the credential does not name an account", "")
	case name == "":
		return result(Skipped, "the username Secret is unreadable; a suitable account exists", "")
	}
	return result(OK, fmt.Sprintf("account %q is enabled and may do what type %s needs", name, r.auth.Mode), "")
}
