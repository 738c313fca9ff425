//go:build cluster

package owner_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/owner"
)

func TestOf(t *testing.T) {
	yes := true
	meta := func(labels, annotations map[string]string, refs ...metav1.OwnerReference) *metav1.ObjectMeta {
		return &metav1.ObjectMeta{Namespace: "argocd", Name: "argocd-secret", Labels: labels, Annotations: annotations, OwnerReferences: refs}
	}
	tracking := func(id string) map[string]string { return map[string]string{"argocd.argoproj.io/tracking-id": id} }
	chart := map[string]string{"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "argo-cd", "app.kubernetes.io/part-of": "argocd"}
	for name, tt := range map[string]struct {
		meta *metav1.ObjectMeta
		want string // "" where nothing keeps it
		hint string
	}{
		"nothing":                 {meta(nil, nil), "", ""},
		"Argo CD's own manifests": {meta(map[string]string{"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/name": "argocd-secret"}, nil), "", ""},
		"the chart":               {meta(chart, map[string]string{"meta.helm.sh/release-name": "argo-cd"}), "", ""},
		"an ExternalSecret":       {meta(nil, nil, metav1.OwnerReference{Kind: "ExternalSecret", Name: "es", Controller: &yes}), `ExternalSecret "es"`, "Merge"},
		"a SealedSecret":          {meta(nil, nil, metav1.OwnerReference{Kind: "SealedSecret", Name: "argocd-secret", Controller: &yes}), `SealedSecret "argocd-secret"`, "sealedsecrets.bitnami.com/patch"},
		"the operator":            {meta(nil, nil, metav1.OwnerReference{Kind: "ArgoCD", Name: "openshift-gitops", Controller: &yes}), `ArgoCD "openshift-gitops"`, "spec.localUsers"},
		"the operator's mark":     {meta(nil, map[string]string{"argocds.argoproj.io/name": "gitops"}), `ArgoCD "gitops"`, "spec.extraConfig"},
		"the controller of two":   {meta(nil, nil, metav1.OwnerReference{Kind: "Other", Name: "o"}, metav1.OwnerReference{Kind: "ArgoCD", Name: "a", Controller: &yes}), `ArgoCD "a"`, ""},
		"one of another kind":     {meta(nil, nil, metav1.OwnerReference{Kind: "VaultStaticSecret", Name: "v"}), `VaultStaticSecret "v"`, "source"},
		"an Application":          {meta(chart, tracking("argo-cd:/Secret:argocd/argocd-secret")), `Application "argo-cd"`, "spec.ignoreDifferences"},
		"one of another object":   {meta(chart, tracking("argo-cd:/Secret:argocd/copied")), "", ""},
		"one of another kind's":   {meta(chart, tracking("argo-cd:/ConfigMap:argocd/argocd-secret")), "", ""},
		"a broken tracking id":    {meta(chart, tracking("argo-cd")), "", ""},
		"a label of Argo CD's":    {meta(map[string]string{"argocd.argoproj.io/instance": "apps"}, nil), `Application "apps"`, ""},
		"a Kustomization":         {meta(map[string]string{"kustomize.toolkit.fluxcd.io/name": "infra"}, nil), `Kustomization "infra"`, "ssa: Merge"},
		"a HelmRelease":           {meta(map[string]string{"helm.toolkit.fluxcd.io/name": "argo-cd"}, nil), `HelmRelease "argo-cd"`, "values"},
	} {
		o, ok := owner.Of("Secret", tt.meta)
		if ok != (tt.want != "") {
			t.Errorf("%s: %+v, %t", name, o, ok)
			continue
		}
		seen, advice := o.Warning("Secret", "argocd-secret")
		if ok && (!strings.HasPrefix(seen, `Secret "argocd-secret" is managed by `+tt.want+": API keys") || !strings.Contains(advice, tt.hint)) {
			t.Errorf("%s: %s; %s", name, seen, advice)
		}
	}
}
