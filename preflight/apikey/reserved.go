//go:build cluster

package apikey

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

const secretOfItsOwn = "give the API key a Secret of its own with --secret-name"

// reserved refuses the names of Secrets in which others keep something else, whether
// they are there yet or not.
func reserved(name string) error {
	why := ""
	switch {
	case name == "argocd-secret":
		why = "is where Argo CD keeps its own settings"
	case name == schema.DefaultPasswordRef().Name:
		why = "is where Argo CD puts its first password"
	case name == schema.RuntimeSecretName:
		why = "holds the Runtime's own token for Codefresh"
	case name == schema.AppProxySecretName:
		why = "is written by app-proxy itself in password mode"
	case strings.HasPrefix(name, "gitops-runtime-argo-cd-"):
		why = "is made, and taken away, by the Runtime's chart"
	case strings.HasPrefix(name, "sh.helm.release."):
		why = "is one of Helm's records"
	default:
		return nil
	}
	return &Error{Reason: fmt.Sprintf("Secret %q %s", name, why), Hint: secretOfItsOwn}
}

// The marks by which a Secret tells whose it is.
const (
	releaseAnnotation = "meta.helm.sh/release-name" // Helm's, beside the label managed-by: Helm
	partOfLabel       = "app.kubernetes.io/part-of" // argocd on what Argo CD keeps
	typeOfArgoCD      = "argocd.argoproj.io/secret-type"
)

// owned refuses a Secret that is somebody else's, or cannot be changed: also with
// --force, because it would be written back, taken away or broken.
func owned(s *corev1.Secret) error {
	why := ""
	switch {
	case s.DeletionTimestamp != nil:
		why = "is being deleted"
	case s.Immutable != nil && *s.Immutable:
		why = "is immutable"
	case s.Type != "" && s.Type != corev1.SecretTypeOpaque:
		why = fmt.Sprintf("is of type %q, which is for something else", s.Type)
	case s.Annotations[releaseAnnotation] != "":
		why = fmt.Sprintf("belongs to Helm release %q", s.Annotations[releaseAnnotation])
	case s.Labels[ManagedByLabel] == "Helm":
		why = "belongs to Helm"
	case s.Labels[partOfLabel] == "argocd" || s.Labels[typeOfArgoCD] != "":
		why = "belongs to Argo CD"
	}
	for _, owner := range s.OwnerReferences {
		if owner.Controller != nil && *owner.Controller {
			why = fmt.Sprintf("is kept by %s %q, which would write over the API key", owner.Kind, owner.Name)
		}
	}
	if why == "" {
		return nil
	}
	return &Error{Reason: fmt.Sprintf("Secret %q %s", s.Name, why), Hint: secretOfItsOwn}
}
