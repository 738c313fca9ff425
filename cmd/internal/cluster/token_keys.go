//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
)

// tokenList is one run of the command.
type tokenList struct {
	access
	account string
	format  string
	write   func(listing) error
	reach   reach
}

// listing is what was found. isKnown says whether it is known who holds the keys.
type listing struct {
	keys    []argocd.Token
	holders consumer.Holders
	isKnown bool
	now     time.Time
}

func tokenListCommand(env Env) *cobra.Command {
	l := &tokenList{access: access{Env: env}}
	cmd := command("list --account NAME --argo-cd-url URL", "List the API keys of an account, and what holds them",
		"List the API keys of an account as Argo CD has them, with the Secrets of the namespace that hold them, and the Runtimes\n"+
			"and running pods that read those. Only ids are compared; no key is shown. Without a cluster the list has the keys alone.",
		l.validate, l.run)
	fs := cmd.Flags()
	l.register(fs)
	l.reach.register(fs)
	fs.StringVar(&l.account, "account", "", "`name` of the account")
	l.formats().Register(fs, &l.format)
	return cmd
}

func (l *tokenList) formats() format.Formats[func(listing) error] {
	return format.Formats[func(listing) error]{{Name: "text", Print: l.text}, {Name: "json", Print: l.json}}
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
	all := listing{keys: found, now: time.Now()}
	if len(found) > 0 {
		all.holders, all.isKnown = l.reach.holders(ctx, &l.access, l.account)
	}
	if ctx.Err() != nil {
		return l.failed(ctx, ctx.Err())
	}
	if err := l.write(all); err != nil {
		return exit.Failedf("cannot write the list: %w", err)
	}
	for _, o := range all.holders.Outdated {
		l.warn(o.String(), "restart it before an older key is revoked: "+o.Restart(o.Pod.Name))
	}
	return nil
}

func (l *tokenList) text(found listing) error {
	if len(found.keys) == 0 {
		l.tell("account %q has no API keys", l.account)
		return nil
	}
	w := tabwriter.NewWriter(l.Stdout, 0, 0, 3, ' ', 0)
	holders := map[bool]string{true: "\tSECRETS\tRUNTIMES\tPODS"}
	fmt.Fprintln(w, "ID\tISSUED\tEXPIRES"+holders[found.isKnown]) // errors are those of Flush
	for _, k := range found.keys {
		expires := "never"
		switch {
		case isExpired(k, found.now):
			expires = instant(printableTime(k.ExpiresAt)) + ", expired"
		case !k.ExpiresAt.IsZero():
			expires = instant(printableTime(k.ExpiresAt))
		}
		fmt.Fprintf(w, "%s\t%s\t%s", printable.Line(k.ID), instant(printableTime(k.IssuedAt)), expires)
		if of := found.holders.ByID[k.ID]; found.isKnown {
			fmt.Fprintf(w, "\t%s\t%s\t%d", secretsOf(of), runtimesOf(of), podsOf(of))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// keyJSON is an API key as JSON. Fields are only ever added.
type keyJSON struct {
	ID        string    `json:"id"`
	IssuedAt  time.Time `json:"issuedAt"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"` // not there: never
	IsExpired bool      `json:"expired,omitempty"`
	// What Argo CD says, in seconds since 1970, where no calendar has that time. The fields
	// above then hold the first or the last that it has.
	IssuedSeconds  int64             `json:"issuedAtSeconds,omitempty"`
	ExpiresSeconds int64             `json:"expiresAtSeconds,omitempty"`
	HeldBy         []consumer.Holder `json:"heldBy,omitzero"` // not there: unknown
}

func (l *tokenList) json(found listing) error {
	keys := []keyJSON{}
	for _, k := range found.keys {
		j := keyJSON{ID: k.ID, IssuedAt: printableTime(k.IssuedAt), ExpiresAt: printableTime(k.ExpiresAt), IsExpired: isExpired(k, found.now)}
		if !j.IssuedAt.Equal(k.IssuedAt) {
			j.IssuedSeconds = k.IssuedAt.Unix()
		}
		if !j.ExpiresAt.Equal(k.ExpiresAt) {
			j.ExpiresSeconds = k.ExpiresAt.Unix()
		}
		if found.isKnown {
			j.HeldBy = append([]consumer.Holder{}, found.holders.ByID[k.ID]...)
		}
		keys = append(keys, j)
	}
	return format.JSON(l.Stdout, struct {
		Account string            `json:"account"`
		Keys    []keyJSON         `json:"keys"`
		Unseen  []consumer.Unseen `json:"unseen,omitempty"` // what RBAC does not allow to list
	}{l.account, keys, found.holders.Unseen})
}

func isExpired(k argocd.Token, now time.Time) bool {
	return !k.ExpiresAt.IsZero() && k.ExpiresAt.Unix() <= now.Unix()
}

// printableTime returns the nearest time to t that RFC 3339, and so JSON, can write: in the
// years 1 to 9999. Argo CD takes any number of seconds, and makes keys that expired long ago out
// of a number that is too large for it (recorded on 3.5.1).
func printableTime(t time.Time) time.Time {
	const first, last = -62135596799, 253402300799
	if t.IsZero() {
		return t
	}
	return time.Unix(min(max(t.Unix(), first), last), 0).UTC()
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
