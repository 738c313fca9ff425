//go:build cluster

// Package keyreport prints the API keys of an account with what holds them.
package keyreport

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
)

// List is what was found.
type List struct {
	Account string
	Keys    []argocd.Token
	Holders consumer.Holders
	// IsKnown says whether it is known who holds the keys.
	IsKnown bool
	Now     time.Time
}

// Formats are those in which a List is printed.
func Formats() format.Formats[func(io.Writer, List) error] {
	return format.Formats[func(io.Writer, List) error]{{Name: "text", Print: text}, {Name: "json", Print: asJSON}}
}

// Instant writes a time for people.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func text(out io.Writer, l List) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	holders := map[bool]string{true: "\tSECRETS\tRUNTIMES\tPODS"}
	fmt.Fprintln(w, "ID\tISSUED\tEXPIRES"+holders[l.IsKnown]) // errors are those of Flush
	for _, k := range l.Keys {
		expires := "never"
		switch {
		case isExpired(k, l.Now):
			expires = Instant(k.ExpiresAt) + ", expired"
		case !k.ExpiresAt.IsZero():
			expires = Instant(k.ExpiresAt)
		}
		fmt.Fprintf(w, "%s\t%s\t%s", printable.Line(k.ID), Instant(k.IssuedAt), expires)
		if l.IsKnown {
			secrets, runtimes, pods := columns(l.Holders.ByID[k.ID])
			fmt.Fprintf(w, "\t%s\t%s\t%d", secrets, runtimes, pods)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// columns are the Secrets, the releases that read them (the namespaces, where those are
// not known), and the number of pods.
func columns(holders []consumer.Holder) (secrets, runtimes string, pods int) {
	var all, by []string
	for _, h := range holders {
		all, pods = append(all, h.Namespace+"/"+h.Secret), pods+h.Pods()
		for _, w := range h.Workloads {
			by = append(by, strings.TrimSuffix(w.Namespace+"/"+w.Release, "/"))
		}
	}
	return orNone(all), orNone(by), pods
}

func orNone(all []string) string {
	if len(all) == 0 {
		return "-"
	}
	slices.Sort(all)
	return printable.Line(strings.Join(slices.Compact(all), ","))
}

// key is an API key as JSON. Fields are only ever added.
type key struct {
	ID        string            `json:"id"`
	IssuedAt  time.Time         `json:"issuedAt"`
	ExpiresAt time.Time         `json:"expiresAt,omitzero"` // not there: never
	IsExpired bool              `json:"expired,omitempty"`
	HeldBy    []consumer.Holder `json:"heldBy,omitzero"` // not there: unknown
}

func asJSON(out io.Writer, l List) error {
	keys := []key{}
	for _, t := range l.Keys {
		k := key{ID: t.ID, IssuedAt: t.IssuedAt, ExpiresAt: t.ExpiresAt, IsExpired: isExpired(t, l.Now)}
		if l.IsKnown {
			k.HeldBy = append([]consumer.Holder{}, l.Holders.ByID[t.ID]...)
		}
		keys = append(keys, k)
	}
	return format.JSON(out, struct {
		Account string            `json:"account"`
		Keys    []key             `json:"keys"`
		Unseen  []consumer.Unseen `json:"unseen,omitempty"` // what RBAC does not allow to list
	}{l.Account, keys, l.Holders.Unseen})
}

func isExpired(k argocd.Token, now time.Time) bool {
	return !k.ExpiresAt.IsZero() && k.ExpiresAt.Unix() <= now.Unix()
}
