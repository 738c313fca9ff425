//go:build cluster

package preflight

import (
	"context"
	"errors"
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/preflight/hook"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// argoCDVersion holds the running Argo CD against what the chart's hook accepts.
func (r *run) argoCDVersion(ctx context.Context) ([]Result, error) {
	chart, err := r.chartVersion(ctx)
	switch {
	case err != nil:
		return nil, err
	case chart == nil:
		return result(Skipped, "the chart's version is not known", "give it with --chart-version, or the chart with --chart")
	}
	h, known := hook.Of(r.runtime, *chart, endpoint.ServerLabels())
	if !known {
		return result(Skipped, fmt.Sprintf("the versions of Argo CD that chart %s accepts are not known", chart), "see the chart's README")
	}
	var all []Result
	for _, judge := range []func(context.Context, hook.Hook) ([]Result, error){r.hooked, r.running} {
		more, err := judge(ctx, h)
		if end := (ended{}); errors.As(err, &end) {
			more, err = []Result{end.Result}, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// chartVersion is that of the values, else of what is installed: every chart labels the
// Service of app-proxy (0.18 to 0.30). It is nil where neither tells.
func (r *run) chartVersion(ctx context.Context) (*auth.ChartVersion, error) {
	if v := r.opts.Lint.ChartVersion; v != nil && *v != (auth.ChartVersion{}) {
		return v, nil
	}
	const name = "cap-app-proxy"
	s, err := r.cluster.Service(ctx, r.opts.Namespace, name)
	if s, err = found(s, err, object{"get", "services", r.opts.Namespace, name}); s == nil {
		return nil, err
	}
	_, version := auth.ParseChartLabel(s.Labels["helm.sh/chart"])
	return version, nil
}

// hooked looks for the Service that the hook will ask. With labels of the user's own, that
// is known for the Runtime's Service alone.
func (r *run) hooked(ctx context.Context, h hook.Hook) ([]Result, error) {
	if h.Off {
		return nil, nil
	}
	servers, err := r.cluster.ArgoCDServices(ctx, r.opts.Namespace)
	servers, err = found(servers, err, object{verb: "list", resource: "services", namespace: r.opts.Namespace})
	if err != nil {
		return nil, err
	}
	names := h.Found(servers, r.service)
	if len(names) == 0 && h.Labels[endpoint.PartOfLabel] != endpoint.PartOf {
		return result(Skipped, fmt.Sprintf("whether a Service has the labels %s, by which the chart's pre-install hook finds Argo CD, was not looked at", h.Selector()),
			shell.Kubectl(r.opts.Namespace, "get", "services", "-l", h.Selector()))
	}
	if f := h.Services(names); f != nil {
		return []Result{*f}, nil
	}
	return nil, nil
}

// running judges the version that Argo CD has given, else those of the images of its pods.
func (r *run) running(ctx context.Context, h hook.Hook) (all []Result, _ error) {
	switch {
	case r.version != "":
		return []Result{h.Version(r.version, "it says")}, nil
	case r.service == nil || len(r.service.Spec.Selector) == 0:
		return result(Skipped, "no Argo CD has answered, and no pods of it are known", "give its address with --argo-cd-url")
	}
	pods, err := r.cluster.Pods(ctx, r.opts.Namespace)
	pods, err = found(pods, err, object{"list", "pods", r.opts.Namespace, ""})
	if err != nil {
		return nil, err
	}
	for _, tag := range hook.Tags(pods, r.service) {
		all = append(all, h.Version(tag, "the image of its pods"))
	}
	if len(all) == 0 {
		return result(Skipped, fmt.Sprintf("no pod runs behind Service %q", r.service.Name), "")
	}
	return all, nil
}
