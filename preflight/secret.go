//go:build cluster

package preflight

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// The marks that Helm leaves on what it made (helm 3.22 pkg/action/validate.go,
// Helm 4 alike): without them an installation refuses to take an object over.
const (
	managedByLabel    = "app.kubernetes.io/managed-by"
	releaseAnnotation = "meta.helm.sh/release-name"
)

func (r *run) namespace() error {
	name := r.opts.Namespace
	ns, err := r.cluster.Namespace(r.ctx, name)
	o := object{verb: "get", resource: "namespaces", kind: "Namespace", name: name}
	before := len(r.results)
	found, err := r.outcome(CheckNamespace, o, err)
	switch {
	case err != nil:
		return err
	case len(r.results) > before: // refused: what is in it may still be readable
	case !found:
		r.absent = true
		r.add(CheckNamespace, Failed, fmt.Sprintf("namespace %q does not exist", name),
			"the Runtime belongs into the namespace of its Argo CD: name that one with -n")
	case ns.DeletionTimestamp != nil || ns.Status.Phase == corev1.NamespaceTerminating:
		r.add(CheckNamespace, Failed, fmt.Sprintf("namespace %q is being deleted", name), "wait until it is gone, or use another one")
	default:
		r.add(CheckNamespace, OK, fmt.Sprintf("namespace %q exists", name), "")
	}
	return nil
}

// reserved looks for Secrets that belong to somebody else: those that lint knows,
// and those that Helm would refuse to take over, or would take away.
func (r *run) reserved() error {
	for _, d := range r.reservedBy {
		r.add(CheckReserved, statusOf(d.Severity), finding(d), d.Hint)
	}
	switch {
	case len(r.reservedBy) > 0:
		return nil
	case r.auth == nil:
		r.skip(CheckReserved, r.unfit)
		return nil
	case r.absent:
		r.add(CheckReserved, OK, "no Secret is in the way", "")
		return nil
	}
	return r.owned(r.auth.Credential().Name)
}

// owned looks at whom the Secret of the credential belongs to, where it is one that
// the chart makes from a plaintext credential.
func (r *run) owned(name string) error {
	if name != schema.TokenSecretName && name != schema.PasswordSecretName {
		r.add(CheckReserved, OK, fmt.Sprintf("Secret %q is nobody else's", name), "")
		return nil
	}
	s, err := r.cluster.Secret(r.ctx, r.opts.Namespace, name)
	before := len(r.results)
	found, err := r.outcome(CheckReserved, r.secretAt(name), err)
	if err != nil || len(r.results) > before {
		return err
	}
	release := ""
	if found {
		release = s.Annotations[releaseAnnotation]
	}
	switch {
	case r.auth.IsPlaintext() && found && (release == "" || s.Labels[managedByLabel] != "Helm"):
		r.add(CheckReserved, Failed, fmt.Sprintf("Secret %q exists and is not Helm's, so the chart cannot make it from the credential in the values", name),
			fmt.Sprintf("refer to it with %sSecretKeyRef instead, or remove it", r.auth.Mode))
	case !r.auth.IsPlaintext() && release != "":
		r.add(CheckReserved, Failed, fmt.Sprintf("Secret %q belongs to Helm release %q, which removes it once the values hold no plaintext credential", name, release),
			"copy the credential into a Secret of your own and refer to that")
	default:
		r.add(CheckReserved, OK, fmt.Sprintf("Secret %q is not in the way", name), "")
	}
	return nil
}

// secrets reads what the references point to.
func (r *run) secrets() error {
	switch {
	case r.auth == nil:
		r.skip(CheckSecret, r.unfit)
		r.skip(CheckKey, r.unfit)
		return nil
	case r.auth.IsPlaintext():
		r.credential = r.auth.Plaintext
		why := fmt.Sprintf("the chart makes Secret %q from the credential in the values", r.auth.Credential().Name)
		r.add(CheckSecret, OK, why, "")
		r.add(CheckKey, OK, why, "")
	default:
		value, err := r.value(r.auth.Ref, string(r.auth.Mode))
		if err != nil {
			return err
		}
		r.credential = schema.NewSecret(value)
	}
	r.username = r.auth.Username
	if r.auth.UsernameRef != nil {
		name, err := r.value(*r.auth.UsernameRef, "username")
		if err != nil {
			return err
		}
		r.username = name
	}
	r.group()
	return nil
}

// group moves the results of one check together: two references are looked at one
// after the other.
func (r *run) group() {
	slices.SortStableFunc(r.results, func(a, b Result) int {
		order := Checks()
		return slices.Index(order, a.ID) - slices.Index(order, b.ID)
	})
}

// value reads the key that a reference names; "" where that ended in a result.
func (r *run) value(ref schema.SecretRef, what string) (string, error) {
	if r.absent {
		r.skip(CheckSecret, "the namespace does not exist")
		r.skip(CheckKey, "the namespace does not exist")
		return "", nil
	}
	s, err := r.cluster.Secret(r.ctx, r.opts.Namespace, ref.Name)
	before := len(r.results)
	found, err := r.outcome(CheckSecret, r.secretAt(ref.Name), err)
	switch {
	case err != nil:
		return "", err
	case len(r.results) > before:
		r.skip(CheckKey, r.secretAt(ref.Name).why())
		return "", nil
	case !found:
		r.add(CheckSecret, Failed, fmt.Sprintf("Secret %q does not exist in namespace %q", ref.Name, r.opts.Namespace), r.makeSecret(ref, what))
		r.skip(CheckKey, fmt.Sprintf("Secret %q does not exist", ref.Name))
		return "", nil
	}
	r.add(CheckSecret, OK, fmt.Sprintf("Secret %q exists", ref.Name), "")
	value, ok := s.Data[ref.Key]
	switch {
	case !ok:
		r.add(CheckKey, Failed, fmt.Sprintf("Secret %q has no key %q, %s", ref.Name, ref.Key, keysOf(s)),
			fmt.Sprintf("name the right one in %sSecretKeyRef, or add the key", what))
	case len(value) == 0:
		r.add(CheckKey, Failed, fmt.Sprintf("%s is empty", place(ref)), fmt.Sprintf("put the %s into it", what))
	default:
		r.add(CheckKey, OK, fmt.Sprintf("%s is not empty", place(ref)), "")
	}
	return string(value), nil
}

// makeSecret says how the Secret comes about. The default of the chart is one that
// Argo CD makes itself, and that people are told to remove.
func (r *run) makeSecret(ref schema.SecretRef, what string) string {
	if ref.Same(schema.DefaultPasswordRef()) {
		return "Argo CD makes it when it is first installed, and it may be removed afterwards: create an API key and use type token (helm runtime-auth token create)"
	}
	if what == "token" {
		return "create it: " + r.createKey(anyAccount, ref, false)
	}
	return fmt.Sprintf("create it: %s, %s", r.createSecret(ref), noLineBreak(what))
}

// keysOf lists the keys of a Secret, which are no credentials.
func keysOf(s *corev1.Secret) string {
	var keys []string
	for key := range s.Data {
		keys = append(keys, fmt.Sprintf("%q", key))
	}
	if len(keys) == 0 {
		return "it is empty"
	}
	slices.Sort(keys)
	return "only " + firstOf(keys, 5)
}
