//go:build cluster

package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
)

// argoCD looks for Argo CD's API where the chart calls it, in the Runtime's own namespace.
func (r *run) argoCD(ctx context.Context) ([]Result, error) {
	if r.absent {
		return r.elsewhere(ctx, "the namespace does not exist, and so no Argo CD in it")
	}
	namespace := r.opts.Namespace
	if f := r.server.Unusable(namespace); f != nil {
		return []Result{*f}, nil
	}
	name, _ := r.server.Name()
	s, err := r.cluster.Service(ctx, namespace, name)
	s, err = found(s, err, object{"get", "services", namespace, name})
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return r.elsewhere(ctx, fmt.Sprintf("no Service %q in namespace %q, %s", name, namespace, r.server.Source()))
	}
	r.service = s
	all := []Result{*r.server.Served(s)}
	var servers []corev1.Service
	if !r.server.Named {
		servers, err = r.servers(ctx, namespace)
	}
	parameters, unread := r.parameters(ctx)
	for _, err := range []error{err, unread} {
		if end := (ended{}); errors.As(err, &end) {
			all = append(all, end.Result)
		} else if err != nil {
			return nil, err
		}
	}
	if f := r.server.Several(servers); f != nil {
		all = append(all, *f)
	}
	if f := r.server.Root(parameters); f != nil && unread == nil {
		all = append(all, *f)
	}
	return all, nil
}

// servers returns the Services of Argo CD's API in a namespace, or in all.
func (r *run) servers(ctx context.Context, namespace string) ([]corev1.Service, error) {
	all, err := r.cluster.ArgoCDServices(ctx, namespace)
	all, err = found(all, err, object{verb: "list", resource: "services", namespace: namespace})
	isOther := func(s corev1.Service) bool { return !endpoint.IsServer(s) }
	return slices.DeleteFunc(slices.Clone(all), isOther), err
}

// parameters returns those of Argo CD's components, none where there is no ConfigMap.
func (r *run) parameters(ctx context.Context) (map[string]string, error) {
	cm, err := r.cluster.ConfigMap(ctx, r.opts.Namespace, endpoint.Parameters)
	cm, err = found(cm, err, object{"get", "configmaps", r.opts.Namespace, endpoint.Parameters})
	if cm == nil {
		return nil, err
	}
	return cm.Data, nil
}

// elsewhere reports that Argo CD is not where it should be, and where it is. That this
// may not be read is no result: the finding stands without.
func (r *run) elsewhere(ctx context.Context, seen string) ([]Result, error) {
	servers, err := r.servers(ctx, "")
	if err != nil && !errors.As(err, new(ended)) {
		return nil, err
	}
	var here []corev1.Service
	var there []string
	for _, s := range servers {
		if s.Namespace == r.opts.Namespace {
			here = append(here, s)
		} else {
			there = append(there, s.Namespace)
		}
	}
	advice := installThere
	switch {
	case len(here) > 0:
		advice = r.server.Choose(here)
	case len(there) > 0:
		advice = fmt.Sprintf("Argo CD is in namespace %s: install the Runtime there", firstOf(there, 3))
	}
	return result(Failed, seen, advice)
}

// installThere is the advice where there is no Argo CD.
const installThere = "install the Runtime into the namespace of its Argo CD"
