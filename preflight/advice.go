package preflight

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// anyAccount stands in commands for a name that is not known.
const anyAccount = "NAME"

// createKey is the command that makes an API key and puts it into a new Secret, or
// with force into one that is there.
func (r *run) createKey(account string, ref schema.SecretRef, force bool) string {
	command := r.createKeyFor(account) + fmt.Sprintf(" --secret-name %s --secret-key %s", argument(ref.Name), argument(ref.Key))
	if force {
		command += " --force"
	}
	return command
}

// createKeyFor is createKey without a place for the key.
func (r *run) createKeyFor(account string) string {
	return fmt.Sprintf("helm runtime-auth token create -n %s --argo-cd-url URL --account %s", argument(r.opts.Namespace), argument(account))
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
		place(ref), r.createSecret(ref), argument(ref.Name), argument(r.opts.Namespace), noLineBreak(what))
}

// createSecret is the command that makes a Secret from a file.
func (r *run) createSecret(ref schema.SecretRef) string {
	return fmt.Sprintf("kubectl create secret generic %s -n %s --from-file=%s=FILE", argument(ref.Name), argument(r.opts.Namespace), argument(ref.Key))
}

func noLineBreak(what string) string {
	return fmt.Sprintf("where FILE holds the %s and no line break at its end", what)
}

// argument writes a name so that a shell takes it for one argument: names come out of
// tokens and Secrets too, and commands are copied.
func argument(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._", c)
	}
	if s != "" && !strings.HasPrefix(s, "-") && strings.IndexFunc(s, func(c rune) bool { return !plain(c) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
