//go:build cluster

// Package declared finds the Runtimes that GitOps engines install, in the objects that
// tell the engines to: a Runtime of an Application of Argo CD has no record of Helm, and
// that of a HelmRelease may be in another namespace.
package declared

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	lint "github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Runtime is one that an object declares.
type Runtime struct {
	// Object is "Application argocd/runtime" and the like.
	Object string
	// Values are those in the object, without the chart's defaults. They are nil where
	// part of them is a template, or what decides comes from elsewhere.
	Values *values.Values
	// Elsewhere names the fields through which more values come.
	Elsewhere []string
	// Version is the chart's, nil where the object does not say it.
	Version *auth.ChartVersion
	// Scopes are those of the values, as lint.Options has them.
	Scopes [][]string
}

// engine is a kind of object, and where it says which namespace it installs into.
type engine struct {
	schema.GroupVersionResource
	namespace []string
}

func engines() []engine {
	return []engine{
		{schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "applications"}, []string{"spec", "destination", "namespace"}},
		{schema.GroupVersionResource{Group: "helm.toolkit.fluxcd.io", Version: "v2", Resource: "helmreleases"}, []string{"spec", "targetNamespace"}},
	}
}

// page is how many objects are asked for at once.
const page = 250

// Find returns the Runtimes that objects of the cluster install into a namespace, and
// what of the cluster could not be looked at, such as "list applications.argoproj.io in
// all namespaces". Objects are looked for in all namespaces, else in this one. Kinds that
// the cluster does not have are no error; the error is that of the API server, or of the
// linter.
func Find(ctx context.Context, c dynamic.Interface, namespace string) (found []Runtime, refused []string, _ error) {
	var linter lint.Linter
	for _, e := range engines() {
		for _, where := range []string{"", namespace} {
			inside, err := find(ctx, c, &linter, e, where, namespace)
			if apierrors.IsForbidden(err) {
				if where != "" || namespace == "" {
					refused = append(refused, fmt.Sprintf("list %s in namespace %q", e.GroupResource(), namespace))
				}
				continue
			}
			if err != nil && !apierrors.IsNotFound(err) {
				return nil, refused, fmt.Errorf("cannot list %s: %w", e.GroupResource(), err)
			}
			found = append(found, inside...)
			break
		}
	}
	return found, refused, nil
}

// find looks for objects in a namespace, or in all, that install into another.
func find(ctx context.Context, c dynamic.Interface, linter *lint.Linter, e engine, where, target string) (found []Runtime, _ error) {
	opts := metav1.ListOptions{Limit: page}
	for {
		list, err := c.Resource(e.GroupVersionResource).Namespace(where).List(ctx, opts)
		if err != nil {
			return nil, err
		}
		for _, o := range list.Items {
			into, _, _ := unstructured.NestedString(o.Object, e.namespace...)
			if into == "" {
				into = o.GetNamespace()
			}
			if into != target {
				continue
			}
			all, err := runtimes(linter, o)
			if err != nil {
				return nil, err
			}
			found = append(found, all...)
		}
		if opts.Continue = list.GetContinue(); opts.Continue == "" {
			return found, nil
		}
	}
}

// runtimes reads an object as if it stood in a file.
func runtimes(linter *lint.Linter, o unstructured.Unstructured) (found []Runtime, _ error) {
	unstructured.RemoveNestedField(o.Object, "metadata", "managedFields")
	unstructured.RemoveNestedField(o.Object, "status")
	text, err := json.Marshal(o.Object)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
	releases, err := inline.Find(name, text)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read", name) // the cause may quote its values
	}
	for _, r := range releases {
		result, err := r.Lint(linter, lint.Options{})
		if err != nil {
			return nil, err
		}
		if !r.IsRuntime(result) {
			continue
		}
		known := Runtime{Object: name, Elsewhere: r.Unseen, Version: r.Version}
		if r.Chart == auth.ChartName && r.Path == "" {
			known.Scopes = [][]string{nil}
		}
		v, ok := r.Values()
		if ok && !result.Unsettled && (len(r.Unseen) == 0 || result.Block != "" && !result.Incomplete) {
			known.Values = v
		}
		found = append(found, known)
	}
	return found, nil
}

// Why says why a Runtime has no Values.
func (r Runtime) Why() string {
	if len(r.Elsewhere) > 0 {
		return "it takes values from " + strings.Join(r.Elsewhere, " and ") + ", which this command does not read"
	}
	return "part of its values is a template"
}
