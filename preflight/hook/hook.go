//go:build cluster

// Package hook foresees what the chart's pre-install hook, the Job validate-values, will
// make of the Argo CD beside the Runtime. It also runs before an upgrade. Its rules are those
// of the Job as gitops-runtime 0.25.2 and 0.30 render it.
package hook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const stops = "the chart's pre-install hook will stop here"

// Hook is that of one Runtime.
type Hook struct {
	Chart auth.ChartVersion
	Range auth.ArgoCDRange // of the chart
	// Labels are those by which it finds the Service of Argo CD's API.
	Labels map[string]string
	// Off is set where it does not run.
	Off bool
}

// Of returns the hook of a chart with a Runtime's values; false for charts of which it is
// not known which Argo CD they accept. usual are the labels where the values name none.
func Of(v *values.Values, chart auth.ChartVersion, usual map[string]string) (Hook, bool) {
	accepted, known := chart.ArgoCD()
	h := Hook{Chart: chart, Range: accepted, Labels: maps.Clone(usual), Off: accepted.Unchecked}
	installer := v.Root.Field("installer")
	if skip := installer.Field("skipValidation"); skip != nil && skip.Kind == values.Bool && skip.Scalar.(bool) {
		h.Off = true
	}
	if own := installer.At("argoCdVersionCheck", "argoServerLabels"); own != nil {
		for name, label := range own.Fields { // laid over the chart's own, as Helm does
			if label.Kind == values.Null {
				delete(h.Labels, name)
			} else {
				h.Labels[name] = fmt.Sprint(label.Scalar)
			}
		}
	}
	return h, known
}

// Found returns the names of the Services in the Runtime's namespace that the hook takes for
// Argo CD's API. known is one more, which may be among servers; nil for none.
func (h Hook) Found(servers []corev1.Service, known *corev1.Service) (names []string) {
	if known != nil {
		servers = append(slices.Clone(servers), *known)
	}
	for _, s := range servers {
		if labels.SelectorFromSet(h.Labels).Matches(labels.Set(s.Labels)) {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Tags returns the tags of the images that run behind a Service of Argo CD's API, each once.
// The container is named argocd-server in Argo CD's manifests, and server in its chart.
func Tags(pods []*corev1.Pod, service *corev1.Service) (tags []string) {
	for _, p := range pods {
		if !labels.SelectorFromSet(service.Spec.Selector).Matches(labels.Set(p.Labels)) {
			continue
		}
		for _, c := range p.Spec.Containers {
			if c.Name == "argocd-server" || c.Name == "server" || len(p.Spec.Containers) == 1 {
				image, _, _ := strings.Cut(c.Image, "@")
				_, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
				tags = append(tags, tag)
			}
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// Selector is how the labels are written for kubectl.
func (h Hook) Selector() string {
	return labels.SelectorFromSet(h.Labels).String()
}

// Services judges what the hook finds in the namespace, which are names of Services; nil
// where it is one, or the hook does not run.
func (h Hook) Services(found []string) *verdict.Result {
	switch {
	case h.Off || len(found) == 1:
		return nil
	case len(found) == 0:
		return &verdict.Result{Status: verdict.Failed, Seen: fmt.Sprintf("%s: no Service has the labels %s", stops, h.Selector()),
			Advice: "add them to the Service of Argo CD's API, or set installer.argoCdVersionCheck.argoServerLabels to those that it has"}
	}
	return &verdict.Result{Status: verdict.Warning, Seen: fmt.Sprintf("the chart's pre-install hook will ask one of several Services with the labels %s: %s", h.Selector(), strings.Join(found, ", ")),
		Advice: "set installer.argoCdVersionCheck.argoServerLabels to labels that only one of them has"}
}

// Version judges the version of an Argo CD. from says where it was read.
func (h Hook) Version(version, from string) verdict.Result {
	m, err := auth.ParseMinor(version)
	if err != nil {
		return verdict.Result{Status: verdict.Skipped, Seen: fmt.Sprintf("%v (%s)", err, from)}
	}
	runs := fmt.Sprintf("Argo CD %s (%s)", version, from)
	accepts := fmt.Sprintf("chart %s accepts %s to %s", h.Chart, h.Range.First, h.Range.Last)
	r := verdict.Result{Status: verdict.Warning, Advice: "use " + fitting(m)}
	switch {
	case h.Range.Documents(m):
		return verdict.Result{Status: verdict.OK, Seen: fmt.Sprintf("%s; %s", runs, accepts)}
	case h.Range.Accepts(m):
		r.Seen = fmt.Sprintf("%s; %s, but its README names none before %s", runs, accepts, h.Range.Documented)
	case h.Range.Unchecked:
		r.Seen = fmt.Sprintf("%s; %s, and no hook of it compares them", runs, accepts)
	case h.Off:
		r.Seen = fmt.Sprintf("%s; %s, and installer.skipValidation keeps its hook from comparing them", runs, accepts)
	default:
		r.Status, r.Seen = verdict.Failed, fmt.Sprintf("%s; %s: %s", runs, accepts, stops)
	}
	return r
}

// fitting names the charts that accept a version of Argo CD.
func fitting(m auth.Minor) string {
	all := auth.ArgoCDRanges()
	for i, r := range slices.Backward(all[:len(all)-1]) {
		if r.Documents(m) {
			return fmt.Sprintf("a chart from %s on and before %s, or another Argo CD", r.From, all[i+1].From)
		}
	}
	return "another Argo CD: no chart up to 0.30 accepts this one"
}
