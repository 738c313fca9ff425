//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

const (
	tokenValues    = "global: {external-argo-cd: {server: {svc: argo-cd-server, port: 80}, auth: {type: token, tokenSecretKeyRef: {name: argo-cd-account, key: api-token}}}}"
	passwordValues = "global: {external-argo-cd: {server: {svc: argo-cd-server, port: 80}, auth: {type: password, username: runtime, passwordSecretKeyRef: {name: argo-cd-account, key: secret-word}}}}"
)

// installation is a namespace in which everything is as it should be.
type installation struct {
	*cluster
	argoCD *argoCD
	values string
}

func newInstallation(t *testing.T, values string) *installation {
	t.Helper()
	c := newCluster(t)
	i := &installation{cluster: c, argoCD: c.newArgoCD(t), values: values}
	i.secret(t, "argo-cd-account", map[string]string{"api-token": i.argoCD.issue(t, "runtime", "e2e"), "secret-word": runtimePassword, "user": "runtime"})
	i.pod(t, "cap-app-proxy-7-x", "argo-cd-account", time.Now().Add(time.Hour)) // later than all that a test changes
	return i
}

// pod puts one of Deployment cap-app-proxy that has a Secret in its environment, and runs
// since a time.
func (c *cluster) pod(t *testing.T, name, secret string, since time.Time) {
	t.Helper()
	yes, no := true, false
	api := c.client.CoreV1().Pods(c.namespace)
	p, err := api.Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Labels: map[string]string{"pod-template-hash": "7"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "cap-app-proxy-7", UID: "7", Controller: &yes}},
		},
		Spec: corev1.PodSpec{AutomountServiceAccountToken: &no, Containers: []corev1.Container{{
			Name: "app", Image: "app", EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: secret}}}},
		}}},
	}, metav1.CreateOptions{})
	must(t, err)
	p.Status = corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{
		Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}},
	}}}
	_, err = api.UpdateStatus(t.Context(), p, metav1.UpdateOptions{})
	must(t, err)
}

// check runs the real program and returns its report.
func (i *installation) check(t *testing.T, args ...string) (preflight.Report, result) {
	t.Helper()
	if !slices.Contains(args, "--no-live") {
		args = append(args, "--argo-cd-url", i.argoCD.URL)
	}
	args = append([]string{"check", "-f", write(t, "values.yaml", i.values), "--format", "json"}, args...)
	r := i.runtimeAuth(args...).run(t)
	var doc struct{ Reports []preflight.Report }
	if err := json.Unmarshal([]byte(r.stdout), &doc); err != nil || len(doc.Reports) != 1 {
		t.Fatalf("%v, exit code %d, stdout %s, stderr %s", err, r.code, r.stdout, r.stderr)
	}
	return doc.Reports[0], r
}

// patch changes an object of the namespace.
func (i *installation) patch(t *testing.T, kind, name, patch string) {
	t.Helper()
	core := i.client.CoreV1()
	var err error
	switch kind {
	case "configmap":
		_, err = core.ConfigMaps(i.namespace).Patch(t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	case "secret":
		_, err = core.Secrets(i.namespace).Patch(t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	case "service":
		_, err = core.Services(i.namespace).Patch(t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	}
	must(t, err)
}

// chart leaves a trace of the installed chart.
func (i *installation) chart(t *testing.T, version string) {
	t.Helper()
	_, err := i.client.CoreV1().Services(i.namespace).Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "cap-app-proxy", Labels: map[string]string{"helm.sh/chart": "gitops-runtime-" + version}},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 3017}}},
	}, metav1.CreateOptions{})
	must(t, err)
}

// credential replaces what a key of the account's Secret holds.
func (i *installation) credential(t *testing.T, key, value string) {
	t.Helper()
	i.patch(t, "secret", "argo-cd-account", fmt.Sprintf(`{"stringData":{%q:%q}}`, key, value))
}

