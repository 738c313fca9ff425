package examples

import (
	"path/filepath"
	"strings"
	"testing"
)

// mode is one way to sign in: a file of examples/values, and what it declares.
type mode struct {
	name        string
	token       bool
	secret, key string // where the services have to read
	username    string // what app-proxy's user name has to be; "Secret name/key" for a reference
	plaintext   string // the credential, where the values hold it
}

// modes lists the files that are in both folders of examples/values.
func modes() []mode {
	return []mode{
		{name: "token-secret-ref", token: true, secret: "argo-cd-account", key: "api-token"},
		{name: "token-plain", token: true, secret: "gitops-runtime-argo-cd-token", key: "token", plaintext: canary()},
		{name: "password-secret-ref", secret: "argo-cd-account", key: "secret-word", username: "runtime"},
		{name: "password-plain", secret: "gitops-runtime-argo-cd-password", key: "token", username: "runtime", plaintext: canary()},
		{name: "username-secret-ref", secret: "argo-cd-account", key: "secret-word", username: "Secret argo-cd-account/user"},
	}
}

// defaultMode is what the chart does without any auth block.
func defaultMode() mode {
	return mode{name: "default", secret: "argocd-initial-admin-secret", key: "password", username: "admin"}
}

// paths are the two places of the auth block, which are also folders of examples/values.
func paths() []string { return []string{"external-argo-cd", "integrations"} }

func generations() []string { return []string{"g1", "g2", "g3"} }

// file returns the mode's values file, its made-up credential replaced by the canary.
func (m mode) file(t testing.TB, path string) string {
	t.Helper()
	name := absolute(t, "values", path, m.name+".yaml")
	if m.plaintext == "" {
		return name
	}
	field := "password: "
	if m.token {
		field = "token: "
	}
	text := read(t, name)
	i := strings.Index(text, "  "+field+"e")
	if i < 0 {
		t.Fatalf("%s has no line %q", name, field)
	}
	end := i + strings.Index(text[i:], "\n")
	name = filepath.Join(t.TempDir(), m.name+".yaml")
	write(t, name, text[:i]+"  "+field+m.plaintext+text[end:])
	return name
}
