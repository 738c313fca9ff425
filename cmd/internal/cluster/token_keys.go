//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/keyreport"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
)

// tokenList is one run of the command.
type tokenList struct {
	access
	account string
	format  string
	write   func(io.Writer, keyreport.List) error
	reach   reach
}

func tokenListCommand(env Env) *cobra.Command {
	l := &tokenList{access: access{Env: env}}
	cmd := command("list [--account NAME] --argo-cd-url URL", "List the API keys of an account, and what holds them",
		"List the API keys of an account as Argo CD has them, with the Secrets of the namespace that hold them, and the Runtimes\n"+
			"and running pods that read those. Only ids are compared; no key is shown. Without a cluster the list has the keys alone.",
		l.validate, l.run)
	fs := cmd.Flags()
	l.register(fs)
	l.reach.register(fs)
	fs.StringVar(&l.account, "account", "", "`name` of the account (default: the one that signs in)")
	keyreport.Formats().Register(fs, &l.format)
	return cmd
}

func (l *tokenList) validate() (err error) {
	if l.write, err = keyreport.Formats().Named(l.format); err != nil {
		return err
	}
	return l.access.validate()
}

func (l *tokenList) run(ctx context.Context) error {
	keys, err := l.keys(ctx)
	if err != nil {
		return err
	}
	if l.account, err = keys.Signer(ctx, l.account); err != nil {
		return l.failed(ctx, err)
	}
	found, err := keys.List(ctx, l.account)
	if err != nil {
		return l.failed(ctx, err)
	}
	if len(found) == 0 && l.format == "text" {
		l.tell("account %q has no API keys", l.account)
		return nil
	}
	all := keyreport.List{Account: l.account, Keys: found, Now: time.Now()}
	if len(found) > 0 {
		all.Holders, all.IsKnown = l.reach.holders(ctx, &l.access, l.account)
	}
	if ctx.Err() != nil {
		return l.failed(ctx, ctx.Err())
	}
	if err := l.write(l.Stdout, all); err != nil {
		return exit.Failedf("cannot write the list: %w", err)
	}
	for _, o := range all.Holders.Outdated {
		l.warn(o.String(), "restart it before an older key is revoked: "+o.Restart(o.Pod.Name))
	}
	return nil
}

// tokenRevoke is one run of the command.
type tokenRevoke struct {
	access
	account string
	id      string
	target  apikey.Target
	force   bool
	reach   reach
	flags   *pflag.FlagSet
}

func tokenRevokeCommand(env Env) *cobra.Command {
	r := &tokenRevoke{access: access{Env: env}}
	cmd := command("revoke (--account NAME --id ID | --secret-name NAME) --argo-cd-url URL", "Revoke an API key",
		"Revoke an API key, named by its account and id or by the Secret that holds it. Nothing is asked: what signs in\n"+
			"with the key stops working at once. So a key that pods are seen to use is revoked with --force alone. The Secret stays\n"+
			"as it is.",
		r.validate, r.run)
	r.flags = cmd.Flags()
	r.register(r.flags)
	r.reach.register(r.flags)
	r.flags.BoolVar(&r.force, "force", false, "revoke an API key that running pods use, too")
	r.flags.StringVar(&r.account, "account", "", "`name` of the account")
	r.flags.StringVar(&r.id, "id", "", "`id` of the API key, as token list shows it")
	r.flags.StringVar(&r.target.Name, "secret-name", "", "revoke the API key in the Secret of this `name`")
	r.flags.StringVar(&r.target.Key, "secret-key", defaultSecretKey, "`key` in the Secret")
	return cmd
}

// validate looks at the flags.
func (r *tokenRevoke) validate() error {
	held := r.target.Name != ""
	switch {
	case held && r.id != "":
		return exit.Usagef("give either --id or --secret-name, not both")
	case !held && r.flags.Changed("secret-key"):
		return exit.Usagef("--secret-key needs --secret-name")
	case !held && (r.account == "" || r.id == ""):
		return exit.Hinted(exit.Usage, "name it with --account and --id, or the Secret that holds it with --secret-name", "no API key given")
	}
	return r.access.validate()
}

func (r *tokenRevoke) run(ctx context.Context) error {
	if r.target.Name != "" {
		if err := r.look(ctx); err != nil {
			return err
		}
	}
	if err := r.inUse(ctx); err != nil {
		return r.failed(ctx, err)
	}
	keys, err := r.keys(ctx)
	if err != nil {
		return err
	}
	if err := keys.Revoke(ctx, r.account, r.id); err != nil {
		return r.failed(ctx, err)
	}
	r.tell("API key %q of account %q was revoked", r.id, r.account)
	if r.target.Name != "" {
		r.warn(fmt.Sprintf("Secret %q still holds it, and a Runtime that reads it cannot sign in to Argo CD any more", r.target.Name),
			"create a new one: "+r.place().Command("token create", "--account", r.account, "--secret-name", r.target.Name, "--secret-key", r.target.Key, "--force"))
	}
	return nil
}

// look finds out which API key the Secret holds.
func (r *tokenRevoke) look(ctx context.Context) error {
	secrets, err := r.secrets(&r.target)
	if err != nil {
		return err
	}
	held, err := apikey.Held(ctx, secrets, r.target)
	if err != nil {
		return r.failed(ctx, err)
	}
	if r.account != "" && r.account != held.Account {
		return exit.Failedf("Secret %q holds an API key of account %q, not of %q", r.target.Name, held.Account, r.account)
	}
	r.account, r.id = held.Account, held.ID
	return nil
}
