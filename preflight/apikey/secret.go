//go:build cluster

package apikey

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/owner"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// Held reads which API key a Secret holds. The error, an *Error, says why there is
// none to be had.
func Held(ctx context.Context, secrets corev1client.SecretInterface, t Target) (token.Token, error) {
	s, err := t.get(ctx, secrets, "name the namespace with -n, or the API key itself with --account and --id")
	if err != nil {
		return token.Token{}, err
	}
	return Read(s, t)
}

func (t Target) get(ctx context.Context, secrets corev1client.SecretInterface, hint string) (*corev1.Secret, error) {
	s, err := secrets.Get(ctx, t.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, refuse(hint, "Secret %q does not exist in namespace %q", t.Name, t.Namespace)
	}
	return s, t.Explain(ctx, "get", err, auth.Secret{})
}

// Read is Held for a Secret that was read already.
func Read(s *corev1.Secret, t Target) (token.Token, error) {
	value, ok := s.Data[t.Key]
	key, err := token.Parse(string(value))
	switch {
	case !ok:
		err = refuse("name the right one with --secret-key", "Secret %q has no key %q", t.Name, t.Key)
	case err != nil:
		err = refuse("", "key %q of Secret %q holds no API key: %v", t.Key, t.Name, err)
	case key.Kind != token.APIKey:
		err = refuse("", "key %q of Secret %q holds a token, but no API key of an account", t.Key, t.Name)
	}
	return key, err
}

// Writable reads a Secret whose API key is to be replaced. The error, an *Error, says why
// there is none, or whose it is.
func Writable(ctx context.Context, secrets corev1client.SecretInterface, t Target) (*corev1.Secret, error) {
	if err := reserved(t.Name); err != nil {
		return nil, err
	}
	s, err := t.get(ctx, secrets, "name the namespace with -n, or make the Secret with token create")
	if err != nil {
		return nil, err
	}
	return s, owned(s)
}

// prepare finds the Secret, and lets the API server say whether it would take the key.
func (r *Result) prepare(ctx context.Context, secrets corev1client.SecretInterface, place shell.Place) error {
	s, err := secrets.Get(ctx, r.Target.Name, metav1.GetOptions{})
	switch {
	case err == nil:
		if err := owned(s); err != nil {
			return err
		}
		if !r.Force {
			return r.Target.exists()
		}
		if s.Annotations[Rotating] != "" {
			return refuse("end it with: "+place.Command("token rotate", "--secret-name", r.Target.Name)+"; or give it up first, and see what is alive: "+shell.Kubectl(r.Target.Namespace, "annotate", "secret", r.Target.Name, Rotating+"-"),
				"a rotation of Secret %q has begun and not ended: its API keys would be left alive", r.Target.Name)
		}
		r.existing, r.Updated = s, true
		if old, err := token.Parse(string(s.Data[r.Target.Key])); err == nil && old.Kind == token.APIKey {
			r.Replaced = &old
		}
	case apierrors.IsNotFound(err):
	case apierrors.IsForbidden(err) && !r.Force:
		// Whoever may create a Secret need not be able to read it. That it exists
		// comes out all the same when it is to be created.
	default:
		return r.Target.Explain(ctx, "get", err, auth.Secret{})
	}
	return r.write(ctx, secrets, metav1.DryRunAll)
}

// write creates the Secret, or sets the one key in what is there.
func (r Result) write(ctx context.Context, secrets corev1client.SecretInterface, dryRun ...string) error {
	s, made := r.existing.DeepCopy(), r.Manifest()
	if !r.Updated {
		s = made
		s.StringData = nil
	}
	if s.Data == nil {
		s.Data = map[string][]byte{}
	}
	s.Data[r.Target.Key] = []byte(r.value())
	for name, value := range made.Annotations {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, name, value)
	}
	verb := "create"
	put := func(ctx context.Context) (*corev1.Secret, error) {
		if !r.Updated {
			return secrets.Create(ctx, s, metav1.CreateOptions{DryRun: dryRun, FieldManager: managedBy})
		}
		verb = "update"
		return secrets.Update(ctx, s, metav1.UpdateOptions{DryRun: dryRun, FieldManager: managedBy})
	}
	if dryRun != nil {
		_, err := put(ctx)
		return r.Target.Explain(ctx, verb, err, r.Token)
	}
	_, err := r.Target.Store(ctx, secrets, put, func(seen *corev1.Secret, err error) (bool, error) {
		if seen != nil && string(seen.Data[r.Target.Key]) == r.Token.Reveal() {
			return true, nil
		}
		return false, err // it is not stored
	})
	if errors.Is(err, ErrUnknown) {
		return err
	}
	return r.Target.Explain(ctx, verb, err, r.Token)
}

// ErrUnknown is the error of Store where an answer was lost, and so were those to the looks afterwards.
var ErrUnknown = errors.New("the API server did not say whether it has stored the Secret")

