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
func (r *run) createKey(account string) string {
	return fmt.Sprintf("helm runtime-auth token create -n %s --argo-cd-url URL --account %s", shell.Argument(r.opts.Namespace), shell.Argument(account))
}

// into is what createKey takes to put the key into a new Secret; with --force it may be
// there.
func into(ref auth.SecretRef) string {
	return fmt.Sprintf(" --secret-name %s --secret-key %s", shell.Argument(ref.Name), shell.Argument(ref.Key))
}

// fromFile is the command that makes a Secret from a file; then goes behind it.
func (r *run) fromFile(ref auth.SecretRef, what, then string) string {
	return fmt.Sprintf("kubectl create secret generic %s -n %s --from-file=%s=FILE%s, where FILE holds the %s and no line break at its end",
		shell.Argument(ref.Name), shell.Argument(r.opts.Namespace), shell.Argument(ref.Key), then, what)
}

// makeSecret says how a Secret comes about. The default of the chart is one that
// Argo CD makes itself, and that people are told to remove.
func (r *run) makeSecret(ref reference) string {
	switch {
	case ref.Same(auth.DefaultPasswordRef()):
		return "Argo CD makes it when it is first installed, and it may be removed afterwards: create an API key and use type token (helm runtime-auth token create)"
	case ref.what == string(auth.ModeToken):
		return "create it: " + r.createKey(anyAccount) + into(ref.SecretRef)
	}
	return "create it: " + r.fromFile(ref.SecretRef, ref.what, "")
}

// rewrite says how to put something else into one key of a Secret that is there,
// where kubectl create would refuse.
func (r *run) rewrite(ref auth.SecretRef, what string) string {
	switch {
	case r.auth.IsPlaintext() && what == string(r.auth.Mode):
		return fmt.Sprintf("give the %s as it is, best in a Secret", what)
	case what == string(auth.ModeToken):
		return "create an API key and put it there: " + r.createKey(anyAccount) + into(ref) + " --force"
	}
	patch := fmt.Sprintf(" --dry-run=client -o yaml | kubectl patch secret %s -n %s --patch-file /dev/stdin", shell.Argument(ref.Name), shell.Argument(r.opts.Namespace))
	return fmt.Sprintf("write %s anew: %s", place(ref), r.fromFile(ref, what, patch))
}

// renew says how to replace the API key in use.
func (r *run) renew() string {
	command := "create a new API key: " + r.createKey(r.key.Account)
	if r.auth.IsPlaintext() {
		return command
	}
	return command + into(r.auth.Ref) + " --force"
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
