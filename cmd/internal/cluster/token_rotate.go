//go:build cluster

package cluster

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdflag"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rotate"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
)

// How long Argo CD may take to accept a key that it has made, and the pause between two
// looks at something that is awaited.
const (
	settle = 10 * time.Second
	poll   = 2 * time.Second
)

// tokenRotate is one run of the command.
type tokenRotate struct {
	access
	opts  rotate.Options
	flags *pflag.FlagSet
}

func tokenRotateCommand(env Env) *cobra.Command {
	r := &tokenRotate{access: access{Env: env}}
	cmd := command("rotate --argo-cd-url URL", "Replace the API key in a Secret, and restart what reads it",
		"Make a new API key for the account whose key a Secret holds, write it into the Secret, restart what reads the\n"+
			"Secret, wait until everything runs on the new key, and then revoke the old one. Without a flag that says how to\n"+
			"sign in, the key in the Secret is used: an account may make and revoke its own keys. After Ctrl-C, a crash or an\n"+
			"error, the same command goes on where it was ended.",
		r.validate, r.run)
	fs := cmd.Flags()
	r.flags = fs
	r.register(fs)
	r.login.optional = true
	fs.StringVar(&r.opts.Target.Name, "secret-name", defaultSecretName, "`name` of the Secret")
	fs.StringVar(&r.opts.Target.Key, "secret-key", defaultSecretKey, "`key` in the Secret")
	fs.Var((*argocdflag.Days)(&r.opts.ExpiresIn), "expires-in", "let the new API key end after this `duration`, such as 90d or 2160h (default 0: never)")
	fs.DurationVar(&r.opts.Grace, "grace", time.Minute, "how long the old API key keeps working once everything has restarted")
	fs.DurationVar(&r.opts.Wait, "wait-timeout", 10*time.Minute, "how long to wait for the restart")
	fs.BoolVar(&r.opts.NoRestart, "no-restart", false, "restart nothing: only wait until somebody else has")
	fs.BoolVar(&r.opts.Undo, "undo", false, "put the old API key back, where a rotation has begun and did not end")
	fs.BoolVar(&r.opts.DryRun, "dry-run", false, "check everything and say what would be done, change nothing")
	return cmd
}

// validate looks at the flags.
func (r *tokenRotate) validate() error {
	switch {
	case r.opts.Undo && r.opts.DryRun:
		return exit.Usagef("either --undo or --dry-run can be given, not both")
	case r.opts.ExpiresIn != 0 && r.opts.ExpiresIn < time.Second:
		return exit.Usagef("--expires-in %s: it must be a second at least", r.opts.ExpiresIn)
	case r.opts.Grace < 0:
		return exit.Usagef("--grace must not be negative")
	case r.opts.Wait <= 0:
		return exit.Usagef("--wait-timeout must be greater than 0")
	}
	return r.access.validate()
}

func (r *tokenRotate) run(ctx context.Context) error {
	c, err := connect(r.Getenv, r.argoCD.Timeout)
	if err != nil {
		return err
	}
	apps, err := c.apps()
	if err != nil {
		return err
	}
	rotation := &rotate.Rotation{
		Self: !r.login.given(), Secrets: c.core.Secrets(c.namespace), Apps: apps,
		Readers: consumer.Clients{Core: c.core, Apps: apps},
		Say:     func(format string, args ...any) { r.tell("%s", printable.Line(fmt.Sprintf(format, args...))) },
	}
	if rotation.Keys, err = r.keys(ctx); err != nil {
		return err
	}
	o := r.opts
	o.Target.Namespace, o.ID, o.By = c.namespace, newID(time.Now()), rand.Text()
	o.Settle, o.Poll, o.Again = settle, poll, r.again()
	result, err := rotation.Run(ctx, o)
	switch {
	case err != nil:
		return r.failed(ctx, err)
	case o.DryRun:
		return nil
	case result.Undone:
		r.tell("Secret %q holds API key %q as before, and the new one was revoked", o.Target.Name, result.Old)
	default:
		r.tell("Secret %q holds API key %q of account %q, and API key %q was revoked", o.Target.Name, result.New, result.Account, result.Old)
	}
	for _, t := range result.Left {
		r.tell("API key %q of account %q is not affected and still works", printable.Line(t.ID), result.Account)
	}
	return nil
}

// again is this command line. Headers may hold credentials, and are left out.
func (r *tokenRotate) again() string {
	var words []string
	then := ""
	r.flags.Visit(func(f *pflag.Flag) {
		_, isList := f.Value.(pflag.SliceValue)
		switch {
		case slices.Contains([]string{"undo", "argo-cd-url", "server", "plaintext", "port-forward"}, f.Name):
		case isList:
			then += ", with --" + f.Name + " as before"
		case f.Value.Type() == "bool":
			words = append(words, "--"+f.Name+"="+f.Value.String())
		default:
			words = append(words, "--"+f.Name, f.Value.String())
		}
	})
	place := r.place()
	if !r.login.isContext() {
		return place.Command("token rotate", words...) + then
	}
	if place.Forward { // the context has the address
		words = append(words, "--port-forward")
	}
	return shell.Words(append([]string{"helm", "runtime-auth", "token", "rotate", "-n", place.Namespace}, words...)...) + then
}
