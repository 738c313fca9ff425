//go:build cluster

package fleet_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// now is the clock of the tests.
func now() time.Time { return time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC) }

// runtimeChart is the chart of a Runtime as Helm has it in memory.
func runtimeChart(version string) *chart.Chart {
	return &chart.Chart{
		Metadata: &chart.Metadata{Name: "gitops-runtime", Version: version, APIVersion: "v2"},
		Values: parse(`
global:
  integrations:
    argo-cd:
      server:
        svc: argo-cd-server
        port: 80
        auth: {type: password, username: admin, password: "", token: "", passwordSecretKeyRef: {name: argocd-initial-admin-secret, key: password}, tokenSecretKeyRef: {}}
argo-cd: {enabled: false}
`),
		Templates: []*chart.File{{Name: "templates/x.yaml", Data: []byte("kind: ConfigMap")}},
	}
}

func parse(text string) map[string]any {
	v := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return v
}

// byRef are values that take the token from a Secret.
func byRef(secret string) map[string]any {
	return parse(fmt.Sprintf("global: {integrations: {argo-cd: {server: {auth: {type: token, tokenSecretKeyRef: {name: %s, key: token}}}}}}", secret))
}

// record puts a release as Helm's driver stores it (pkg/storage/driver/secrets.go and
// util.go of Helm 3.22), from Helm's own type.
func (s *server) record(t testing.TB, namespace, name string, revision int, ch *chart.Chart, given map[string]any) *corev1.Secret {
	t.Helper()
	data, err := json.Marshal(&release.Release{
		Name: name, Namespace: namespace, Version: revision, Chart: ch, Config: given,
		Info: &release.Info{Status: release.StatusDeployed}, Manifest: "kind: ConfigMap",
	})
	if err != nil {
		t.Fatal(err)
	}
	o := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: fmt.Sprintf("sh.helm.release.v1.%s.v%d", name, revision),
			Labels: map[string]string{"owner": "helm", "status": "deployed", "name": name, "version": strconv.Itoa(revision)},
		},
		Type: "helm.sh/release.v1", Data: map[string][]byte{"release": pack(t, data)},
	}
	s.put(o)
	return o
}

func pack(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(b.Bytes()))
}

// argoCD puts a namespace with an Argo CD in it, and a Secret with a token of its.
func (s *server) argoCD(namespace, secret string) {
	partOf := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	s.put(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
	s.put(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "argocd-cm", Labels: partOf},
		Data:       map[string]string{"accounts.ci": "apiKey"},
	})
	s.put(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "argocd-rbac-cm", Labels: partOf},
		Data:       map[string]string{"policy.csv": "g, ci, role:admin"},
	})
	s.argoCDSecret(namespace, `[{"id":"key-`+namespace+`","iat":1}]`)
	s.secret(namespace, secret, "token", apiKey("key-"+namespace))
	s.put(&corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "argo-cd-server", Labels: map[string]string{
			"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/component": "server",
		}},
		Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "http", Port: 80}}},
	})
}

// argoCDSecret puts what Argo CD keeps, with a list of the API keys of account ci.
func (s *server) argoCDSecret(namespace, keys string) {
	s.put(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "argocd-secret"},
		Data:       map[string][]byte{"accounts.ci.tokens": []byte(keys), "server.secretkey": []byte(signingKey)},
	})
}

func (s *server) secret(namespace, name, key, value string) {
	s.put(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name,
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl", FieldsV1: metav1.NewFieldsV1(`{"f:data":{}}`)}},
		},
		Type: corev1.SecretTypeOpaque, Data: map[string][]byte{key: []byte(value)},
	})
}

const signingKey = "s3cr3t-signing-key"

// apiKey is a token of account ci.
func apiKey(id string) string {
	body, err := json.Marshal(map[string]any{"iss": "argocd", "sub": "ci:apiKey", "jti": id, "iat": now().Add(-time.Hour).Unix(), "nbf": 1})
	if err != nil {
		panic(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64(body)
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write([]byte(text))
	return text + "." + b64(mac.Sum(nil))
}

// pod puts a pod of app-proxy that has a Secret in its environment, and has run since a
// time; beside it one that has ended.
func (s *server) pod(namespace, secret string, since time.Time) {
	yes := true
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: "cap-app-proxy-7-x", Labels: map[string]string{"pod-template-hash": "7"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "cap-app-proxy-7", Controller: &yes}},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", EnvFrom: []corev1.EnvFromSource{{
			SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: secret}},
		}}}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{
			Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}},
		}}},
	}
	s.put(p)
	ended := p.DeepCopy()
	ended.Name, ended.Status.Phase = "job-x", corev1.PodSucceeded
	ended.Status.ContainerStatuses[0].State.Running.StartedAt = metav1.NewTime(now().AddDate(-1, 0, 0))
	s.put(ended)
}
