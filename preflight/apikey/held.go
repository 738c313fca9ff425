//go:build cluster

package apikey

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// Held reads which API key a Secret holds. The error, an *Error, says why there is
// none to be had.
func Held(ctx context.Context, secrets corev1client.SecretInterface, t Target) (token.Token, error) {
	s, err := secrets.Get(ctx, t.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return token.Token{}, &Error{Reason: fmt.Sprintf("Secret %q does not exist in namespace %q", t.Name, t.Namespace),
			Hint: "name the namespace with -n, or the API key itself with --account and --id"}
	}
	if err != nil {
		return token.Token{}, (&writer{target: t}).explain(ctx, "get", err, schema.Secret{})
	}
	value, ok := s.Data[t.Key]
	if !ok {
		return token.Token{}, &Error{Reason: fmt.Sprintf("Secret %q has no key %q", t.Name, t.Key), Hint: "name the right one with --secret-key"}
	}
	key, err := token.Parse(string(value))
	switch {
	case err != nil:
		return token.Token{}, &Error{Reason: fmt.Sprintf("key %q of Secret %q holds no API key: %v", t.Key, t.Name, err)}
	case key.Kind != token.APIKey:
		return token.Token{}, &Error{Reason: fmt.Sprintf("key %q of Secret %q holds a token, but no API key of an account", t.Key, t.Name)}
	}
	return key, nil
}