// Store writes a Secret with put until it is known whether it is stored: on that it depends
// whether the API key in it may be revoked, so it is not interrupted. Where an answer was lost,
// or the Secret was changed meanwhile, seen is given the Secret as it is, nil where there is
// none, and the error of put. It says whether that is what was to be stored; with an error that
// ends it, and without either put is called again. Calls of secrets need a timeout.
func (t Target) Store(ctx context.Context, secrets corev1client.SecretInterface, put func(context.Context) (*corev1.Secret, error), seen func(*corev1.Secret, error) (bool, error)) (_ *corev1.Secret, err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	ctx = context.WithoutCancel(ctx)
	lost := false // an answer, whatever it was
	for range 5 {
		var s *corev1.Secret
		if s, err = put(ctx); err == nil {
			return s, nil
		}
		status := apierrors.APIStatus(nil) // after a 5xx the work may be done all the same
		refused := errors.As(err, &status) && status.Status().Code/100 == 4
		if refused && !apierrors.IsConflict(err) && !lost {
			return nil, err
		}
		lost = lost || !refused
		s, bad := secrets.Get(ctx, t.Name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(bad):
			s = nil
		case bad != nil:
			continue
		}
		if done, end := seen(s, err); done || end != nil {
			return s, end
		}
		lost = lost && !apierrors.IsConflict(err) // what was sent before can come to nothing any more
	}
	if lost {
		err = ErrUnknown
	}
	return nil, err
}

// unknown says where the key may be that is neither in its Secret for sure nor revoked.
func (k *Keys) unknown(o Options) error {
	return &Error{
		Reason: fmt.Sprintf("%v; API key %q of account %q was not revoked: Secret %q in namespace %q may hold it", ErrUnknown, o.ID, o.Account, o.Target.Name, o.Target.Namespace),
		Hint:   "see whether the Secret holds it: " + k.Place.Command("token list", "--account", o.Account) + "; if it does not, revoke it: " + k.revoking(o),
		err:    ErrUnknown,
	}
}

func (t Target) exists() error {
	hint := fmt.Sprintf("set its key %q with --force, where everything else in it stays; or give another name with --secret-name", t.Key)
	return refuse(hint, "Secret %q exists in namespace %q already", t.Name, t.Namespace)
}

// Explain is the *Error for what the API server has refused to do with a Secret, nil for nil.
// key is not in the message, which might repeat it: admission webhooks write whatever they
// like, also what was to be stored.
func (t Target) Explain(ctx context.Context, verb string, err error, key auth.Secret) error {
	hint := ""
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return interrupted(ctx)
	case apierrors.IsAlreadyExists(err):
		return t.exists()
	case apierrors.IsConflict(err):
		return refuse("try again", "Secret %q was changed by somebody else in the meantime", t.Name)
	case apierrors.IsForbidden(err):
		hint = fmt.Sprintf("where a right is missing, grant it with a Role (verb %s, resource secrets), or print the Secret with -o yaml for somebody who may", verb)
	case apierrors.IsNotFound(err) && verb == "create":
		hint = "install the Runtime into the namespace of its Argo CD: name it with -n"
	}
	return refuse(hint, "cannot %s Secret %q in namespace %q: %s", verb, t.Name, t.Namespace, argocd.Shown(argocd.Plain(err), key))
}

const secretOfItsOwn = "give the API key a Secret of its own with --secret-name"

// reserved refuses the names of Secrets in which others keep something else, whether
// they are there yet or not.
func reserved(name string) error {
	why := map[string]string{
		"argocd-secret":                "is where Argo CD keeps its own settings",
		auth.DefaultPasswordRef().Name: "is where Argo CD puts its first password",
		auth.RuntimeSecretName:         "holds the Runtime's own token for Codefresh",
		auth.AppProxySecretName:        "is written by app-proxy itself in password mode",
	}[name]
	switch {
	case strings.HasPrefix(name, "gitops-runtime-argo-cd-"):
		why = "is made, and taken away, by the Runtime's chart"
	case strings.HasPrefix(name, "sh.helm.release."):
		why = "is one of Helm's records"
	}
	if why == "" {
		return nil
	}
	return refuse(secretOfItsOwn, "Secret %q %s", name, why)
}

// owned refuses a Secret that is somebody else's, or cannot be changed: also with
// --force, because it would be written back, taken away or broken.
func owned(s *corev1.Secret) error {
	release := s.Annotations["meta.helm.sh/release-name"] // Helm's, beside the label managed-by: Helm
	why := ""
	switch {
	case s.DeletionTimestamp != nil:
		why = "is being deleted"
	case s.Immutable != nil && *s.Immutable:
		why = "is immutable"
	case s.Type != "" && s.Type != corev1.SecretTypeOpaque:
		why = fmt.Sprintf("is of type %q, which is for something else", s.Type)
	case release != "":
		why = fmt.Sprintf("belongs to Helm release %q", release)
	case s.Labels[managedByLabel] == "Helm":
		why = "belongs to Helm"
	case s.Labels["app.kubernetes.io/part-of"] == "argocd" || s.Labels["argocd.argoproj.io/secret-type"] != "":
		why = "belongs to Argo CD"
	}
	if by, ok := owner.Of("Secret", s); ok {
		why = fmt.Sprintf("is kept by %s %q, which would write over the API key", by.Kind, by.Name)
	}
	if why == "" {
		return nil
	}
	return refuse(secretOfItsOwn, "Secret %q %s", s.Name, why)
}
