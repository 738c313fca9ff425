//go:build cluster

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	env     Env
	access  access
	account string
	format  string
}

func tokenListCommand(env Env) *cobra.Command {
	l := &tokenList{env: env}
	cmd := &cobra.Command{
		Use:   "list --account NAME --argo-cd-url URL",
		Short: "List the API keys of an account",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return l.run(cmd.Context()) },
	}
	fs := cmd.Flags()
	l.access.register(fs)
	fs.StringVar(&l.account, "account", "", "`name` of the account")
	fs.StringVar(&l.format, "format", "text", "output `format`: text or json")
	complete.Words(fs, "format", "text", "json")
	return cmd
}

func (l *tokenList) run(ctx context.Context) error {
	switch {
	case l.account == "":
		return &exit.Error{Code: exit.Usage, Err: errors.New("no account is given"), Hint: "name it with --account"}
	case l.format != "text" && l.format != "json":
		return exit.Usagef("unknown format %q, it must be text or json", l.format)
	}
	if err := l.access.validate(l.env); err != nil {
		return err
	}
	keys, err := l.access.open(ctx, l.env)
	if err != nil {
		return err
	}
	found, err := keys.List(ctx, l.account)
	if err != nil {
		return failed(ctx, l.env.Stderr, err)
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
		tell(l.env.Stderr, "account %q has no API keys", l.account)
		return nil
	}
	w := tabwriter.NewWriter(l.env.Stdout, 0, 0, 3, ' ', 0)
	if _, err := io.WriteString(w, "ID\tISSUED\tEXPIRES\n"); err != nil {
		return err
	}
	for _, t := range found {
		expires := "never"
		if !t.ExpiresAt.IsZero() {
			expires = instant(t.ExpiresAt)
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\n", printable.Line(t.ID), instant(t.IssuedAt), expires); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (l *tokenList) json(found []argocd.Token) error {
	type key struct {
		ID        string     `json:"id"`
		IssuedAt  time.Time  `json:"issuedAt"`
		ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	}
	all := struct {
		Account string `json:"account"`
		Keys    []key  `json:"keys"`
	}{l.account, []key{}}
	for _, t := range found {
		k := key{ID: t.ID, IssuedAt: t.IssuedAt.UTC()}
		if !t.ExpiresAt.IsZero() {
			expires := t.ExpiresAt.UTC()
			k.ExpiresAt = &expires
		}
		all.Keys = append(all.Keys, k)
	}
	e := json.NewEncoder(l.env.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(all)
}