// TestCheckGood holds that every check passes where everything is right, in both modes.
func TestCheckGood(t *testing.T) {
	for mode, values := range map[string]string{"token": tokenValues, "password": passwordValues} {
		i := newInstallation(t, values)
		if mode == "password" { // one of an earlier installation, still good
			i.secret(t, "argocd-token", map[string]string{"token": i.argoCD.Token("runtime:apiKey", "e2e", nil)})
		}
		report, r := i.check(t)
		if r.code != 0 || r.stderr != "" {
			t.Errorf("%s: exit code %d, stderr %q", mode, r.code, r.stderr)
		}
		for _, result := range report.Results {
			notMeant := mode == "token" && result.ID == preflight.CheckAppProxyToken || result.ID == preflight.CheckArgoCDVersion // no chart is given
			if result.Status != preflight.OK && !notMeant {
				t.Errorf("%s: %s is %s: %s", mode, result.ID, result.Status, result.Seen)
			}
		}
	}
}

// brokenThing is one thing that is wrong, and the check that must find it.
type brokenThing struct {
	name   string
	values string
	mar    func(t *testing.T, i *installation)
	id     string
	status preflight.Status
	seen   string // a part of what is seen
	// also lists checks that cannot but find the same.
	also []string
}

func brokenThings() []brokenThing {
	login := map[string]any{"sub": "runtime:login", "exp": time.Now().Add(time.Hour).Unix()}
	token := func(claims map[string]any) func(*testing.T, *installation) {
		return func(t *testing.T, i *installation) {
			i.credential(t, "api-token", i.argoCD.Token("runtime:apiKey", "e2e", claims))
		}
	}
	cm := func(data string) func(*testing.T, *installation) {
		return func(t *testing.T, i *installation) { i.patch(t, "configmap", "argocd-cm", `{"data":{`+data+`}}`) }
	}
	const failed = preflight.Failed
	live := []string{preflight.CheckLiveSession}
	return []brokenThing{
		{"a misspelt key", "global: {external-arg-cd: {auth: {type: token, tokenSecretKeyRef: {name: a, key: b}}}}", nil, preflight.CheckValues, failed, `unknown key "external-arg-cd"`, nil},
		{"no namespace", tokenValues, func(_ *testing.T, i *installation) { i.namespace = "no-such-namespace" }, preflight.CheckNamespace, failed, `namespace "no-such-namespace" does not exist`,
			[]string{preflight.CheckArgoCD, preflight.CheckLiveServer}},
		{"the Runtime's own Secret", strings.Replace(tokenValues, "argo-cd-account", "codefresh-token", 1), nil, preflight.CheckReserved, failed, `Secret "codefresh-token" holds the Runtime's own token`, nil},
		{"a Secret of Helm's", strings.Replace(tokenValues, "name: argo-cd-account, key: api-token", "name: gitops-runtime-argo-cd-token, key: token", 1), func(t *testing.T, i *installation) {
			i.secret(t, "gitops-runtime-argo-cd-token", map[string]string{"token": i.argoCD.Token("runtime:apiKey", "e2e", nil)})
			i.patch(t, "secret", "gitops-runtime-argo-cd-token", `{"metadata":{"annotations":{"meta.helm.sh/release-name":"gitops"}}}`)
		}, preflight.CheckReserved, failed, `belongs to Helm release "gitops"`, nil},
		{"no Secret", tokenValues, func(t *testing.T, i *installation) {
			must(t, i.client.CoreV1().Secrets(i.namespace).Delete(t.Context(), "argo-cd-account", metav1.DeleteOptions{}))
		}, preflight.CheckSecret, failed, `Secret "argo-cd-account" does not exist`, nil},
		{"no key", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "secret", "argo-cd-account", `{"data":{"api-token":null}}`)
		}, preflight.CheckKey, failed, `Secret "argo-cd-account" has no key "api-token"`, nil},
		{"an empty key", tokenValues, func(t *testing.T, i *installation) { i.credential(t, "api-token", "") }, preflight.CheckKey, failed, "is empty", nil},
		{"a session", tokenValues, token(login), preflight.CheckCredential, failed, "the token is that of a login session", nil},
		{"a project's token", tokenValues, token(map[string]any{"sub": "proj:p:r"}), preflight.CheckCredential, failed, "the token", nil},
		{"a token of single sign-on", tokenValues, token(map[string]any{"iss": "https://dex.example.com"}), preflight.CheckCredential, failed, "the token", nil},
		{"a key that ends", tokenValues, token(map[string]any{"exp": time.Now().Add(time.Hour).Unix()}), preflight.CheckCredential, preflight.Warning, "the token expires on", nil},
		{"a line break", tokenValues, func(t *testing.T, i *installation) {
			i.credential(t, "api-token", i.argoCD.Token("runtime:apiKey", "e2e", nil)+"\n")
		}, preflight.CheckCredential, failed, "the token ends with a line break", nil},
		{"a padded password", passwordValues, func(t *testing.T, i *installation) { i.credential(t, "secret-word", " "+runtimePassword) }, preflight.CheckCredential, failed, "the password has white space around it", nil},
		{"no Service", tokenValues, func(t *testing.T, i *installation) {
			must(t, i.client.CoreV1().Services(i.namespace).Delete(t.Context(), "argo-cd-server", metav1.DeleteOptions{}))
		}, preflight.CheckArgoCD, failed, `no Service "argo-cd-server"`, nil},
		{"another port", strings.Replace(tokenValues, "port: 80", "port: 8443", 1), nil, preflight.CheckArgoCD, failed, "does not serve port 8443", nil},
		{"a ConfigMap without its label", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "configmap", "argocd-cm", `{"metadata":{"labels":null}}`)
		}, preflight.CheckArgoCDConfig, failed, "lacks the label app.kubernetes.io/part-of: argocd", nil},
		{"a switch that is no boolean", tokenValues, cm(`"accounts.other.enabled":"yes"`), preflight.CheckArgoCDConfig, failed, `"accounts.other.enabled" is "yes"`, live},
		{"a Secret of External Secrets", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "secret", "argocd-secret", `{"metadata":{"ownerReferences":[{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","name":"es","uid":"1","controller":true}]}}`)
		}, preflight.CheckOwner, preflight.Warning, `Secret "argocd-secret" is managed by ExternalSecret "es"`, nil},
		{"a sealed Secret", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "secret", "argocd-secret", `{"metadata":{"ownerReferences":[{"apiVersion":"bitnami.com/v1alpha1","kind":"SealedSecret","name":"ss","uid":"1","controller":true}]}}`)
		}, preflight.CheckOwner, preflight.Warning, `Secret "argocd-secret" is managed by SealedSecret "ss"`, nil},
		{"a ConfigMap of the operator", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "configmap", "argocd-cm", `{"metadata":{"ownerReferences":[{"apiVersion":"argoproj.io/v1beta1","kind":"ArgoCD","name":"gitops","uid":"1","controller":true}]}}`)
		}, preflight.CheckOwner, preflight.Warning, `ConfigMap "argocd-cm" is managed by ArgoCD "gitops"`, nil},
		{"a Secret of an Application", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "secret", "argocd-secret", `{"metadata":{"annotations":{"argocd.argoproj.io/tracking-id":"argo-cd:/Secret:`+i.namespace+`/argocd-secret"}}}`)
		}, preflight.CheckOwner, preflight.Warning, `Secret "argocd-secret" is managed by Application "argo-cd"`, nil},
		{"a ConfigMap of Flux", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "configmap", "argocd-cm", `{"metadata":{"labels":{"kustomize.toolkit.fluxcd.io/name":"infra"}}}`)
		}, preflight.CheckOwner, preflight.Warning, `ConfigMap "argocd-cm" is managed by Kustomization "infra"`, nil},
		{"no account", tokenValues, cm(`"accounts.runtime":null,"accounts.runtime.enabled":null`), preflight.CheckAccount, failed, `no account "runtime"`, live},
		{"a disabled account", tokenValues, cm(`"accounts.runtime.enabled":"false"`), preflight.CheckAccount, failed, `account "runtime" is disabled`, live},
		{"an account that may not", tokenValues, cm(`"accounts.runtime":"login"`), preflight.CheckAccount, failed, `account "runtime" lacks the capability "apiKey"`, live},
		{"an account that may not sign in", passwordValues, cm(`"accounts.runtime":"apiKey"`), preflight.CheckAccount, failed, `account "runtime" lacks the capability "login"`, live},
		{"a revoked token", tokenValues, func(t *testing.T, i *installation) {
			must(t, i.argoCD.SaveSecret(t.Context(), "accounts.runtime.tokens", []byte("[]")))
		}, preflight.CheckKnown, failed, `Argo CD has no token with the id "e2e"`, live},
		{"another signing key", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "secret", "argocd-secret", `{"stringData":{"server.secretkey":"`+canary+`-rotated"}}`)
		}, preflight.CheckKnown, failed, `the signature does not match key "server.secretkey" of Secret "argocd-secret"`, live},
		{"no signing key", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "secret", "argocd-secret", `{"data":{"server.secretkey":null}}`)
		}, preflight.CheckKnown, failed, `key "server.secretkey" of Secret "argocd-secret" is missing`, []string{preflight.CheckLiveServer}},
		{"a password that was changed", tokenValues, func(t *testing.T, i *installation) {
			must(t, i.argoCD.SaveSecret(t.Context(), "accounts.runtime.passwordMtime", []byte(time.Now().Add(time.Hour).UTC().Format(time.RFC3339))))
		}, preflight.CheckKnown, failed, "the token is older than the password", live},
		{"another password", passwordValues, func(t *testing.T, i *installation) {
			hash, err := bcrypt.GenerateFromPassword([]byte(canary+"-other"), bcrypt.MinCost)
			must(t, err)
			must(t, i.argoCD.SaveSecret(t.Context(), "accounts.runtime.password", hash))
		}, preflight.CheckKnown, failed, "the password does not match", nil},
		{"a token that app-proxy has left", passwordValues, func(t *testing.T, i *installation) {
			i.secret(t, "argocd-token", map[string]string{"token": i.argoCD.Token("runtime:apiKey", "gone", nil)})
		}, preflight.CheckAppProxyToken, preflight.Warning, `is from an earlier installation: Argo CD has no token with the id "gone"`, nil},
		{"a pod older than the API key", tokenValues, func(t *testing.T, i *installation) {
			i.pod(t, "cap-app-proxy-7-old", "argo-cd-account", time.Now().Add(-time.Hour))
		}, preflight.CheckPodsCurrent, preflight.Warning, "before the API key in it was issued", nil},
		{"a pod older than the password", passwordValues, func(t *testing.T, i *installation) {
			i.pod(t, "cap-app-proxy-7-old", "argo-cd-account", time.Now().Add(-time.Hour))
		}, preflight.CheckPodsCurrent, preflight.Warning, "it probably still uses the old credential", nil},
		{"an Argo CD that the chart does not accept", strings.NewReplacer("external-argo-cd: {server: {svc: argo-cd-server, port: 80}, auth: {", "integrations: {argo-cd: {server: {svc: argo-cd-server, port: 80, auth: {", "}}}}", "}}}}}}").Replace(tokenValues), func(t *testing.T, i *installation) { i.chart(t, "0.26.0") }, preflight.CheckArgoCDVersion, failed, "Argo CD v3.3.2+stand-in (it says); chart 0.26.0 accepts 3.0 to 3.2: the chart's pre-install hook will stop here", nil},
		{"an Argo CD that is gone", tokenValues, func(_ *testing.T, i *installation) { i.argoCD.Close() }, preflight.CheckLiveServer, failed, "no connection to 127.0.0.1", nil},
		{"an account that Argo CD has disabled meanwhile", tokenValues, func(_ *testing.T, i *installation) {
			i.argoCD.stale = map[string]string{"accounts.runtime.enabled": "false"}
		}, preflight.CheckLiveSession, failed, "account runtime is disabled", nil},
		{"an account that may less than its ConfigMap says", passwordValues, func(t *testing.T, i *installation) {
			// A server that has not read the ConfigMap yet, which may happen.
			i.argoCD.stale = map[string]string{"accounts.runtime": "login"}
		}, preflight.CheckLiveAccount, failed, `lacks the capability "apiKey"`, nil},
		{"no role", tokenValues, func(t *testing.T, i *installation) {
			i.patch(t, "configmap", "argocd-rbac-cm", `{"data":{"policy.csv":"g, boss, role:admin"}}`)
		}, preflight.CheckRights, preflight.Warning, `account "runtime" has none of the rights that a Runtime needs`, nil},
	}
}

