package render_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestStandsFor: a workload of another name that has a service's variables is that service.
func TestStandsFor(t *testing.T) {
	labels := func(pairs ...string) string { return "  labels:\n    " + strings.Join(pairs, "\n    ") + "\n" }
	extras := labels("app.kubernetes.io/name: cf-argocd-extras", "app.kubernetes.io/component: my-reporter")
	old, wrong := gen018(appProxy(passwordEnv()), byName("a", "b")), byName("a", "b")
	for name, tt := range map[string]struct {
		in      string
		service string // "" if it counts as missing
		object  string
	}{
		"a reporter with a name of the user's": {without(old, "event-reporter") + workloadDoc("StatefulSet", "my-reporter", "x", wrong, extras), "event-reporter", "my-reporter"},
		"by its container":                     {without(old, "gitops-operator") + workloadDoc("Deployment", "my-operator", "manager", wrong), "gitops-operator", "my-operator"},
		"by its variables alone":               {without(old, "gitops-operator") + workloadDoc("Deployment", "my-operator", "x", wrong), "gitops-operator", "my-operator"},
		"app-proxy":                            {without(old, "cap-app-proxy") + workloadDoc("Deployment", "my-proxy", "x", passwordEnv()), "app-proxy", "my-proxy"},
		"of another kind":                      {without(old, "event-reporter") + workloadDoc("Deployment", "my-reporter", "x", wrong, extras), "", ""},
		"one of two":                           {without(old, "gitops-operator") + workloadDoc("Deployment", "a", "x", wrong) + workloadDoc("Deployment", "b", "x", wrong), "", ""},
		"without its variables":                {without(old, "cap-app-proxy") + workloadDoc("Deployment", "my-proxy", "x", "- name: A\n"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.service == "" {
				fails(t, tokenSettings(), tt.in, render.Options{}, render.StreamError)
				return
			}
			out, report := run(t, tokenSettings(), []byte(tt.in), render.Options{})
			found := false
			for _, s := range report.Services {
				found = found || s.Service == tt.service && s.Name == tt.object
			}
			if !found || strings.Contains(string(out), `"a"`) || strings.Contains(string(out), "argocd-initial-admin-secret") {
				t.Errorf("%+v\n%s", report.Services, out)
			}
		})
	}
	// Who has the variables of app-proxy beside it is somebody else.
	other := workloadDoc("Deployment", "mine", "x", passwordEnv())
	if out, _ := run(t, tokenSettings(), []byte(old+other), render.Options{}); !strings.HasSuffix(string(out), other) {
		t.Errorf("changed:\n%s", out)
	}
}

// TestContainers: which container of a service is wired, where the chart's name for it is
// not there.
func TestContainers(t *testing.T) {
	whole := gen026(appProxy(""), byName("a", "b"))
	gateway := func(containers string) string {
		return without(whole, "argo-gateway") + "---\nkind: Deployment\nmetadata:\n  name: argo-gateway\nspec: {template: {spec: {containers: [" + containers + "]}}}\n"
	}
	const reads = "env: [{name: ARGO_CD_TOKEN_SECRET_NAME, value: a}]"
	for name, tt := range map[string]struct{ containers, wired, message string }{
		"the only one":                   {"{name: x, image: x}", "x", ""},
		"the one that has its variables": {"{name: y, image: y}, {name: x, image: x, " + reads + "}", "x", ""},
		"none has them":                  {"{name: y, image: y}, {name: x, image: x}", "", "cannot tell which container"},
		"two have them":                  {"{name: y, image: y, " + reads + "}, {name: x, image: x, " + reads + "}", "", "cannot tell which container"},
		"no image":                       {"{name: argo-gateway, " + reads + "}", "", `the container "argo-gateway" has no image`},
		"a patch for another name":       {"{name: argo-gateway, image: x}, {name: gateway, " + reads + "}", "", `the container "gateway" has no image`},
		"none":                           {"", "", "has no containers"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.message != "" {
				if e := fails(t, tokenSettings(), gateway(tt.containers), render.Options{}, render.StreamError); !strings.Contains(e.Message, tt.message) {
					t.Errorf("message %q", e.Message)
				}
				return
			}
			_, report := run(t, tokenSettings(), []byte(gateway(tt.containers)), render.Options{})
			if last := report.Services[len(report.Services)-1]; last.Service != "argo-gateway" || last.Container != tt.wired {
				t.Errorf("%+v", last)
			}
		})
	}
}

// TestLiteralIsNotExpanded: Kubernetes replaces $(NAME) in the value of a variable.
func TestLiteralIsNotExpanded(t *testing.T) {
	for _, tt := range []struct{ username, before, after string }{
		{"a$(X)", "", "a$$(X)"},
		{"a$(X)", "a$(X)", "a$$(X)"},
		{"a$(X)", "a$$(X)", "="},
		{"a$$b", "", "a$$$$b"},
		{"a$b", "a$b", "="},
		{"a$b", "a$$b", "="},
		{"$(", "$(", "="},
		{"5$", "5$", "="},
	} {
		settings := &auth.Settings{Declared: true, Auth: passwordRef(auth.SecretRef{Name: "p", Key: "k"}, tt.username)}
		env := func(username string) string {
			env := secretEnv("ARGO_CD_PASSWORD", "p", "k")
			if username != "" {
				env += "- name: ARGO_CD_USERNAME\n  value: \"" + username + "\"\n"
			}
			return env
		}
		in := gen018(appProxy(env(tt.before)), byName("argocd-token", "token"))
		want := gen018(appProxy(env(tt.after)), byName("argocd-token", "token"))
		if tt.after == "=" {
			want = in
		}
		if out, _ := run(t, settings, []byte(in), render.Options{}); string(out) != want {
			t.Errorf("%q over %q:\n%s", tt.username, tt.before, out)
		}
	}
}

// TestGenerations finds and wires every service of every generation in the table, by the
// object's name and by its labels, and tells the generation without a version.
func TestGenerations(t *testing.T) {
	for _, g := range auth.Generations() {
		for _, renamed := range []bool{false, true} {
			in := ""
			for _, s := range g.Services {
				name, labels := s.Object, ""
				if renamed {
					name, labels = "other", "  labels:\n"
					for _, label := range slices.Sorted(maps.Keys(s.Labels)) {
						labels += "    " + label + ": " + s.Labels[label] + "\n"
					}
				}
				in += workloadDoc(s.Kind, name, s.Container, "", labels)
			}
			_, report := run(t, tokenSettings(), []byte(in), render.Options{})
			if report.Chart.Generation != g.Name || len(report.Services) != len(g.Services) {
				t.Errorf("%s, renamed %v: generation %q, %d of %d services", g.Name, renamed, report.Chart.Generation, len(report.Services), len(g.Services))
			}
		}
	}
}
