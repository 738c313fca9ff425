//go:build cluster

package declared_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/preflight/declared"
)

const block = "{global: {integrations: {argo-cd: {server: {auth: {type: token, tokenSecretKeyRef: {name: ci, key: token}}}}}}}"

func application(name, namespace, into, source string) string {
	return fmt.Sprintf("{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: %s, namespace: %s}, spec: {destination: {namespace: %q}, source: %s}}", name, namespace, into, source)
}

func chart(helm string) string {
	return "{repoURL: https://charts.example.com, chart: gitops-runtime, targetRevision: 0.27.1, helm: " + helm + "}"
}

func release(name, namespace, into, spec string) string {
	return fmt.Sprintf("{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: %s, namespace: %s}, spec: {targetNamespace: %q, "+
		"chart: {spec: {chart: gitops-runtime, version: 0.30.0, sourceRef: {kind: HelmRepository, name: r}}}, %s}}", name, namespace, into, spec)
}

func client(t *testing.T, objects ...string) *fake.FakeDynamicClient {
	t.Helper()
	var all []runtime.Object
	for _, text := range objects {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		all = append(all, o)
	}
	return fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		{Group: "argoproj.io", Version: "v1alpha1", Resource: "applications"}:      "ApplicationList",
		{Group: "helm.toolkit.fluxcd.io", Version: "v2", Resource: "helmreleases"}: "HelmReleaseList",
	}, all...)
}

// describe says on one line what was found.
func describe(r declared.Runtime) string {
	text := r.Object
	if r.Version != nil {
		text += " " + r.Version.String()
	}
	if r.Values == nil {
		return text + ": " + r.Why()
	}
	return fmt.Sprintf("%s: %v, elsewhere %v", text, r.Values.Root.Data(), r.Elsewhere)
}

func TestFind(t *testing.T) {
	data := "map[global:map[integrations:map[argo-cd:map[server:map[auth:map[tokenSecretKeyRef:map[key:token name:ci] type:token]]]]]]"
	tests := []struct {
		name, object string
		want         []string
	}{
		{"an Application with an object of values", application("a", "argocd", "argocd", chart("{valuesObject: "+block+"}")), []string{"Application argocd/a 0.27.1: " + data + ", elsewhere []"}},
		{"one with a text of values", application("a", "argocd", "argocd", chart(fmt.Sprintf("{values: %q}", block))), []string{"Application argocd/a 0.27.1: " + data + ", elsewhere []"}},
		{"one in another namespace", application("a", "apps", "argocd", chart("{valuesObject: "+block+"}")), []string{"Application apps/a 0.27.1: " + data + ", elsewhere []"}},
		{"one that installs elsewhere", application("a", "argocd", "other", chart("{valuesObject: "+block+"}")), nil},
		{"one of another chart", application("a", "argocd", "argocd", "{repoURL: https://charts.example.com, chart: nginx, targetRevision: 1.0.0, helm: {valuesObject: {replicas: 1}}}"), nil},
		{"one with files that may decide", application("a", "argocd", "argocd", chart("{valueFiles: [values.yaml]}")), []string{"Application argocd/a 0.27.1: it takes values from valueFiles, which this command does not read"}},
		{"one with files beside its block", application("a", "argocd", "argocd", chart("{valueFiles: [values.yaml], valuesObject: "+block+"}")), []string{"Application argocd/a 0.27.1: " + data + ", elsewhere [valueFiles]"}},
		{"a HelmRelease", release("f", "argocd", "", "values: "+block), []string{"HelmRelease argocd/f 0.30.0: " + data + ", elsewhere []"}},
		{"one in another namespace", release("f", "flux-system", "argocd", "values: "+block), []string{"HelmRelease flux-system/f 0.30.0: " + data + ", elsewhere []"}},
		{"one whose values are elsewhere", release("f", "argocd", "", "valuesFrom: [{kind: Secret, name: s}]"), []string{"HelmRelease argocd/f 0.30.0: it takes values from valuesFrom, which this command does not read"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, refused, err := declared.Find(t.Context(), client(t, tt.object), "argocd")
			if err != nil || len(refused) > 0 {
				t.Fatal(err, refused)
			}
			var got []string
			for _, r := range found {
				got = append(got, describe(r))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFindRefused goes on in the one namespace where it may not look into all, and says
// what it could not look at.
func TestFindRefused(t *testing.T) {
	c := client(t, application("a", "argocd", "argocd", chart("{valuesObject: "+block+"}")), release("f", "argocd", "", "values: "+block))
	c.PrependReactor("list", "*", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if a.GetNamespace() == "" || a.GetResource().Resource == "helmreleases" {
			return true, nil, apierrors.NewForbidden(a.GetResource().GroupResource(), "", fmt.Errorf("no"))
		}
		return false, nil, nil
	})
	found, refused, err := declared.Find(t.Context(), c, "argocd")
	if err != nil || len(found) != 1 || found[0].Object != "Application argocd/a" {
		t.Errorf("%v, %v", found, err)
	}
	if diff := cmp.Diff([]string{`list helmreleases.helm.toolkit.fluxcd.io in namespace "argocd"`}, refused); diff != "" {
		t.Error(diff)
	}
}

// TestFindErrors: kinds that the cluster does not have are none, and what an object holds
// is in no error.
func TestFindErrors(t *testing.T) {
	c := client(t)
	c.PrependReactor("list", "*", func(a clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewNotFound(a.GetResource().GroupResource(), "")
	})
	if found, refused, err := declared.Find(t.Context(), c, "argocd"); len(found)+len(refused) > 0 || err != nil {
		t.Error(found, refused, err)
	}
	c = client(t)
	c.PrependReactor("list", "*", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, context.DeadlineExceeded })
	if _, _, err := declared.Find(t.Context(), c, "argocd"); err == nil || !strings.Contains(err.Error(), "cannot list applications.argoproj.io") {
		t.Error(err)
	}
	text := application("a", "argocd", "argocd", chart(`{values: "global: {integrations: {argo-cd: {server: {auth: {token: s3cr3t-token: x"}`))
	found, _, err := declared.Find(t.Context(), client(t, text), "argocd")
	if err != nil || len(found) != 1 || found[0].Values != nil || strings.Contains(describe(found[0]), "s3cr3t") {
		t.Error(len(found), err)
	}
}
