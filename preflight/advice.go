//go:build cluster

package preflight

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// anyAccount stands in commands for a name that is not known.
const anyAccount = "NAME"

// createKey is the command that makes an API key and puts it into a new Secret, or
// with force into one that is there.
func (r *run) createKey(account string, ref schema.SecretRef, force bool) string {
	command := r.createKeyFor(account) + fmt.Sprintf(" --secret-name %s --secret-key %s", shell.Argument(ref.Name), shell.Argument(ref.Key))
	if force {
		command += " --force"
	}
	return command
}

// createKeyFor is createKey without a place for the key.
func (r *run) createKeyFor(account string) string {
	return fmt.Sprintf("helm runtime-auth token create -n %s --argo-cd-url URL --account %s", shell.Argument(r.opts.Namespace), shell.Argument(account))
}

// rewrite says how to put something else into one key of a Secret that is there,
// where kubectl create would refuse.
func (r *run) rewrite(ref schema.SecretRef, what string) string {
	switch {
	case r.auth.IsPlaintext() && what == string(r.auth.Mode):
		return fmt.Sprintf("give the %s as it is, best in a Secret", what)
	case what == string(schema.ModeToken):
		return "create an API key and put it there: " + r.createKey(anyAccount, ref, true)
	}
	return fmt.Sprintf("write %s anew: %s --dry-run=client -o yaml | kubectl patch secret %s -n %s --patch-file /dev/stdin, %s",
		place(ref), r.createSecret(ref), shell.Argument(ref.Name), shell.Argument(r.opts.Namespace), noLineBreak(what))
}

// createSecret is the command that makes a Secret from a file.
func (r *run) createSecret(ref schema.SecretRef) string {
	return fmt.Sprintf("kubectl create secret generic %s -n %s --from-file=%s=FILE", shell.Argument(ref.Name), shell.Argument(r.opts.Namespace), shell.Argument(ref.Key))
}

func noLineBreak(what string) string {
	return fmt.Sprintf("where FILE holds the %s and no line break at its end", what)
}