// TestCheckBroken breaks one thing at a time: its check fails, with a message that
// names it, and no other does.
func TestCheckBroken(t *testing.T) {
	covered := map[string]bool{}
	for _, b := range brokenThings() {
		covered[b.id] = true
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			i := newInstallation(t, b.values)
			if b.mar != nil {
				b.mar(t, i)
			}
			report, r := i.check(t)
			if want := map[preflight.Status]int{preflight.Failed: 1}[b.status]; r.code != want {
				t.Errorf("exit code %d, want %d", r.code, want)
			}
			found := false
			for _, result := range report.Results {
				switch {
				case result.ID == b.id && result.Status == b.status && strings.Contains(result.Seen, b.seen) && result.Advice != "":
					found = true
				case result.Status == preflight.OK || result.Status == preflight.Skipped:
				case !strings.Contains(strings.Join(b.also, " "), result.ID):
					t.Errorf("%s is %s too: %s", result.ID, result.Status, result.Seen)
				}
			}
			if !found {
				t.Errorf("%s has not %s %q: %+v", b.id, b.status, b.seen, report.Results)
			}
		})
	}
	for _, id := range preflight.Checks() {
		if !covered[id] {
			t.Errorf("nothing breaks check %s", id)
		}
	}
}

// TestCheckWithoutRights runs as a service account that may read nothing: everything
// is skipped and says which right is missing, and nothing fails.
func TestCheckWithoutRights(t *testing.T) {
	i := newInstallation(t, tokenValues)
	i.chart(t, "0.25.2")
	admin := i.cluster
	i.cluster = admin.as(t)
	report, r := i.check(t)
	if r.code != 0 {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	want := map[string]string{
		preflight.CheckNamespace:    "no permission to get namespaces",
		preflight.CheckSecret:       `no permission to get secrets "argo-cd-account" in namespace`,
		preflight.CheckKey:          "no permission to get secrets",
		preflight.CheckArgoCD:       `no permission to get services "argo-cd-server" in namespace`,
		preflight.CheckArgoCDConfig: `no permission to get configmaps "argocd-cm" in namespace`,
		preflight.CheckPodsCurrent:  "no permission to list pods in namespace",
	}
	for _, result := range report.Results {
		if seen, ok := want[result.ID]; ok && (result.Status != preflight.Skipped || !strings.Contains(result.Seen, seen)) {
			t.Errorf("%s: %s: %s", result.ID, result.Status, result.Seen)
		}
		if result.Status == preflight.Failed || result.Status == preflight.Warning {
			t.Errorf("%s is %s: %s", result.ID, result.Status, result.Seen)
		}
	}
}

// TestCheckRights has the rights that the page names and no others: only the namespace itself
// stays unseen. Each of them is needed: without it a report says something else.
func TestCheckRights(t *testing.T) {
	t.Parallel()
	needed := map[string]bool{}
	for mode, values := range map[string]string{"token": tokenValues, "password": passwordValues} {
		i := newInstallation(t, values)
		i.chart(t, "0.30.0")
		i.secret(t, "argocd-token", map[string]string{"token": i.argoCD.Token("runtime:apiKey", "e2e", nil)})
		admin := i.cluster
		// see runs both ways, without one right.
		see := func(without string) (reports []preflight.Report) {
			var rules []rbacv1.PolicyRule
			for _, right := range documentedRights(t) {
				if right.name != without {
					rules = append(rules, right.rule)
				}
			}
			i.cluster = admin.as(t, rules...)
			live, r := i.check(t)
			offline, other := i.check(t, "--no-live")
			if r.code != 0 || other.code != 0 {
				t.Errorf("%s, without the right to %s: exit codes %d and %d", mode, without, r.code, other.code)
			}
			return []preflight.Report{live, offline}
		}
		all := see("nothing")
		if diff := cmp.Diff(all, see("nothing")); diff != "" {
			t.Fatalf("two reports of the same differ:\n%s", diff)
		}
		for _, result := range all[0].Results {
			skipped := result.ID == preflight.CheckNamespace || mode == "token" && result.ID == preflight.CheckAppProxyToken
			if (result.Status == preflight.OK) == skipped {
				t.Errorf("%s: %s is %s: %s", mode, result.ID, result.Status, result.Seen)
			}
		}
		for _, right := range documentedRights(t) {
			needed[right.name] = needed[right.name] || cmp.Diff(all, see(right.name)) != ""
		}
	}
	for name, is := range needed {
		if !is {
			t.Errorf("nothing needs the right to %s", name)
		}
	}
}

// right is a single one of a Role.
type right struct {
	name string
	rule rbacv1.PolicyRule
}

// documentedRights are those of docs/check.md, with the Secret of the tests.
func documentedRights(t *testing.T) (all []right) {
	t.Helper()
	for _, rule := range documentedRules(t, "check.md", "name: runtime-auth-check\n") {
		names := rule.ResourceNames
		if len(names) == 0 {
			names = []string{""}
		}
		for _, verb := range rule.Verbs {
			for _, name := range names {
				one := *rule.DeepCopy()
				if one.Verbs, one.ResourceNames = []string{verb}, nil; name != "" {
					one.ResourceNames = []string{strings.Replace(name, "MY-SECRET", "argo-cd-account", 1)}
				}
				all = append(all, right{strings.TrimSpace(verb + " " + rule.Resources[0] + " " + name), one})
			}
		}
	}
	return all
}

// TestCheckWaits holds that --wait goes on until what is missing is there.
func TestCheckWaits(t *testing.T) {
	i := newInstallation(t, tokenValues)
	data := map[string]string{"api-token": i.argoCD.Token("runtime:apiKey", "e2e", nil)}
	core := i.client.CoreV1().Secrets(i.namespace)
	must(t, core.Delete(t.Context(), "argo-cd-account", metav1.DeleteOptions{}))
	go func() {
		time.Sleep(1500 * time.Millisecond)
		_, _ = core.Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "argo-cd-account"}, StringData: data}, metav1.CreateOptions{})
	}()
	if _, r := i.check(t, "--wait", "60s"); r.code != 0 || !strings.Contains(r.stderr, `waiting: Secret "argo-cd-account" does not exist`) {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	must(t, core.Delete(t.Context(), "argo-cd-account", metav1.DeleteOptions{}))
	if _, r := i.check(t, "--wait", "2s"); r.code != 1 {
		t.Errorf("exit code %d after the time is over", r.code)
	}
}

// TestCheckRecorded takes the values from the release that Helm has recorded.
func TestCheckRecorded(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		a := h.newArgoCD(t)
		h.secret(t, "argo-cd-account", map[string]string{"api-token": a.issue(t, "runtime", "e2e")})
		chart := runtimeChart(t)
		deploy := h.deploy(t, "install", "g3", modes()[1].values(t, "g3"))
		deploy.args[2] = chart
		deploy.ok(t)
		r := h.helm("runtime-auth", "check", "--no-live").run(t)
		if r.code != 0 || !strings.Contains(r.stdout, "release runtime") || !strings.Contains(r.stdout, `key "api-token" of Secret "argo-cd-account"`) {
			t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		must(t, h.client.CoreV1().Secrets(h.namespace).Delete(t.Context(), "argo-cd-account", metav1.DeleteOptions{}))
		if r := h.helm("runtime-auth", "check", "--no-live", "--release", "runtime").run(t); r.code != 1 || !strings.Contains(r.stdout, `Secret "argo-cd-account" does not exist`) {
			t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
	})
}
