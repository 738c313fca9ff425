//go:build cluster

package preflight

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// The marks that Helm leaves on what it made (helm 3.22 pkg/action/validate.go,
// Helm 4 alike): without them an installation refuses to take an object over.
const (
	managedByLabel    = "app.kubernetes.io/managed-by"
	releaseAnnotation = "meta.helm.sh/release-name"
)

func (r *run) namespace(ctx context.Context) ([]Result, error) {
	name := r.opts.Namespace
	ns, err := r.cluster.Namespace(ctx, name)
	ns, err = found(ns, err, object{verb: "get", resource: "namespaces", name: name})
	switch {
	case err != nil: // if it is refused, what is in the namespace may still be readable
		return nil, err
	case ns == nil:
		r.absent = true
		return result(Failed, fmt.Sprintf("namespace %q does not exist", name),
			"install the Runtime into the namespace of its Argo CD: name it with -n")
	case ns.DeletionTimestamp != nil || ns.Status.Phase == corev1.NamespaceTerminating:
		return result(Failed, fmt.Sprintf("namespace %q is being deleted", name), "wait until it is gone, or use another one")
	}
	return result(OK, fmt.Sprintf("namespace %q exists", name), "")
}

// reserved looks for Secrets that belong to somebody else: those that lint knows, and
// those that Helm would refuse to take over, or would take away.
func (r *run) reserved(ctx context.Context) ([]Result, error) {
	name := r.auth.Credential().Name
	switch {
	case len(r.reservedBy) > 0:
		return results(r.reservedBy, finding), nil
	case r.unfit != "":
		return result(Skipped, r.unfit, "")
	case r.absent:
		return result(OK, "no Secret is in the way", "")
	case name != auth.TokenSecretName && name != auth.PasswordSecretName: // the chart makes these
		return result(OK, fmt.Sprintf("Secret %q is not reserved", name), "")
	}
	s, err := r.secret(ctx, name)
	if err != nil {
		return nil, err
	}
	release := ""
	if s != nil {
		release = s.Annotations[releaseAnnotation]
	}
	switch {
	case r.auth.IsPlaintext() && s != nil && (release == "" || s.Labels[managedByLabel] != "Helm"):
		return result(Failed, fmt.Sprintf("Secret %q exists and is not managed by Helm, so the chart cannot create it from the credential in the values", name),
			fmt.Sprintf("refer to it with %sSecretKeyRef instead, or remove it", r.auth.Mode))
	case !r.auth.IsPlaintext() && release != "":
		return result(Failed, fmt.Sprintf("Secret %q belongs to Helm release %q, which removes it once the values hold no plaintext credential", name, release),
			"copy the credential into a Secret of your own and refer to that")
	}
	return result(OK, fmt.Sprintf("Secret %q is not in the way", name), "")
}

// reference is one that the Runtime reads a credential from.
type reference struct {
	auth.SecretRef
	what   string // token, password or username
	secret *corev1.Secret
	why    string // there is no secret
}

// secrets reads what the references point to.
func (r *run) secrets(ctx context.Context) (all []Result, _ error) {
	if r.auth.IsPlaintext() {
		all = append(all, r.fromValues())
	} else {
		r.references = append(r.references, reference{SecretRef: r.auth.Ref, what: string(r.auth.Mode)})
	}
	if r.auth.UsernameRef != nil {
		r.references = append(r.references, reference{SecretRef: *r.auth.UsernameRef, what: "username"})
	}
	for i := range r.references {
		found, err := r.read(ctx, &r.references[i])
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	return all, nil
}

func (r *run) fromValues() Result {
	return Result{Status: OK, Seen: fmt.Sprintf("the chart makes Secret %q from the credential in the values", r.auth.Credential().Name)}
}

// read reads the Secret of a reference.
func (r *run) read(ctx context.Context, ref *reference) (_ Result, err error) {
	if r.absent {
		ref.why = "the namespace does not exist"
		return Result{Status: Skipped, Seen: ref.why}, nil
	}
	ref.secret, err = r.secret(ctx, ref.Name)
	var end ended
	switch {
	case errors.As(err, &end):
		ref.why = end.Seen
		return end.Result, nil
	case err != nil:
		return Result{}, err
	case ref.secret == nil:
		ref.why = fmt.Sprintf("Secret %q does not exist", ref.Name)
		return Result{Status: Failed, Seen: fmt.Sprintf("%s in namespace %q", ref.why, r.opts.Namespace), Advice: r.makeSecret(*ref)}, nil
	}
	return Result{Status: OK, Seen: fmt.Sprintf("Secret %q exists", ref.Name)}, nil
}

// keys takes out of the Secrets what the references name.
func (r *run) keys(context.Context) (all []Result, _ error) {
	if r.auth.IsPlaintext() {
		all = append(all, r.fromValues())
	}
	for _, ref := range r.references {
		if ref.secret == nil {
			all = append(all, Result{Status: Skipped, Seen: ref.why})
			continue
		}
		value, ok := ref.secret.Data[ref.Key]
		if ref.what == "username" {
			r.username = string(value)
		} else {
			r.credential = auth.NewSecret(string(value))
		}
		found := Result{Status: OK, Seen: place(ref.SecretRef) + " is not empty"}
		switch {
		case !ok:
			found = Result{Status: Failed, Seen: fmt.Sprintf("Secret %q has no key %q, %s", ref.Name, ref.Key, keysOf(ref.secret)),
				Advice: fmt.Sprintf("name the right one in %sSecretKeyRef, or add the key", ref.what)}
		case len(value) == 0:
			found = Result{Status: Failed, Seen: place(ref.SecretRef) + " is empty", Advice: fmt.Sprintf("put the %s into it", ref.what)}
		}
		all = append(all, found)
	}
	return all, nil
}

// keysOf lists the keys of a Secret, which are no credentials.
func keysOf(s *corev1.Secret) string {
	if len(s.Data) == 0 {
		return "it is empty"
	}
	return "only " + firstOf(slices.Collect(maps.Keys(s.Data)), 5)
}
