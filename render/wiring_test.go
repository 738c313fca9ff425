package render_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// appProxyCase is app-proxy's env before and after a run.
type appProxyCase struct {
	name string
	auth auth.Auth
	env  string
	want string // env afterwards; "=" where nothing may change
}

func appProxyCases() []appProxyCase {
	token, password := tokenRef("my-token", "k", nil), passwordRef(auth.SecretRef{Name: "my-password", Key: "k"}, "svc")
	withUserRef := password
	withUserRef.UsernameRef = &auth.SecretRef{Name: "my-user", Key: "u"}
	myToken, myPassword := secretEnv("ARGO_CD_TOKEN", "my-token", "k"), secretEnv("ARGO_CD_PASSWORD", "my-password", "k")
	user := "- name: ARGO_CD_USERNAME\n  value: \"svc\"\n"
	fromConfig := "- name: ARGO_CD_USERNAME\n  valueFrom:\n    configMapKeyRef: {name: cap-app-proxy-cm, key: argoCdUsername}\n"
	url := "- name: ARGO_CD_URL\n  value: x\n"
	return []appProxyCase{
		{"token over the default", token, passwordEnv(), myToken},
		{"token, right", token, myToken + url, "="},
		{"token, right but for optional", token, strings.TrimSuffix(myToken, "\n") + "\n      optional: true\n", "="},
		{"token, no env", token, "", myToken},
		{"token repeated as password, as charts 0.18.0 to 0.24.3 do", token, secretEnv("ARGO_CD_PASSWORD", "my-token", "k") + myToken + user, "="},
		{"token repeated as password, but the token is wrong", token, secretEnv("ARGO_CD_PASSWORD", "my-token", "k") + secretEnv("ARGO_CD_TOKEN", "a", "b") + user,
			secretEnv("ARGO_CD_PASSWORD", "my-token", "k") + myToken + user},
		{"token beside another password", token, secretEnv("ARGO_CD_PASSWORD", "other", "k") + myToken + url + user, myToken + url},
		{"token beside a username alone", token, myToken + user, myToken},
		{"token, with the user's optional", tokenRef("my-token", "k", new(true)), secretEnv("ARGO_CD_TOKEN", "argocd-token", "token"),
			strings.TrimSuffix(myToken, "\n") + "\n      optional: true\n"},
		{"token, the chart's optional goes", token, "- name: ARGO_CD_TOKEN\n  valueFrom:\n    secretKeyRef:\n      key: token\n      name: argocd-token\n      optional: true\n", myToken},
		{"token as a literal", token, "- name: ARGO_CD_TOKEN\n  value: literal-token\n", myToken},
		{"token twice, the last one right", token, "- name: ARGO_CD_TOKEN\n  value: x\n" + myToken, "="},
		{"token twice, the last one wrong", token, myToken + "- name: ARGO_CD_TOKEN\n  value: x\n", myToken},
		{"password over a token", password, myToken + url, myPassword + url + user},
		{"password, right", password, myPassword + user, "="},
		{"password, app-proxy's own token stays", password, myPassword + secretEnv("ARGO_CD_TOKEN", "argocd-token", "token") + user, "="},
		{"password, another token goes", password, myPassword + secretEnv("ARGO_CD_TOKEN", "argocd-token", "other") + user, myPassword + user},
		{"password, another user", password, myPassword + "- name: ARGO_CD_USERNAME\n  value: admin\n", myPassword + strings.ReplaceAll(user, `"`, "")},
		{"password, the user from the ConfigMap", password, myPassword + fromConfig, "="},
		{"password, another user from the ConfigMap", passwordRef(password.Ref, "other"), myPassword + fromConfig, myPassword + strings.ReplaceAll(user, "svc", "other")},
		{"password, no such key in the ConfigMap", password, myPassword + strings.ReplaceAll(fromConfig, "key: argo", "key: no"), myPassword + user},
		{"password, no such ConfigMap", password, myPassword + strings.ReplaceAll(fromConfig, "-cm", "-no"), myPassword + user},
		{"password, a user that only looks like a number", passwordRef(password.Ref, "0123"), myPassword + "- name: ARGO_CD_USERNAME\n  value: 0123\n", myPassword + "- name: ARGO_CD_USERNAME\n  value: \"0123\"\n"},
		{"password, user by reference", withUserRef, myPassword + user, myPassword + secretEnv("ARGO_CD_USERNAME", "my-user", "u")},
		{"password, user by reference, right", withUserRef, myPassword + secretEnv("ARGO_CD_USERNAME", "my-user", "u"), "="},
		{"password, user by reference, not from the ConfigMap", withUserRef, myPassword + fromConfig, myPassword + secretEnv("ARGO_CD_USERNAME", "my-user", "u")},
	}
}

