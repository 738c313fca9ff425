//go:build cluster

package consumer_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/preflight/page"
)

// apiKey is a token with a subject and an id.
func apiKey(subject, id string) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(`{"alg":"HS256"}`)) + "." + e(fmt.Appendf(nil, `{"iss":"argocd","sub":%q,"jti":%q,"iat":1}`, subject, id)) + "." + e([]byte("s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr"))
}

// TestHolders tells the API keys of an account from all else that Secrets hold.
func TestHolders(t *testing.T) {
	secret := func(namespace, name string, data map[string]string) page.Object {
		s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: map[string][]byte{}}
		for k, v := range data {
			s.Data[k] = []byte(v)
		}
		return s
	}
	s := source{errs: map[string]error{}, objects: map[string][]page.Object{consumer.Secrets: {
		secret(ns, "two", map[string]string{"b": apiKey("ci:apiKey", "key-2"), "a": apiKey("ci", "key-1"), "c": "s3cr3t"}),
		secret(ns, "same", map[string]string{"a": apiKey("ci:apiKey", "key-1") + "\n"}),
		secret(ns, "others", map[string]string{"a": apiKey("other:apiKey", "key-1"), "b": apiKey("ci:login", "key-1"), "c": apiKey("proj:ci:apiKey", "key-1"), "d": "eyJ.s3cr3t."}),
		secret("elsewhere", "two", map[string]string{"a": apiKey("ci:apiKey", "key-1")}),
	}}}
	holders := func(namespace string) string {
		t.Helper()
		all, err := consumer.HoldersOf(t.Context(), s, namespace, "ci")
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprintf("%+v", all); strings.Contains(text, "s3cr3t") || strings.Contains(text, "eyJ") {
			t.Error("a credential is kept")
		}
		return fmt.Sprint(all.ByID, all.Unseen)
	}
	if diff := cmp.Diff("map[key-1:[{{codefresh same a} []} {{codefresh two a} []}] key-2:[{{codefresh two b} []}]] []", holders(ns)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := holders(""); !strings.Contains(got, "{elsewhere two a}") {
		t.Errorf("in all namespaces: %s", got)
	}
	s.errs[consumer.Secrets] = apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "", errors.New("no"))
	if got := holders(""); got != "map[] [no permission to list secrets in all namespaces]" {
		t.Errorf("forbidden: %s", got)
	}
	s.errs[consumer.Secrets] = errors.New("connection lost")
	if _, err := consumer.HoldersOf(t.Context(), s, ns, "ci"); err == nil || err.Error() != "cannot list secrets in the cluster: connection lost" {
		t.Errorf("error %v", err)
	}
}
