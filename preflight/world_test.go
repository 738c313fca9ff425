//go:build cluster

package preflight_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	here     = "argocd"
	password = "s3cr3t-password"
	// passwordHash is what bcrypt makes of it, at its least cost: some tests make
	// thousands of worlds.
	passwordHash = "$2a$04$XDmp8Nv2fSYvfJwikX3eiO4y4KHahnpLHVUAfdCftTlYs6RJ5ZfYS"
	tokenID      = "key-1"
	// signingKey is that of the Argo CD in the tests.
	signingKey = "s3cr3t-signing-key"
)

// now is the clock of the tests.
func now() time.Time { return time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC) }

// world is a cluster in memory: everything by "kind/namespace/name".
type world struct {
	secrets    map[string]*corev1.Secret
	configMaps map[string]*corev1.ConfigMap
	services   map[string]*corev1.Service
	namespaces map[string]*corev1.Namespace
	pods       []*corev1.Pod
	// refused holds "verb resource" that RBAC does not allow; "*" stands for all.
	refused map[string]bool
	broken  error // of every call
}

func (w *world) may(verb, resource, name string) error {
	switch {
	case w.broken != nil:
		return w.broken
	case w.refused["*"] || w.refused[verb+" "+resource] || w.refused[verb+" "+resource+" "+name]:
		return apierrors.NewForbidden(schema.GroupResource{Resource: resource}, name, fmt.Errorf("no"))
	}
	return nil
}

func get[T any](w *world, resource, name string, all map[string]*T, key string) (*T, error) {
	if err := w.may("get", resource, name); err != nil {
		return nil, err
	}
	if o, ok := all[key]; ok {
		return o, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: resource}, name)
}

func (w *world) Namespace(_ context.Context, name string) (*corev1.Namespace, error) {
	return get(w, "namespaces", name, w.namespaces, name)
}

func (w *world) Secret(_ context.Context, namespace, name string) (*corev1.Secret, error) {
	return get(w, "secrets", name, w.secrets, namespace+"/"+name)
}

func (w *world) ConfigMap(_ context.Context, namespace, name string) (*corev1.ConfigMap, error) {
	return get(w, "configmaps", name, w.configMaps, namespace+"/"+name)
}

func (w *world) Service(_ context.Context, namespace, name string) (*corev1.Service, error) {
	return get(w, "services", name, w.services, namespace+"/"+name)
}

func (w *world) ArgoCDServices(_ context.Context, namespace string) ([]corev1.Service, error) {
	verb := "list"
	if namespace == "" {
		verb = "list all"
	}
	if err := w.may(verb, "services", ""); err != nil {
		return nil, err
	}
	var found []corev1.Service
	for _, s := range w.services {
		if s.Labels["app.kubernetes.io/part-of"] == "argocd" && (namespace == "" || namespace == s.Namespace) {
			found = append(found, *s)
		}
	}
	return found, nil
}

func (w *world) Pods(_ context.Context, namespace string) (pods []*corev1.Pod, _ error) {
	if err := w.may("list", "pods", ""); err != nil {
		return nil, err
	}
	for _, p := range w.pods {
		if p.Namespace == namespace {
			pods = append(pods, p)
		}
	}
	return pods, nil
}

func (w *world) secret(namespace, name string, data map[string]string) *corev1.Secret {
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: map[string][]byte{}}
	for k, v := range data {
		s.Data[k] = []byte(v)
	}
	w.secrets[namespace+"/"+name] = s
	return s
}

func (w *world) service(namespace, name string, port int32) *corev1.Service {
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{
			"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/component": "server",
		}},
		Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "http", Port: port}}},
	}
	w.services[namespace+"/"+name] = s
	return s
}

// newWorld is a cluster in which everything is as it should be, in both modes.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		secrets: map[string]*corev1.Secret{}, configMaps: map[string]*corev1.ConfigMap{},
		services: map[string]*corev1.Service{}, namespaces: map[string]*corev1.Namespace{}, refused: map[string]bool{},
	}
	w.namespaces[here] = &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: here}}
	w.secret(here, "ci-token", map[string]string{"token": apiKey("ci", nil)})
	w.secret(here, "ci-password", map[string]string{"password": password, "username": "ci"})
	w.secret(here, "argocd-secret", map[string]string{
		"server.secretkey":          signingKey,
		"accounts.ci.tokens":        `[{"id":"other","iat":1},{"id":"` + tokenID + `","iat":1}]`,
		"accounts.ci.password":      passwordHash,
		"accounts.ci.passwordMtime": now().Add(-48 * time.Hour).Format(time.RFC3339),
	})
	w.configMaps[here+"/argocd-cm"] = &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: "argocd-cm", Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}},
		Data:       map[string]string{"accounts.ci": "apiKey, login", "accounts.ci.enabled": "true"},
	}
	w.configMaps[here+"/argocd-rbac-cm"] = &corev1.ConfigMap{Data: map[string]string{"policy.default": "role:admin"}}
	w.service(here, "argo-cd-server", 80)
	return w
}

// cm returns the data of argocd-cm.
func (w *world) cm() map[string]string { return w.configMaps[here+"/argocd-cm"].Data }

// argoCD returns the data of argocd-secret.
func (w *world) argoCD() map[string][]byte { return w.secrets[here+"/argocd-secret"].Data }

// apiKey is a token of an account; claims beside the usual ones, or instead of them.
func apiKey(account string, claims map[string]any) string {
	all := map[string]any{"iss": "argocd", "sub": account + ":apiKey", "jti": tokenID, "iat": now().Add(-24 * time.Hour).Unix(), "nbf": 1}
	maps.Copy(all, claims)
	body, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return signed(signingKey, sha256.New, `{"alg":"HS256","typ":"JWT"}`, string(body))
}

// signed is a token with this header and these claims.
func signed(key string, hash func() hash.Hash, header, claims string) string {
	text := b64([]byte(header)) + "." + b64([]byte(claims))
	mac := hmac.New(hash, []byte(key))
	mac.Write([]byte(text))
	return text + "." + b64(mac.Sum(nil))
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
