//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

// tokenList is one run of the command.
type tokenList struct {
	access
	account string
	format  string
	write   func([]argocd.Token) error
}

func tokenListCommand(env Env) *cobra.Command {
	l := &tokenList{access: access{Env: env}}
	cmd := command("list --account NAME --argo-cd-url URL", "List the API keys of an account", "", l.validate, l.run)
	fs := cmd.Flags()
	l.register(fs)
	fs.StringVar(&l.account, "account", "", "`name` of the account")
	l.formats().Register(fs, &l.format)
	return cmd
}

func (l *tokenList) formats() format.Formats[func([]argocd.Token) error] {
	return format.Formats[func([]argocd.Token) error]{{Name: "text", Print: l.text}, {Name: "json", Print: l.json}}
}

func (l *tokenList) validate() (err error) {
	if l.account == "" {
		return exit.Hinted(exit.Usage, "name it with --account", "no account is given")
	}
	if l.write, err = l.formats().Named(l.format); err != nil {
		return err
	}
	return l.access.validate()
}

func (l *tokenList) run(ctx context.Context) error {
	keys, err := l.keys(ctx)
	if err != nil {
		return err
	}
	found, err := keys.List(ctx, l.account)
	if err != nil {
		return l.failed(ctx, err)
	}
	if err := l.write(found); err != nil {
		return exit.Failedf("cannot write the list: %w", err)
	}
	return nil
}

func (l *tokenList) text(found []argocd.Token) error {
	if len(found) == 0 {
		l.tell("account %q has no API keys", l.account)
		return nil
	}
	w := tabwriter.NewWriter(l.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "ID\tISSUED\tEXPIRES") // errors are those of Flush
	for _, t := range found {
		expires := "never"
		if !t.ExpiresAt.IsZero() {
			expires = instant(t.ExpiresAt)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", printable.Line(t.ID), instant(t.IssuedAt), expires)
	}
	return w.Flush()
}

func (l *tokenList) json(found []argocd.Token) error {
	return format.JSON(l.Stdout, struct {
		Account string         `json:"account"`
		Keys    []argocd.Token `json:"keys"`
	}{l.account, append([]argocd.Token{}, found...)})
}

// tokenRevoke is one run of the command.
type tokenRevoke struct {
	access
	account string
	id      string
	target  apikey.Target
	flags   *pflag.FlagSet
}

func tokenRevokeCommand(env Env) *cobra.Command {
	r := &tokenRevoke{access: access{Env: env}}
	cmd := command("revoke (--account NAME --id ID | --secret-name NAME) --argo-cd-url URL", "Revoke an API key",
		"Revoke an API key, named by its account and id or by the Secret that holds it. Nothing is asked: what signs in\n"+
			"with the key stops working at once. The Secret stays as it is.",
		r.validate, r.run)
	r.flags = cmd.Flags()
	r.register(r.flags)
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
		return exit.Usagef("either --id or --secret-name says which API key is meant, not both")
	case !held && r.flags.Changed("secret-key"):
		return exit.Usagef("--secret-key needs --secret-name")
	case !held && (r.account == "" || r.id == ""):
		return exit.Hinted(exit.Usage, "name it with --account and --id, or the Secret that holds it with --secret-name", "it is not said which API key is meant")
	}
	return r.access.validate()
}

func (r *tokenRevoke) run(ctx context.Context) error {
	if r.target.Name != "" {
		if err := r.look(ctx); err != nil {
			return err
		}
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
		r.warn(fmt.Sprintf("Secret %q holds it still, and a Runtime that reads it cannot sign in to Argo CD any more", r.target.Name),
			fmt.Sprintf("make a new one: helm runtime-auth token create --account %q --secret-name %s --secret-key %s --force", r.account, r.target.Name, r.target.Key))
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
