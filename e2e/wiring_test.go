//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// mode is one way to give the credential.
type mode struct {
	name  string
	block string // the auth block in flow style
	token bool
	// secret and key are where the services have to read.
	secret, key string
}

// modes are the four ways. The plaintext credentials hold the canary.
func modes() []mode {
	return []mode{
		{"token", `{type: token, token: "` + plaintextToken + `"}`, true, "gitops-runtime-argo-cd-token", "token"},
		{"tokenSecretKeyRef", "{type: token, tokenSecretKeyRef: {name: argo-cd-account, key: api-token}}", true, "argo-cd-account", "api-token"},
		{"password", `{type: password, username: runtime, password: "` + canary + `-word"}`, false, "gitops-runtime-argo-cd-password", "token"},
		{"passwordSecretKeyRef", "{type: password, username: runtime, passwordSecretKeyRef: {name: argo-cd-account, key: secret-word}}", false, "argo-cd-account", "secret-word"},
	}
}

// plaintextToken has the form of an API key of account "runtime", and a canary for
// a signature.
const plaintextToken = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhcmdvY2QiLCJzdWIiOiJydW50aW1lOmFwaUtleSIsImp0aSI6IjEiLCJpYXQiOjF9." + canary + "-signature-of-43-characters-xxxxxxxxx"

func (m mode) isPlaintext() bool { return strings.HasPrefix(m.secret, "gitops-runtime-") }

// values writes the mode's values file for a generation.
func (m mode) values(t testing.TB, generation string) string {
	t.Helper()
	path := "global: {external-argo-cd: {auth: %s}}\n"
	if generation == "g3" {
		path = "global: {integrations: {argo-cd: {server: {auth: %s}}}}\n"
	}
	return write(t, m.name+".yaml", fmt.Sprintf(path, m.block))
}

func generations() []string { return []string{"g1", "g2", "g3"} }

// service is a workload that signs in to Argo CD.
type service struct{ kind, name, container string }

// services lists those of a generation of the chart.
func services(generation string) []service {
	common := []service{{"Deployment", "cap-app-proxy", "cap-app-proxy"}, {"Deployment", "gitops-operator", "manager"}}
	if generation == "g3" {
		return append(common, service{"Deployment", "argo-gateway", "argo-gateway"},
			service{"Deployment", "runtime-event-reporter", "runtime-event-reporter"},
			service{"Deployment", "cluster-event-reporter", "cluster-event-reporter"})
	}
	return append(common, service{"Deployment", "sources-server", "sources-server"}, service{"StatefulSet", "event-reporter", "event-reporter"})
}

// contract is what the environment of a service has to be.
func (m mode) contract(generation string, s service) map[string]string {
	switch {
	case s.name != "cap-app-proxy" && m.token:
		return map[string]string{"ARGO_CD_TOKEN_SECRET_NAME": m.secret, "ARGO_CD_TOKEN_SECRET_KEY": m.key}
	case s.name != "cap-app-proxy":
		return map[string]string{"ARGO_CD_TOKEN_SECRET_NAME": "argocd-token", "ARGO_CD_TOKEN_SECRET_KEY": "token"}
	case m.token:
		return map[string]string{"ARGO_CD_TOKEN": "Secret " + m.secret + "/" + m.key}
	}
	env := map[string]string{"ARGO_CD_PASSWORD": "Secret " + m.secret + "/" + m.key, "ARGO_CD_USERNAME": "runtime"}
	if generation == "g1" {
		env["ARGO_CD_TOKEN"] = "Secret argocd-token/token, optional"
	}
	return env
}

// checkWiring reads the services back from the API server and compares them with
// the contract.
func (c *cluster) checkWiring(t testing.TB, generation string, m mode) {
	t.Helper()
	for _, s := range services(generation) {
		if diff := cmp.Diff(m.contract(generation, s), c.effective(t, s)); diff != "" {
			t.Errorf("%s of %s with %s (-want +got):\n%s", s.name, generation, m.name, diff)
		}
	}
	if !m.isPlaintext() {
		return
	}
	made, err := c.client.CoreV1().Secrets(c.namespace).Get(t.Context(), m.secret, metav1.GetOptions{})
	if err != nil {
		t.Error(err)
	} else if !strings.Contains(string(made.Data[m.key]), canary) {
		t.Errorf("Secret %s does not hold the credential", m.secret)
	}
}

// effective is what a service's environment says of the credential: NAME to
// "value" or "Secret name/key", ConfigMaps followed. Its other containers must not
// say anything of it.
func (c *cluster) effective(t testing.TB, s service) map[string]string {
	t.Helper()
	spec := c.podSpec(t, s)
	env := map[string]string{}
	for _, container := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, e := range container.Env {
			if !isAuth(e.Name) {
				continue
			}
			if container.Name != s.container {
				t.Errorf("%s: container %s has %s", s.name, container.Name, e.Name)
				continue
			}
			env[e.Name] = c.resolve(t, e)
		}
	}
	return env
}

// resolve is where an environment variable has its value from.
func (c *cluster) resolve(t testing.TB, e corev1.EnvVar) string {
	t.Helper()
	switch from := e.ValueFrom; {
	case from == nil:
		return e.Value
	case from.SecretKeyRef != nil:
		text := "Secret " + from.SecretKeyRef.Name + "/" + from.SecretKeyRef.Key
		if optional := from.SecretKeyRef.Optional; optional != nil && *optional {
			text += ", optional"
		}
		return text
	case from.ConfigMapKeyRef != nil:
		cm, err := c.client.CoreV1().ConfigMaps(c.namespace).Get(t.Context(), from.ConfigMapKeyRef.Name, metav1.GetOptions{})
		must(t, err)
		return cm.Data[from.ConfigMapKeyRef.Key]
	}
	t.Errorf("%s has its value from neither a Secret nor a ConfigMap", e.Name)
	return ""
}

func (c *cluster) podSpec(t testing.TB, s service) corev1.PodSpec {
	t.Helper()
	apps := c.client.AppsV1()
	if s.kind == "StatefulSet" {
		set, err := apps.StatefulSets(c.namespace).Get(t.Context(), s.name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return set.Spec.Template.Spec
	}
	d, err := apps.Deployments(c.namespace).Get(t.Context(), s.name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return d.Spec.Template.Spec
}

func isAuth(variable string) bool {
	switch variable {
	case "ARGO_CD_TOKEN", "ARGO_CD_USERNAME", "ARGO_CD_PASSWORD", "ARGO_CD_TOKEN_SECRET_NAME", "ARGO_CD_TOKEN_SECRET_KEY":
		return true
	}
	return false
}
