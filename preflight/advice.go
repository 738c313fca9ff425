//go:build cluster

package preflight

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// anyAccount stands in commands for a name that is not known.
const anyAccount = "NAME"

// createKey is the command that makes an API key.
func (r *run) createKey(account string, flags ...string) string {
	p := shell.Place{Namespace: r.opts.Namespace, URL: r.opts.ArgoCD.URL, Forward: r.opts.ArgoCD.Dial != nil}
	return p.Command("token create", append([]string{"--account", account}, flags...)...)
}

// into are the flags of createKey that put the key into a new Secret; with --force it may
// be there.
func into(ref auth.SecretRef) []string {
	return []string{"--secret-name", ref.Name, "--secret-key", ref.Key}
}

// fromFile is the command that makes a Secret from a file; then goes behind it.
func (r *run) fromFile(ref auth.SecretRef, then ...string) string {
	words := append([]string{"create", "secret", "generic", ref.Name, "--from-file=" + ref.Key + "=FILE"}, then...)
	return shell.Kubectl(r.opts.Namespace, words...)
}

// file says what the FILE of fromFile holds.
func file(what string) string {
	return fmt.Sprintf(", where FILE holds the %s without a line break at its end", what)
}

// makeSecret says how a Secret comes about. The default of the chart is one that
// Argo CD makes itself, and that people are told to remove.
func (r *run) makeSecret(ref reference) string {
	switch {
	case ref.Same(auth.DefaultPasswordRef()):
		return "Argo CD creates it on first install, and it may be removed later: use type token with an API key: " + r.createKey(anyAccount)
	case ref.what == string(auth.ModeToken):
		return "create it: " + r.createKey(anyAccount, into(ref.SecretRef)...)
	}
	return "create it: " + r.fromFile(ref.SecretRef) + file(ref.what)
}

// rewrite says how to put something else into one key of a Secret that is there,
// where kubectl create would refuse.
func (r *run) rewrite(ref auth.SecretRef, what string) string {
	switch {
	case r.auth.IsPlaintext() && what == string(r.auth.Mode):
		return fmt.Sprintf("give the unmodified %s, preferably in a Secret", what)
	case what == string(auth.ModeToken):
		return "create an API key and put it there: " + r.createKey(anyAccount, append(into(ref), "--force")...)
	}
	return fmt.Sprintf("set %s again: %s | %s%s", place(ref), r.fromFile(ref, "--dry-run=client", "-o", "yaml"),
		shell.Kubectl(r.opts.Namespace, "patch", "secret", ref.Name, "--patch-file", "/dev/stdin"), file(what))
}

// renew says how to replace the API key in use.
func (r *run) renew() string {
	var flags []string
	if !r.auth.IsPlaintext() {
		flags = append(into(r.auth.Ref), "--force")
	}
	return "create a new API key: " + r.createKey(r.key.Account, flags...)
}

// place names the key of a Secret.
func place(ref auth.SecretRef) string {
	return fmt.Sprintf("key %q of Secret %q", ref.Key, ref.Name)
}

// firstOf lists the first of several names, each once.
func firstOf(names []string, most int) string {
	slices.Sort(names)
	names = slices.Compact(names)
	var quoted []string
	for _, name := range names[:min(len(names), most)] {
		quoted = append(quoted, strconv.Quote(name))
	}
	text := strings.Join(quoted, ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}
