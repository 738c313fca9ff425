//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
)

// reach says where the Secrets and pods that hold API keys are looked for.
type reach struct{ all bool }

func (r *reach) register(fs *pflag.FlagSet) {
	fs.BoolVar(&r.all, "all-namespaces", false, "look in all namespaces for what holds the API keys, not only in that of -n")
}

// holders looks for who holds the API keys of an account. What could not be looked at is
// said, and is no error: the keys are those of Argo CD. ok is false where nothing is known.
func (r *reach) holders(ctx context.Context, a *access, account string) (found consumer.Holders, ok bool) {
	found, err := r.look(ctx, a, account)
	switch {
	case ctx.Err() != nil:
		return found, false
	case err != nil:
		a.tell("unknown which Secrets and pods hold the API keys: %s", printable.Line(argocd.Plain(err)))
		return found, false
	case len(found.Unseen) == 0:
		return found, true
	}
	var missing []string
	for _, u := range found.Unseen {
		missing = append(missing, u.String())
	}
	ok = found.Unseen[0].Resource != consumer.Secrets
	what := map[bool]string{true: "more may use the API keys", false: "unknown which Secrets and pods hold the API keys"}[ok]
	a.tell("%s: %s", what, strings.Join(missing, ", "))
	return found, ok
}

func (r *reach) look(ctx context.Context, a *access, account string) (consumer.Holders, error) {
	c, err := connect(a.Getenv, a.argoCD.Timeout)
	if err != nil {
		return consumer.Holders{}, err
	}
	apps, err := c.apps()
	if err != nil {
		return consumer.Holders{}, err
	}
	namespace := c.namespace
	if r.all {
		namespace = ""
	}
	return consumer.HoldersOf(ctx, consumer.Clients{Core: c.core, Apps: apps}, namespace, account)
}

// inUse refuses to revoke an API key that something runs on, and says on standard error who
// else holds it. force is that nothing is refused.
func (r *tokenRevoke) inUse(ctx context.Context) error {
	found, ok := r.reach.holders(ctx, &r.access, r.account)
	if !ok {
		return ctx.Err()
	}
	var running, hints []string
	for _, h := range found.ByID[r.id] {
		r.tell("Secret %q in namespace %q holds the API key, %s", h.Secret, h.Namespace, readers(h))
		if h.Pods() > 0 {
			running = append(running, fmt.Sprintf("by %s with Secret %q in namespace %q", count.Of(h.Pods(), "pod"), h.Secret, h.Namespace))
			place := r.place()
			place.Namespace = h.Namespace
			hints = append(hints, place.Command("token rotate", "--secret-name", h.Secret, "--secret-key", h.Key))
		}
	}
	for _, o := range found.Outdated {
		if !slices.ContainsFunc(found.ByID[r.id], func(h consumer.Holder) bool { return h.Ref == o.Ref }) {
			running = append(running, fmt.Sprintf("perhaps by pod %q in namespace %q, which started before Secret %q got another one", o.Pod.Name, o.Namespace, o.Secret))
			hints = append(hints, o.Restart(o.Pod.Name))
		}
	}
	if len(running) == 0 || r.force {
		return nil
	}
	return exit.Hinted(exit.Failed, "replace it first, or revoke it all the same with --force: "+strings.Join(hints, " && "),
		"API key %q of account %q is in use, %s", r.id, r.account, strings.Join(running, ", "))
}

// readers says what reads a Secret.
func readers(h consumer.Holder) string {
	var all []string
	for _, w := range h.Workloads {
		all = append(all, fmt.Sprintf("%s %q (%s)", w.Kind, w.Name, count.Of(len(w.Pods), "pod")))
	}
	if len(all) == 0 {
		return "which nothing seems to read"
	}
	return "which is read by " + strings.Join(all, ", ")
}
