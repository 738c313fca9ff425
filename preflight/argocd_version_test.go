//go:build cluster

package preflight_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// image puts a pod behind the Service of Argo CD's API.
func (w *world) image(image string) {
	behind := map[string]string{"app.kubernetes.io/name": "argocd-server"}
	w.services[here+"/argo-cd-server"].Spec.Selector = behind
	w.pods = append(w.pods, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: "argocd-server", Labels: behind},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "sidecar", Image: "istio:9.9"}, {Name: "server", Image: image}}}})
}

// TestArgoCDVersion tries every way to learn both versions, and the rules of the hook.
func TestArgoCDVersion(t *testing.T) {
	const skipping = "\ninstaller: {skipValidation: true}"
	const labelled = "\ninstaller: {argoCdVersionCheck: {argoServerLabels: {app.kubernetes.io/part-of: null, app.kubernetes.io/component: null, is: argo}}}"
	tests := []struct {
		name, chart, argoCD string // argoCD as it says itself, "" where nobody asks
		values              string
		change              func(*world)
		want                []string
	}{
		{"documented", "0.29.0", "v3.3.9+abc", "", nil, []string{"ok: Argo CD v3.3.9+abc (it says); chart 0.29.0 accepts 3.0 to 3.3 > "}},
		{"not documented", "0.30.0", "v3.0.1", "", nil, []string{"warning: Argo CD v3.0.1 (it says); chart 0.30.0 accepts 3.0 to 3.3, but its README names none before 3.1 > use a chart from 0.26.0 on and before 0.29.0, or"}},
		{"too new", "0.28.1", "v3.3.0", "", nil, []string{"failed: Argo CD v3.3.0 (it says); chart 0.28.1 accepts 3.0 to 3.2: the chart's pre-install hook will stop here > use a chart from 0.29.0 on"}},
		{"too old", "0.26.0", "v2.14.2", "", nil, []string{"failed: …use a chart from 0.19.0 on and before 0.26.0"}},
		{"newer than every chart", "0.30.0", "v3.5.1", "", nil, []string{"failed: …no chart up to 0.30 accepts this one"}},
		{"the hook is off", "0.28.1", "v3.3.0", skipping, nil, []string{"warning: …installer.skipValidation keeps its hook from comparing them"}},
		{"a chart without the comparison", "0.18.0", "v3.3.0", "", nil, []string{"warning: …no hook of it compares them"}},
		{"a newer chart", "0.31.0", "v3.3.0", "", nil, []string{"skipped: the versions of Argo CD that chart 0.31.0 accepts are not known"}},
		{"no chart", "", "v3.3.0", "", nil, []string{"skipped: the chart's version is not known > give it with --chart-version"}},
		{"a checkout", "0.0.0", "v3.3.0", "", nil, []string{"skipped: the chart's version is not known"}},
		{"the installed chart", "", "v3.3.0", "", func(w *world) {
			w.service(here, "cap-app-proxy", 3017).Labels = map[string]string{"helm.sh/chart": "gitops-runtime-0.28.1"}
		}, []string{"failed: …chart 0.28.1 accepts"}},
		{"nobody may look for the chart", "", "v3.3.0", "", func(w *world) { w.refused["get services cap-app-proxy"] = true }, []string{`skipped: no permission to get services "cap-app-proxy"`}},
		{"not a version", "0.29.0", "", "", func(w *world) { w.image("argocd:latest") }, []string{`skipped: "latest" is not a version of Argo CD`}},
		{"an image", "0.29.0", "", "", func(w *world) { w.image("registry:5000/argoproj/argocd:v3.4.0@sha256:00") }, []string{"failed: Argo CD v3.4.0 (the image of its pods)"}},
		{"images of a rollout", "0.29.0", "", "", func(w *world) { w.image("argocd:v3.3.0"); w.image("argocd:v3.4.0") }, []string{"ok: Argo CD v3.3.0", "failed: Argo CD v3.4.0"}},
		{"a digest", "0.29.0", "", "", func(w *world) { w.image("argocd@sha256:00") }, []string{`skipped: "" is not a version of Argo CD`}},
		{"nobody may see pods", "0.29.0", "", "", func(w *world) { w.image("argocd:v3.3.0"); w.refused["list pods"] = true }, []string{`skipped: no permission to list pods in namespace "argocd" > grant it with a Role (verb list, resource pods)`}},
		{"no pods", "0.29.0", "", "", func(w *world) { w.image("x"); w.pods = nil }, []string{"skipped: no pod runs"}},
		{"no labels", "0.29.0", "v3.3.0", "", func(w *world) { w.services[here+"/argo-cd-server"].Labels = nil },
			[]string{"failed: the chart's pre-install hook will stop here: no Service has the labels app.kubernetes.io/component=server,app.kubernetes.io/part-of=argocd", "ok: "}},
		{"no labels, and the hook is off", "0.29.0", "v3.3.0", skipping, func(w *world) { w.services[here+"/argo-cd-server"].Labels = nil }, []string{"ok: "}},
		{"several", "0.29.0", "v3.3.0", "", func(w *world) { w.service(here, "b-server", 80) },
			[]string{"warning: the chart's pre-install hook will ask one of several Services with the labels app.kubernetes.io/component=server,app.kubernetes.io/part-of=argocd: argo-cd-server, b-server", "ok: "}},
		{"nobody may list Services", "0.29.0", "v3.3.0", "", func(w *world) { w.refused["list services"] = true }, []string{`skipped: no permission to list services in namespace "argocd"`, "ok: "}},
		{"labels of the user's own", "0.29.0", "v3.3.0", labelled, func(w *world) { w.services[here+"/argo-cd-server"].Labels["is"] = "argo" }, []string{"ok: "}},
		{"labels of the user's own, elsewhere", "0.29.0", "v3.3.0", labelled, nil, []string{"skipped: whether a Service has the labels is=argo, …kubectl get services -l is=argo -n argocd", "ok: "}},
		{"an Argo CD of the chart's own", "0.29.0", "v3.3.0", "\nargo-cd: {enabled: true}", nil, []string{"skipped: the chart brings an Argo CD of its own"}},
	}
	for _, tt := range tests {
		w, s := running(t, argocdtest.Options{Version: tt.argoCD})
		if tt.change != nil {
			tt.change(w)
		}
		text := serverValues("svc: argo-cd-server")
		if tt.chart == "0.18.0" {
			text = passValues
		}
		opts := options(t, text+tt.values)
		if tt.chart != "" {
			v, err := auth.ParseChartVersion(tt.chart)
			if err != nil {
				t.Fatal(err)
			}
			opts.Lint.ChartVersion = &v
		}
		opts.NoLive, opts.ArgoCD = tt.argoCD == "", argocd.Options{Dial: inCluster(s.URL, "")}
		r, err := preflight.Run(t.Context(), w, opts)
		if err != nil {
			t.Fatal(err)
		}
		pasteable(t, r)
		got := of(r, preflight.CheckArgoCDVersion)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %q", tt.name, got)
			continue
		}
		for i, want := range tt.want {
			begin, part, _ := strings.Cut(want, "…")
			if !strings.HasPrefix(got[i], begin) || !strings.Contains(got[i], part) {
				t.Errorf("%s: %q, want %q", tt.name, got[i], want)
			}
		}
	}
}

// TestArgoCDVersionElsewhere judges what the hook sees: it follows a redirect to TLS, which
// the Runtime does not.
func TestArgoCDVersionElsewhere(t *testing.T) {
	w, s := running(t, argocdtest.Options{TLS: true, Version: "v3.4.0"})
	w.services[here+"/argo-cd-server"].Spec.Ports = []corev1.ServicePort{{Port: 80}, {Port: 443}}
	opts := options(t, unnamedValues)
	opts.Lint.ChartVersion = &auth.ChartVersion{Minor: 29}
	opts.NoLive, opts.ArgoCD = false, argocd.Options{Dial: inCluster(s.URL, s.URL)}
	r, err := preflight.Run(t.Context(), w, opts)
	if err != nil {
		t.Fatal(err)
	}
	pasteable(t, r)
	for id, want := range map[string]string{
		preflight.CheckLiveServer:    "failed: the Runtime calls http://argo-cd-server, and there is no answer from Argo CD",
		preflight.CheckArgoCDVersion: "failed: Argo CD v3.4.0 (it says); chart 0.29.0 accepts 3.0 to 3.3",
	} {
		if got := of(r, id); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}
