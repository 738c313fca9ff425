package render

import (
	"strings"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// checkSecrets compares the chart's Secrets in a Runtime's namespace with its
// credential. It returns the document to append, "" if there is none.
func (e *engine) checkSecrets(r *runtime) (string, error) {
	if r.handsOff || r.isWitness {
		return "", nil
	}
	auth := r.auth
	used, present := auth.Credential().Name, false
	for _, s := range r.secrets {
		if s.namespace != "" && s.namespace != r.namespace {
			continue // somebody else's
		}
		if !auth.IsPlaintext() || s.name != used {
			e.addSecret(s.name, Unused)
			continue
		}
		if !auth.Plaintext.IsMarker() && !s.holds(auth.Plaintext) {
			return "", valuesErrorf("%s: Secret/%s holds another credential than the given values", s.where, s.name).
				remedy(SameValues, "give the renderer the same values as helm")
		}
		present = true
		e.addSecret(s.name, Present)
	}
	switch {
	case !auth.IsPlaintext() || present:
		return "", nil
	case e.world.hidden:
		e.addSecret(used, Hidden)
		return "", nil
	case auth.Plaintext.IsMarker():
		return "", valuesErrorf("the credential in the values is redacted, and Secret/%s is not in the stream", used).hint(giveValues)
	case !utf8.ValidString(auth.Plaintext.Reveal()):
		return "", valuesErrorf("the credential in the values is not UTF-8 text, and Secret/%s is not in the stream", used)
	}
	e.addSecret(used, Appended)
	return secretDocument(used, e.world.sharedNamespace(r), auth.Plaintext, e.in.LineEnd()), nil
}

// holds reports whether the Secret holds the credential. The chart writes it without
// quotes, so that white space around it, such as the line end of a file given with
// --set-file, is not in the Secret (templates/app-proxy/external-argocd-token.yaml).
func (s chartSecret) holds(credential auth.Secret) bool {
	return s.known && strings.TrimSpace(s.token) == strings.TrimSpace(credential.Reveal())
}

// addSecret reports a Secret, once for a state.
func (e *engine) addSecret(name string, state SecretState) {
	for _, s := range e.report.Secrets {
		if s.Name == name && s.State == state {
			return
		}
	}
	e.report.Secrets = append(e.report.Secrets, Secret{name, state})
}

// secretDocument returns a document with the Secret that the chart would make, labelled
// as the chart does (templates/app-proxy/external-argocd-token.yaml), but for what names
// its version. Another one may follow it.
func secretDocument(name, namespace string, token auth.Secret, eol string) string {
	if namespace != "" {
		if !yamldoc.IsPlain(namespace) {
			namespace = yamldoc.Quote(namespace)
		}
		namespace = "  namespace: " + namespace + "\n"
	}
	text := "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: " + name + "\n" + namespace + `  labels:
    app: codefresh-gitops-runtime
    app.kubernetes.io/part-of: codefresh-gitops-runtime
    app.kubernetes.io/managed-by: Helm
type: Opaque
stringData:
  ` + auth.PlaintextSecretKey + ": " + yamldoc.QuoteHidden(token.Reveal()) + "\n"
	return strings.ReplaceAll(text, "\n", eol)
}
