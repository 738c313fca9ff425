//go:build cluster

// Package owner finds out what keeps an object of Argo CD's in a state of its own. Argo CD writes API
// keys into Secret argocd-secret and accounts into ConfigMap argocd-cm; whatever else writes these
// objects can undo that.
package owner

import (
	"cmp"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
)

// Owner is what keeps an object.
type Owner struct {
	Kind, Name string
	lasts      string // what makes a change last
}

// What owners leave on an object, apart from ownerReferences. Helm itself is no such owner: the argo-cd
// chart's Secret holds no API keys, and Helm's three-way merge leaves alone what neither the old nor the new
// manifest holds. So app.kubernetes.io/managed-by: Helm is no mark, nor is app.kubernetes.io/instance, which
// that chart sets however it is installed; an Application that tracks by this label alone is not recognised.
const (
	trackingID    = "argocd.argoproj.io/tracking-id" // Argo CD 3.5 common/common.go
	instance      = "argocd.argoproj.io/instance"    // where application.instanceLabelKey says so
	operatorName  = "argocds.argoproj.io/name"       // argocd-operator common/keys.go
	fluxKustomize = "kustomize.toolkit.fluxcd.io/name"
	fluxHelm      = "helm.toolkit.fluxcd.io/name"
)

// Of returns what keeps an object of this kind, and whether anything does.
func Of(kind string, o metav1.Object) (Owner, bool) {
	labels, annotations := o.GetLabels(), o.GetAnnotations()
	owner := Owner{}
	refs := o.GetOwnerReferences()
	if controller := metav1.GetControllerOfNoCopy(o); controller != nil {
		refs = []metav1.OwnerReference{*controller}
	}
	application := tracked(annotations[trackingID], kind, o)
	switch {
	case len(refs) > 0:
		owner = Owner{Kind: refs[0].Kind, Name: refs[0].Name}
	case annotations[operatorName] != "":
		owner = Owner{Kind: "ArgoCD", Name: annotations[operatorName]}
	case cmp.Or(application, labels[instance]) != "":
		owner = Owner{Kind: "Application", Name: cmp.Or(application, labels[instance])}
	case labels[fluxKustomize] != "":
		owner = Owner{Kind: "Kustomization", Name: labels[fluxKustomize]}
	case labels[fluxHelm] != "":
		owner = Owner{Kind: "HelmRelease", Name: labels[fluxHelm]}
	default:
		return Owner{}, false
	}
	owner.lasts = lasts(owner.Kind, kind)
	return owner, true
}

// tracked returns the Application of a tracking id, APPLICATION:GROUP/KIND:NAMESPACE/NAME, "" where it
// is that of another object, from which it was copied. Argo CD looks no further at such a one either.
func tracked(id, kind string, o metav1.Object) string {
	application, of, _ := strings.Cut(id, ":")
	if of != "/"+kind+":"+o.GetNamespace()+"/"+o.GetName() {
		return ""
	}
	return application
}

// lasts says how a key, or an account, is kept for good beside an owner.
func lasts(owner, kind string) string {
	switch owner {
	case "ArgoCD":
		return "declare accounts and their keys in the ArgoCD resource: spec.localUsers, or spec.extraConfig"
	case "ExternalSecret":
		return "set spec.target.creationPolicy and spec.target.template.mergePolicy of the ExternalSecret to Merge, or put the keys into its source"
	case "SealedSecret":
		return `annotate the Secret with sealedsecrets.bitnami.com/patch: "true", or seal the keys too`
	case "Application":
		if kind == "ConfigMap" {
			return "declare the accounts in the source of the Application"
		}
		return "let the Application ignore /data of the Secret (spec.ignoreDifferences, with syncOptions RespectIgnoreDifferences=true)"
	case "Kustomization":
		return "annotate the object with kustomize.toolkit.fluxcd.io/ssa: Merge, or put the change into the source of the Kustomization"
	case "HelmRelease":
		return "put the accounts into the values of the HelmRelease, and do not let it force upgrades"
	}
	return "put the change into the source of that"
}

// Report says what keeps Argo CD's Secret and ConfigMap, each nil where it is not known. It returns
// nothing where neither is.
func Report(s *corev1.Secret, cm *corev1.ConfigMap) (all []verdict.Result) {
	var free []string
	look := func(kind string, o metav1.Object) {
		if by, ok := Of(kind, o); ok {
			seen, advice := by.Warning(kind, o.GetName())
			all = append(all, verdict.Result{Status: verdict.Warning, Seen: seen, Advice: advice})
			return
		}
		free = append(free, fmt.Sprintf("%s %q", kind, o.GetName()))
	}
	if s != nil {
		look("Secret", s)
	}
	if cm != nil {
		look("ConfigMap", cm)
	}
	if len(all) == 0 && len(free) > 0 {
		all = append(all, verdict.Result{Status: verdict.OK, Seen: "nothing undoes what Argo CD writes into " + strings.Join(free, " and ")})
	}
	return all
}

// Warning says what the owner of an object may undo, and what lasts.
func (o Owner) Warning(kind, name string) (seen, advice string) {
	what := "API keys created later can vanish"
	if kind == "ConfigMap" {
		what = "accounts added to it by hand can vanish, and their API keys with them"
	}
	return fmt.Sprintf("%s %q is managed by %s %q: %s at its next sync", kind, name, o.Kind, o.Name, what), o.lasts
}
