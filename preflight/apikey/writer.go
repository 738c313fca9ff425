//go:build cluster

package apikey

import (
	"context"
	"errors"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// writer puts an API key into one key of one Secret.
type writer struct {
	secrets corev1client.SecretInterface
	target  Target
	// existing is the Secret as it was found, nil where there was none. What is
	// written refers to this version of it, so that nothing in between is lost.
	existing *corev1.Secret
}

// prepare finds the Secret, and lets the API server say whether it would take it.
func (w *writer) prepare(ctx context.Context, force bool, r Result) error {
	s, err := w.secrets.Get(ctx, w.target.Name, metav1.GetOptions{})
	switch {
	case err == nil:
		if err := owned(s); err != nil {
			return err
		}
		if !force {
			return w.exists()
		}
		w.existing = s
	case apierrors.IsNotFound(err):
	case apierrors.IsForbidden(err) && !force:
		// Whoever may create a Secret need not be able to read it. That it exists
		// comes out all the same when it is to be created.
	default:
		return w.explain(ctx, "get", err, schema.Secret{})
	}
	_, err = w.put(ctx, NotMade, r, []string{metav1.DryRunAll})
	return w.explain(ctx, w.verb(), err, schema.Secret{})
}

func (w *writer) verb() string {
	if w.existing != nil {
		return "update"
	}
	return "create"
}

// replaced reads the API key that stands in the Secret; nil where there is none.
func (w *writer) replaced() *token.Token {
	if w.existing == nil {
		return nil
	}
	t, err := token.Parse(string(w.existing.Data[w.target.Key]))
	if err != nil || t.Kind != token.APIKey {
		return nil
	}
	return &t
}

// put creates the Secret, or sets the one key in what is there.
func (w *writer) put(ctx context.Context, value string, r Result, dryRun []string) (*corev1.Secret, error) {
	if w.existing == nil {
		s := r.Manifest()
		s.StringData, s.Data = nil, map[string][]byte{w.target.Key: []byte(value)}
		return w.secrets.Create(ctx, s, metav1.CreateOptions{DryRun: dryRun, FieldManager: ManagedBy})
	}
	s := w.existing.DeepCopy()
	if s.Data == nil {
		s.Data = map[string][]byte{}
	}
	if s.Annotations == nil {
		s.Annotations = map[string]string{}
	}
	s.Data[w.target.Key] = []byte(value)
	maps.Copy(s.Annotations, r.annotations())
	return w.secrets.Update(ctx, s, metav1.UpdateOptions{DryRun: dryRun, FieldManager: ManagedBy})
}

// write puts the API key into the Secret.
func (w *writer) write(ctx context.Context, key schema.Secret, r Result) error {
	_, err := w.put(ctx, key.Reveal(), r, nil)
	if err == nil || w.landed(ctx, err, key) {
		return nil
	}
	return w.explain(ctx, w.verb(), err, key)
}

// landed looks whether the API server has stored the key although its answer was
// lost on the way: then the key must stay.
func (w *writer) landed(ctx context.Context, err error, key schema.Secret) bool {
	if status := apierrors.APIStatus(nil); errors.As(err, &status) && status.Status().Code < 500 {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	s, err := w.secrets.Get(ctx, w.target.Name, metav1.GetOptions{})
	return err == nil && string(s.Data[w.target.Key]) == key.Reveal()
}

func (w *writer) exists() error {
	return &Error{
		Reason: fmt.Sprintf("Secret %q exists in namespace %q already", w.target.Name, w.target.Namespace),
		Hint:   fmt.Sprintf("set its key %q with --force, where everything else in it stays; or give another name with --secret-name", w.target.Key),
	}
}

// explain says what the API server refused. key is what it might repeat.
func (w *writer) explain(ctx context.Context, verb string, err error, key schema.Secret) error {
	if err == nil {
		return nil
	}
	where := fmt.Sprintf("cannot %s Secret %q in namespace %q", verb, w.target.Name, w.target.Namespace)
	switch {
	case ctx.Err() != nil:
		return interrupted(ctx)
	case apierrors.IsAlreadyExists(err):
		return w.exists()
	case apierrors.IsConflict(err):
		return &Error{Reason: fmt.Sprintf("Secret %q was changed by somebody else in the meantime", w.target.Name), Hint: "try again"}
	}
	e := &Error{Reason: where + ": " + said(err, key)}
	switch {
	case apierrors.IsForbidden(err):
		e.Hint = fmt.Sprintf("where a right is missing, grant it with a Role (verb %s, resource secrets), or print the Secret with -o yaml for somebody who may", verb)
	case apierrors.IsNotFound(err) && w.existing == nil:
		e.Hint = "the Runtime belongs into the namespace of its Argo CD: name that one with -n"
	}
	return e
}
