//go:build e2e

package e2e

import (
	"context"
	"maps"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
)

// argoCD is a stand-in for Argo CD's API (see package argocdtest) which keeps its
// accounts where Argo CD keeps them: in argocd-cm and argocd-secret of a namespace.
type argoCD struct {
	*argocdtest.Server
	c *cluster
	// stale is laid over argocd-cm, as a server has it that has not noticed a change.
	stale map[string]string
}

// runtimePassword is the password of every account.
const runtimePassword = canary + "-word"

// newArgoCD puts an Argo CD into the namespace: its two objects, with an account
// "runtime" that may do everything, its Service, and the stand-in.
func (c *cluster) newArgoCD(t testing.TB) *argoCD {
	t.Helper()
	partOf := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	core := c.client.CoreV1()
	_, err := core.ConfigMaps(c.namespace).Create(t.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "argocd-cm", Labels: partOf},
		Data:       map[string]string{"accounts.runtime": "apiKey, login", "accounts.runtime.enabled": "true"},
	}, metav1.CreateOptions{})
	must(t, err)
	_, err = core.ConfigMaps(c.namespace).Create(t.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: rbac.ConfigMap, Labels: partOf}, Data: map[string]string{"policy.csv": "g, runtime, role:admin"},
	}, metav1.CreateOptions{})
	must(t, err)
	data := argocdtest.PasswordData("runtime", runtimePassword, time.Now().Add(-time.Hour))
	for key, value := range argocdtest.PasswordData("admin", runtimePassword, time.Now().Add(-time.Hour)) {
		data[key] = value
	}
	data["server.secretkey"] = []byte(canary + "-signing-key")
	_, err = core.Secrets(c.namespace).Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Labels: partOf}, Data: data,
	}, metav1.CreateOptions{})
	must(t, err)
	_, err = core.Services(c.namespace).Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "argo-cd-server", Labels: map[string]string{
			"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/component": "server",
		}},
		Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "http", Port: 80}}},
	}, metav1.CreateOptions{})
	must(t, err)
	a := &argoCD{c: c}
	// A version that the newest charts accept: charts are installed beside it.
	a.Server = argocdtest.NewServer(argocdtest.Options{Store: a, Version: "v3.3.2+stand-in"})
	t.Cleanup(a.Close)
	return a
}

// Config implements argocdtest.Store.
func (a *argoCD) Config(ctx context.Context) (map[string]string, map[string][]byte, error) {
	cm, err := a.c.client.CoreV1().ConfigMaps(a.c.namespace).Get(ctx, "argocd-cm", metav1.GetOptions{})
	if err != nil {
		return nil, nil, err
	}
	secret, err := a.c.client.CoreV1().Secrets(a.c.namespace).Get(ctx, "argocd-secret", metav1.GetOptions{})
	if err != nil {
		return nil, nil, err
	}
	data := map[string]string{} // the API server drops an empty one, which is not a missing ConfigMap
	maps.Copy(data, cm.Data)
	maps.Copy(data, a.stale)
	return data, secret.Data, nil
}

// Settings implements argocdtest.SettingsStore.
func (a *argoCD) Settings(ctx context.Context) (argocdtest.Settings, error) {
	cm, err := a.c.client.CoreV1().ConfigMaps(a.c.namespace).Get(ctx, rbac.ConfigMap, metav1.GetOptions{})
	return argocdtest.Settings{RBAC: cm.Data}, err
}

// SaveSecret implements argocdtest.Store.
func (a *argoCD) SaveSecret(ctx context.Context, key string, value []byte) error {
	api := a.c.client.CoreV1().Secrets(a.c.namespace)
	secret, err := api.Get(ctx, "argocd-secret", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	secret.Data[key] = value
	_, err = api.Update(ctx, secret, metav1.UpdateOptions{})
	return err
}

// issue makes an API key of an account that Argo CD knows.
func (a *argoCD) issue(t testing.TB, account, id string) string {
	t.Helper()
	must(t, a.SaveSecret(t.Context(), "accounts."+account+".tokens", []byte(`[{"id":"`+id+`","iat":1}]`)))
	return a.Token(account+":apiKey", id, nil)
}
