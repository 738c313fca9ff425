//go:build cluster

package preflight

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// The objects in which Argo CD keeps its settings (Argo CD 3.6 common/common.go).
const (
	ArgoCDConfigMap = "argocd-cm"
	ArgoCDSecret    = "argocd-secret"
)

const enabledRule = "account-enabled"

// argoCDConfig checks argocd-cm, first by itself and then for the Runtime's account.
func (r *run) argoCDConfig() error {
	why := ""
	switch {
	case r.bundled:
		why = "the chart brings an Argo CD of its own"
	case r.absent:
		why = "the namespace does not exist"
	}
	if why != "" {
		r.skip(CheckArgoCDConfig, why)
		r.skip(CheckAccount, why)
		return nil
	}
	cm, err := r.cluster.ConfigMap(r.ctx, r.opts.Namespace, ArgoCDConfigMap)
	o := r.configMapAt(ArgoCDConfigMap)
	before := len(r.results)
	found, err := r.outcome(CheckArgoCDConfig, o, err)
	switch {
	case err != nil:
		return err
	case len(r.results) > before:
		r.skip(CheckAccount, o.why())
		return nil
	case !found:
		r.add(CheckArgoCDConfig, Failed, fmt.Sprintf("no ConfigMap %q in namespace %q, so no Argo CD keeps its accounts here", ArgoCDConfigMap, r.opts.Namespace),
			"install the Runtime into the namespace of its Argo CD")
		r.skip(CheckAccount, fmt.Sprintf("no ConfigMap %q", ArgoCDConfigMap))
		return nil
	}
	return r.accounts(cm)
}

func (r *run) accounts(cm *corev1.ConfigMap) error {
	config, err := parseConfig(cm)
	if err != nil {
		return err
	}
	r.accountNames = namesIn(cm)
	general, err := r.lintBlock(nil, config)
	if err != nil {
		return err
	}
	ours := []diag.Diagnostic{}
	judged := r.auth != nil && (r.fit || r.credential.IsZero() || r.key.Account != "")
	if judged {
		if ours, err = r.resolved(config); err != nil {
			return err
		}
	}
	ours = slices.DeleteFunc(ours, func(d diag.Diagnostic) bool {
		return !isAboutAccounts(d.Rule) || slices.ContainsFunc(general, func(g diag.Diagnostic) bool { return same(g, d) && g.Severity == d.Severity })
	})
	r.config(cm, slices.DeleteFunc(general, func(g diag.Diagnostic) bool {
		return slices.ContainsFunc(ours, func(d diag.Diagnostic) bool { return same(g, d) })
	}))
	r.account(judged, ours)
	return nil
}

func isAboutAccounts(rule string) bool { return rule == enabledRule || rule == "account-capability" }

func same(a, b diag.Diagnostic) bool { return a.Path == b.Path && a.Message == b.Message }

// config reports what concerns every account.
func (r *run) config(cm *corev1.ConfigMap, general []diag.Diagnostic) {
	before := len(r.results)
	if cm.Labels[PartOfLabel] != PartOf {
		r.add(CheckArgoCDConfig, Failed, fmt.Sprintf("ConfigMap %q has not the label %s: %s, so Argo CD does not read it", cm.Name, PartOfLabel, PartOf),
			fmt.Sprintf("kubectl label configmap %s %s=%s", cm.Name, PartOfLabel, PartOf))
	}
	for _, d := range general {
		r.add(CheckArgoCDConfig, statusOf(d.Severity), inConfig(d), d.Hint)
	}
	if len(r.results) == before {
		r.add(CheckArgoCDConfig, OK, fmt.Sprintf("ConfigMap %q is one that Argo CD reads", cm.Name), "")
	}
}

// account reports what concerns the account that the Runtime uses.
func (r *run) account(judged bool, ours []diag.Diagnostic) {
	before := len(r.results)
	for _, d := range ours {
		r.add(CheckAccount, statusOf(d.Severity), inConfig(d), d.Hint)
	}
	name := r.accountName()
	if r.mode() == schema.ModePassword && len(name) > maxUsername {
		r.add(CheckAccount, Failed, fmt.Sprintf("the name of account %q is too long: nobody can sign in with more than %d bytes", name, maxUsername),
			"give the Runtime an account with a shorter name")
	}
	switch {
	case len(r.results) > before:
	case r.auth == nil:
		r.skip(CheckAccount, r.unfit)
	case !judged && r.mode() == schema.ModePassword:
		r.skip(CheckAccount, "the credential is nothing that one could sign in with")
	case !judged:
		r.skip(CheckAccount, "the credential is of no account")
	case name == "":
		r.skip(CheckAccount, "which account it is stands in a Secret that could not be read; one that would do is there")
	default:
		r.add(CheckAccount, OK, fmt.Sprintf("account %q is enabled and may do what type %s needs", name, r.auth.Mode), "")
	}
}

// maxUsername is the longest name that Argo CD takes with a password, in bytes (Argo
// CD 3.6 util/session/sessionmanager.go). Tokens may be for a longer one.
const maxUsername = 32

// namesIn lists the accounts that argocd-cm names beside admin, in the way of Argo CD.
func namesIn(cm *corev1.ConfigMap) []string {
	var names []string
	for key := range cm.Data {
		parts := strings.Split(key, ".")
		if parts[0] == "accounts" && len(parts) > 1 && len(parts) < 4 && parts[1] != schema.DefaultUsername {
			names = append(names, parts[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// accountName is the account that the Runtime uses, "" where that is not known.
func (r *run) accountName() string {
	if r.mode() == schema.ModePassword {
		return r.username
	}
	return r.key.Account
}

// inConfig is a finding about argocd-cm on one line.
func inConfig(d diag.Diagnostic) string {
	return fmt.Sprintf("ConfigMap %q: %s [%s]", ArgoCDConfigMap, d.Message, d.Rule)
}

// parseConfig hands the ConfigMap to lint, which reads Argo CD's settings in files.
func parseConfig(cm *corev1.ConfigMap) (*schema.ArgoCDConfig, error) {
	data, err := encode(map[string]any{
		"kind":     "ConfigMap",
		"metadata": map[string]any{"name": ArgoCDConfigMap},
		"data":     cm.Data,
	})
	if err != nil {
		return nil, err
	}
	return schema.ParseArgoCD(ArgoCDConfigMap, data)
}