func TestAppProxy(t *testing.T) {
	for _, tt := range appProxyCases() {
		t.Run(tt.name, func(t *testing.T) {
			name := "argocd-token"
			key := "token"
			if tt.auth.Mode == auth.ModeToken {
				name, key = "my-token", "k"
			}
			config := configMapDoc("cap-app-proxy-cm", "argoCdUsername: svc\n")
			in := config + gen026(appProxy(tt.env), byName(name, key))
			want := in
			if tt.want != "=" {
				want = config + gen026(appProxy(tt.want), byName(name, key))
			}
			out, _ := run(t, &auth.Settings{Declared: true, Auth: tt.auth}, []byte(in), render.Options{})
			if diff := cmp.Diff(want, string(out)); diff != "" {
				t.Errorf("%+v: stream (-want +got):\n%s", render.Options{}, diff)
			}
		})
	}
}

func TestConfigMapForUsername(t *testing.T) {
	settings := auth.Settings{Declared: true, Auth: passwordRef(auth.DefaultPasswordRef(), "svc")}
	env := secretEnv("ARGO_CD_PASSWORD", "argocd-initial-admin-secret", "password") +
		"- name: ARGO_CD_USERNAME\n  valueFrom:\n    configMapKeyRef: {name: cm, key: user}\n"
	in := gen026(appProxy(env), byName("argocd-token", "token"))
	namespaced := gen026(appProxy(env, "  namespace: a\n"), byName("argocd-token", "token"))
	for name, tt := range map[string]struct {
		in   string
		opts render.Options
		same bool
	}{
		"before":               {configMapDoc("cm", "user: svc\n") + in, render.Options{}, true},
		"behind":               {in + configMapDoc("cm", "user: svc\n"), render.Options{}, true},
		"another text":         {configMapDoc("cm", "user: svc2\n") + in, render.Options{}, false},
		"a number":             {configMapDoc("cm", "user: 12\nx: svc\n") + in, render.Options{}, false},
		"twice":                {configMapDoc("cm", "user: x\nuser: svc\n") + in, render.Options{}, true},
		"twice, last a number": {configMapDoc("cm", "user: svc\nuser: 12\n") + in, render.Options{}, false},
		"through a merge key":  {configMapDoc("cm", "x: svc\n<<: {user: svc}\n") + in, render.Options{}, false},
		"quoted":               {configMapDoc("cm", "user: 'svc'\n") + in, render.Options{}, true},
		"in the service's own": {strings.Replace(configMapDoc("cm", "user: svc\n"), "  name: cm", "  name: cm\n  namespace: a", 1) + namespaced, render.Options{}, true},
		"in another namespace": {strings.Replace(configMapDoc("cm", "user: svc\n"), "  name: cm", "  name: cm\n  namespace: b", 1) + namespaced, render.Options{}, false},
		"in the release's":     {configMapDoc("cm", "user: svc\n") + namespaced, render.Options{}, true},
		"in two, one of them wrong": {
			strings.Replace(configMapDoc("cm", "user: svc\n"), "  name: cm", "  name: cm\n  namespace: b", 1) +
				strings.Replace(configMapDoc("cm", "user: other\nx: svc\n"), "  name: cm", "  name: cm\n  namespace: c", 1) + in, render.Options{}, false},
		"in two, both right": {
			strings.Replace(configMapDoc("cm", "user: svc\n"), "  name: cm", "  name: cm\n  namespace: b", 1) +
				strings.Replace(configMapDoc("cm", "user: svc\n"), "  name: cm", "  name: cm\n  namespace: c", 1) + in, render.Options{}, true},
		"of a hook": {strings.Replace(configMapDoc("cm", "user: svc\n"), "  name: cm", "  name: cm\n  annotations: {helm.sh/hook: test}", 1) + in, render.Options{}, false},
	} {
		out, _ := run(t, &settings, []byte(tt.in), tt.opts)
		if same := string(out) == tt.in; same != tt.same {
			t.Errorf("%s: unchanged %v, want %v\n%s", name, same, tt.same, out)
		}
	}
}

