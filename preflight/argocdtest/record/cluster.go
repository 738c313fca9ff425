//go:build record

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

// cluster writes the objects of an Argo CD, and keeps what they were.
type cluster struct {
	api       dynamic.Interface
	namespace string
	before    map[object]*unstructured.Unstructured // nil where there was no such object
	projects  map[string]bool                       // made here
}

// object is one of those that are written.
type object struct{ resource, name string }

func (o object) group() schema.GroupVersionResource {
	if o.resource == "appprojects" {
		return schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: o.resource}
	}
	return schema.GroupVersionResource{Version: "v1", Resource: o.resource}
}

func objects() []object {
	return []object{{"configmaps", "argocd-cm"}, {"secrets", "argocd-secret"}, {"configmaps", "argocd-rbac-cm"}}
}

func connect(ctx context.Context, namespace string) (*cluster, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	api, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	c := &cluster{api: api, namespace: namespace, before: map[object]*unstructured.Unstructured{}, projects: map[string]bool{}}
	for _, o := range objects() {
		if c.before[o], err = c.get(ctx, o); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// get returns an object, nil where there is none.
func (c *cluster) get(ctx context.Context, o object) (*unstructured.Unstructured, error) {
	found, err := c.api.Resource(o.group()).Namespace(c.namespace).Get(ctx, o.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return found, err
}

// put makes an object what is wanted, nil for none.
func (c *cluster) put(ctx context.Context, o object, want *unstructured.Unstructured) error {
	api := c.api.Resource(o.group()).Namespace(c.namespace)
	now, err := c.get(ctx, o)
	switch {
	case err != nil || want == nil && now == nil:
		return err
	case want == nil:
		return api.Delete(ctx, o.name, metav1.DeleteOptions{})
	}
	want = want.DeepCopy()
	want.SetUID("")
	want.SetResourceVersion("")
	want.SetManagedFields(nil)
	if now == nil {
		_, err = api.Create(ctx, want, metav1.CreateOptions{})
		return err
	}
	want.SetResourceVersion(now.GetResourceVersion())
	_, err = api.Update(ctx, want, metav1.UpdateOptions{})
	return err
}

// restore puts everything back as it was.
func (c *cluster) restore(ctx context.Context) error {
	var all []error
	for _, o := range objects() {
		all = append(all, c.put(ctx, o, c.before[o]))
	}
	for name := range c.projects {
		all = append(all, c.put(ctx, object{"appprojects", name}, nil))
	}
	return errors.Join(all...)
}

// Apply implements argocdtest.Cluster.
func (c *cluster) Apply(ctx context.Context, w *argocdtest.World) error {
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: c.namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}}
	}
	want := map[object]any{}
	for _, o := range objects() {
		want[o] = nil
	}
	if w.CM != nil {
		want[objects()[0]] = &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: meta("argocd-cm"), Data: w.CM}
	}
	if w.Secret != nil {
		want[objects()[1]] = &corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: meta("argocd-secret"), Data: c.certificate(w.Memory().Secret)}
	}
	if w.RBAC != nil {
		want[objects()[2]] = &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: meta("argocd-rbac-cm"), Data: w.RBAC}
	}
	for name, roles := range w.Projects {
		o := object{"appprojects", name}
		if there, err := c.get(ctx, o); err != nil || there != nil && !c.projects[name] {
			return errors.Join(err, fmt.Errorf("AppProject %q is there already: this is for an Argo CD that serves nobody", name))
		}
		c.projects[name], want[o] = true, project(c.namespace, name, roles)
	}
	for name := range c.projects {
		if _, ok := w.Projects[name]; !ok {
			want[object{"appprojects", name}] = nil
		}
	}
	for o, w := range want {
		var u *unstructured.Unstructured
		if w != nil {
			content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(w)
			if err != nil {
				return err
			}
			u = &unstructured.Unstructured{Object: content}
		}
		if err := c.put(ctx, o, u); err != nil {
			return err
		}
	}
	return nil
}

// certificate adds that of the server, which no world has, to the data of argocd-secret.
func (c *cluster) certificate(data map[string][]byte) map[string][]byte {
	var old corev1.Secret
	if before := c.before[objects()[1]]; before != nil {
		_ = runtime.DefaultUnstructuredConverter.FromUnstructured(before.Object, &old)
	}
	data = maps.Clone(data)
	for _, key := range []string{"tls.crt", "tls.key"} {
		if value, ok := old.Data[key]; ok {
			data[key] = value
		}
	}
	return data
}

func project(namespace, name string, roles argocdtest.Project) *unstructured.Unstructured {
	var all []any
	tokens := map[string]any{}
	for role, r := range roles {
		var policies, items []any
		for _, p := range r.Policies {
			policies = append(policies, p)
		}
		for _, t := range r.Tokens {
			items = append(items, map[string]any{"id": t.ID, "iat": t.IAT})
		}
		all = append(all, map[string]any{"name": role, "policies": policies, "jwtTokens": items})
		tokens[role] = map[string]any{"items": items}
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
		"metadata": map[string]any{"name": name, "namespace": namespace},
		"spec":     map[string]any{"roles": all},
		"status":   map[string]any{"jwtTokensByRole": tokens},
	}}
}

// Present implements argocdtest.Cluster.
func (c *cluster) Present(ctx context.Context) (*argocdtest.World, error) {
	var w argocdtest.World
	cm, err := c.get(ctx, objects()[0])
	if err != nil {
		return nil, err
	}
	if cm != nil {
		w.CM, _, err = unstructured.NestedStringMap(cm.Object, "data")
	}
	s, getting := c.get(ctx, objects()[1])
	if err := errors.Join(err, getting); err != nil || s == nil {
		return &w, err
	}
	var secret corev1.Secret
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(s.Object, &secret); err != nil {
		return nil, err
	}
	w.Secret = map[string]string{}
	for key, value := range secret.Data {
		if key != "tls.crt" && key != "tls.key" {
			w.Secret[key] = string(value)
		}
	}
	return &w, nil
}
