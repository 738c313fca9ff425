//go:build cluster

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

// tokenList is one run of the command.
type tokenList struct {
	access
	account string
	format  string
}

func tokenListCommand(env Env) *cobra.Command {
	l := &tokenList{access: access{env: env}}
	cmd := &cobra.Command{
		Use:   "list --account NAME --argo-cd-url URL",
		Short: "List the API keys of an account",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return l.run(cmd.Context()) },
	}
	fs := cmd.Flags()
	l.register(fs)
	fs.StringVar(&l.account, "account", "", "`name` of the account")
	fs.StringVar(&l.format, "format", "text", "output `format`: text or json")
	complete.Words(fs, "format", "text", "json")
	return cmd
}

func (l *tokenList) run(ctx context.Context) error {
	switch {
	case l.account == "":
		return hinted(exit.Usage, "name it with --account", "no account is given")
	case l.format != "text" && l.format != "json":
		return exit.Usagef("unknown format %q, it must be text or json", l.format)
	}
	if err := l.validate(); err != nil {
		return err
	}
	keys, err := l.keys(ctx)
	if err != nil {
		return err
	}
	found, err := keys.List(ctx, l.account)
	if err != nil {
		return l.failed(ctx, err)
	}
	if l.format == "json" {
		err = l.json(found)
	} else {
		err = l.text(found)
	}
	if err != nil {
		return exit.Failedf("cannot write the list: %w", err)
	}
	return nil
}

func (l *tokenList) text(found []argocd.Token) error {
	if len(found) == 0 {
		l.tell("account %q has no API keys", l.account)
		return nil
	}
	w := tabwriter.NewWriter(l.env.Stdout, 0, 0, 3, ' ', 0)
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
	type key struct {
		ID        string    `json:"id"`
		IssuedAt  time.Time `json:"issuedAt"`
		ExpiresAt time.Time `json:"expiresAt,omitzero"`
	}
	all := struct {
		Account string `json:"account"`
		Keys    []key  `json:"keys"`
	}{l.account, []key{}}
	for _, t := range found {
		all.Keys = append(all.Keys, key{ID: t.ID, IssuedAt: t.IssuedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC()})
	}
	e := json.NewEncoder(l.env.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(all)
}