func TestByName(t *testing.T) {
	right := byName("my-token", "k")
	for name, env := range map[string]string{
		"default":       byName("argocd-token", "token"),
		"name only":     "- name: ARGO_CD_TOKEN_SECRET_NAME\n  value: \"my-token\"\n",
		"nothing":       "",
		"by reference":  secretEnv("ARGO_CD_TOKEN_SECRET_KEY", "a", "b") + secretEnv("ARGO_CD_TOKEN_SECRET_NAME", "a", "b"),
		"already right": right,
	} {
		in := gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), env)
		want := gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), right)
		out, _ := run(t, &auth.Settings{Declared: true, Auth: tokenRef("my-token", "k", new(true))}, []byte(in), render.Options{})
		if diff := cmp.Diff(want, string(out)); diff != "" {
			t.Errorf("%s: stream (-want +got):\n%s", name, diff)
		}
	}
}

// TestTargets shows which containers of which objects are wired.
func TestTargets(t *testing.T) {
	settings := auth.Settings{Declared: true, Auth: tokenRef("my-token", "k", nil)}
	wrong, right := byName("argocd-token", "token"), byName("my-token", "k")
	base := gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), right)
	labels := func(pairs ...string) string { return "  labels:\n    " + strings.Join(pairs, "\n    ") + "\n" }
	hook := "  annotations:\n    helm.sh/hook: pre-install\n"
	for name, tt := range map[string]struct{ in, want string }{
		"a hook":               {workloadDoc("Deployment", "argo-gateway", "argo-gateway", wrong, hook), "="},
		"another kind":         {workloadDoc("Job", "argo-gateway", "argo-gateway", wrong), "="},
		"a second one":         {workloadDoc("Deployment", "argo-gateway", "x", wrong), workloadDoc("Deployment", "argo-gateway", "x", right)},
		"renamed, by labels":   {workloadDoc("Deployment", "gw", "x", "- name: A\n", labels("app.kubernetes.io/name: argo-gateway")), workloadDoc("Deployment", "gw", "x", "- name: A\n"+right, labels("app.kubernetes.io/name: argo-gateway"))},
		"half of the labels":   {workloadDoc("Deployment", "x", "x", "- name: A\n", labels("app.kubernetes.io/name: cf-argocd-extras", "sources-server: x")), "="},
		"another consumer":     {workloadDoc("DaemonSet", "new", "x", wrong), workloadDoc("DaemonSet", "new", "x", right)},
		"a Rollout":            {workloadDoc("Rollout", "new", "x", wrong), workloadDoc("Rollout", "new", "x", right)},
		"two containers of it": {workloadDoc("StatefulSet", "new", "x", wrong) + "      - name: y\n      - name: z\n        image: x\n        env:\n" + indent(wrong, "        "), workloadDoc("StatefulSet", "new", "x", right) + "      - name: y\n      - name: z\n        image: x\n        env:\n" + indent(right, "        ")},
		"no consumer":          {workloadDoc("Deployment", "new", "x", "- name: ARGO_CD_TOKEN_SECRET_KEY\n  value: x\n"), "="},
		"an init container": {
			workloadDoc("Deployment", "new", "x", "- name: A\n") + "      initContainers:\n      - name: i\n        env:\n" + indent(wrong, "        "), "="},
		"the named container": {
			workloadDoc("Deployment", "operator", "first", wrong, labels("app: gitops-operator", "app.kubernetes.io/part-of: gitops-operator")) + "      - name: manager\n        image: x\n        env:\n" + indent(wrong, "        ") + "      initContainers:\n      - name: manager\n        env:\n" + indent(wrong, "        "),
			workloadDoc("Deployment", "operator", "first", right, labels("app: gitops-operator", "app.kubernetes.io/part-of: gitops-operator")) + "      - name: manager\n        image: x\n        env:\n" + indent(right, "        ") + "      initContainers:\n      - name: manager\n        env:\n" + indent(wrong, "        ")},
		"other documents": {"--- \n# %@ broken: [\n&x ---\n", "="},
	} {
		if tt.want == "=" {
			tt.want = tt.in
		}
		out, _ := run(t, &settings, []byte(tt.in+base), render.Options{})
		if diff := cmp.Diff(tt.want+base, string(out)); diff != "" {
			t.Errorf("%s: stream (-want +got):\n%s", name, diff)
		}
	}
}

// TestLists wires services inside of lists, and leaves the rest of the lists alone.
func TestLists(t *testing.T) {
	item := func(doc string) string {
		_, object, _ := strings.Cut(doc, ".yaml\n")
		return "- " + strings.TrimPrefix(indent(object, "  "), "  ")
	}
	list := func(others string) string {
		var b strings.Builder
		b.WriteString("---\napiVersion: v1\nkind: List # all of it\nmetadata:\n  resourceVersion: \"\"\nitems:\n")
		for _, d := range strings.SplitAfter(gen026("", others), "\n---\n") {
			b.WriteString(item(strings.TrimSuffix(d, "---\n")))
		}
		nested := "apiVersion: v1\nkind: List\nitems:\n" + item(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")))
		return b.String() + "- " + strings.TrimPrefix(indent(nested, "  "), "  ") + "- null\n- x\n"
	}
	out, report := run(t, &auth.Settings{Declared: true, Auth: tokenRef("my-token", "k", nil)}, []byte(list(byName("a", "b"))), render.Options{})
	if diff := cmp.Diff(list(byName("my-token", "k")), string(out)); diff != "" {
		t.Errorf("stream (-want +got):\n%s", diff)
	}
	if len(report.Services) != 5 {
		t.Errorf("%d services in the report", len(report.Services))
	}
}

// TestJSON wires documents in JSON.
func TestJSON(t *testing.T) {
	doc := func(name, env string) string {
		return `{"kind":"Deployment","metadata":{"name":"` + name + `"},"spec":{"template":{"spec":{"containers":[{"env":[` + env + `],"image":"x","name":"x"}]}}}}` + "\n"
	}
	stream := func(env string) string {
		return appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")) + "--- " + doc("gitops-operator", env) + "---\n" + doc("argo-gateway", env) +
			"---\n" + doc("runtime-event-reporter", env) + "---\n" + doc("cluster-event-reporter", env)
	}
	env := func(name, key string) string {
		return `{"name":"ARGO_CD_TOKEN_SECRET_KEY","value":"` + key + `"},{"value":"` + name + `","name":"ARGO_CD_TOKEN_SECRET_NAME"}`
	}
	out, _ := run(t, &auth.Settings{Declared: true, Auth: tokenRef("my-token", "k", nil)}, []byte(stream(env("a", "b"))), render.Options{})
	if diff := cmp.Diff(stream(env("my-token", "k")), string(out)); diff != "" {
		t.Errorf("stream (-want +got):\n%s", diff)
	}
}

// TestSharedContainers wires services whose parts are anchors and aliases.
func TestSharedContainers(t *testing.T) {
	in := strings.Replace(gen026(appProxy(passwordEnv()), byName("argocd-token", "token")), "  template:\n", "  x: &e\n  - name: ARGO_CD_TOKEN\n    value: other\n  template:\n", 1)
	in = strings.Replace(in, "        env:\n"+indent(passwordEnv(), "        "), "        env: *e\n      - name: other\n        env: *e\n", 1)
	out, _ := run(t, &auth.Settings{Declared: true, Auth: tokenRef("my-token", "k", nil)}, []byte(in), render.Options{})
	got := effective(t, out)
	if got["app-proxy/ARGO_CD_TOKEN"] != "other" { // the other container's, which comes last
		t.Errorf("the other container was wired: %v", got)
	}
	if !strings.Contains(string(out), "name: my-token") {
		t.Errorf("app-proxy was not wired:\n%s", out)
	}
	twice, _ := run(t, &auth.Settings{Declared: true, Auth: tokenRef("my-token", "k", nil)}, out, render.Options{})
	if string(twice) != string(out) {
		t.Errorf("a second run changes it:\n%s", cmp.Diff(string(out), string(twice)))
	}
}
