//go:build cluster

package cluster

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdcli"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// borrow takes what no flag says from the environment of argocd. Its token goes to its own
// server alone, and never instead of what a flag says.
func (a *access) borrow() error {
	switch l := &a.login; {
	case l.isContext() && l.signsIn():
		return exit.Usagef("--argocd-context says itself who signs in: it does not go with --username, --password-stdin, --password-file and --auth-token-file")
	case l.isContext() && a.argoCD.URL != "":
		return exit.Usagef("--argocd-context has an address of its own, and its session is for nobody else: it does not go with --argo-cd-url and --server")
	case l.isContext(), a.argoCD.IsAddressed() && (l.given() || l.optional):
		return nil
	}
	s, err := argocdcli.Environment(a.Getenv)
	if err != nil {
		if a.argoCD.IsAddressed() {
			return nil // nothing of it is needed
		}
		return exit.Failedf("%w", err)
	}
	if !a.argoCD.IsAddressed() && s.Server != "" {
		a.argoCD.URL = s.URL()
		a.argoCD.Insecure = a.argoCD.Insecure || s.Insecure
		if err := a.argoCD.Validate(); err != nil {
			return exit.Usagef("%s gives no address that could be called", s.Name)
		}
		a.login.borrowed = s.Name
	}
	if s.Token.IsZero() || a.login.given() || a.login.optional || !s.IsFor(a.argoCD.URL) || a.argoCD.PortForward {
		a.login.unused = !s.Token.IsZero()
		return nil
	}
	a.login.session = &s
	return nil
}

// context reads the session that --argocd-context names, and says what is not from a flag.
func (a *access) context() error {
	if a.login.isContext() {
		path := argocdcli.ConfigFile(a.Getenv, func(name string) bool {
			_, err := os.Stat(name)
			return err == nil
		})
		text, err := input.File(path)
		if err != nil {
			return exit.Hinted(exit.Failed, "sign in: argocd login SERVER --sso", "--argocd-context: %w", err)
		}
		s, err := argocdcli.Context(text, a.login.context)
		if err != nil {
			return exit.Hinted(exit.Failed, "argocd context lists them; sign in: argocd login SERVER --sso", "--argocd-context: %s: %w", path, err)
		}
		forwarded := s.Server == argocdcli.PortForward
		switch {
		case forwarded && !a.argoCD.PortForward:
			return exit.Usagef("the session of %s was begun with --port-forward: give that here too", s.Name)
		case !forwarded && a.argoCD.PortForward:
			return exit.Usagef("the session of %s is for %s: it does not go with --port-forward", s.Name, s.Server)
		case !forwarded:
			a.argoCD.URL = s.URL()
		}
		a.argoCD.Insecure = a.argoCD.Insecure || s.Insecure
		a.login.session = &s
	}
	if s := a.login.session; s != nil {
		if t, err := token.Parse(s.Token.Reveal()); err == nil && !t.Expires.IsZero() && time.Now().After(t.Expires) {
			return exit.Hinted(exit.Failed, renew(s), "the session of %s expired on %s", s.Name, t.Expires.UTC().Format("2006-01-02 15:04:05 UTC"))
		}
	}
	switch {
	case a.login.isContext():
	case a.login.session != nil:
		a.tell("signing in to %s with the token of argocd's environment (%s)", a.argoCD.URL, a.login.session.Name)
	case a.login.borrowed != "":
		a.tell("calling %s (%s)", a.argoCD.URL, a.login.borrowed)
	}
	return nil
}

// renew says how to get another session.
func renew(s *argocdcli.Session) string {
	return "sign in again: argocd login " + shell.Argument(s.Server) + " --sso"
}

// tunnel finds the way through the cluster where that was asked for, and the address at its end.
func (a *access) tunnel(ctx context.Context) error {
	if !a.argoCD.PortForward {
		return nil
	}
	c, err := connect(a.Getenv, a.argoCD.Timeout)
	if err != nil {
		return err
	}
	way := a.argoCD.Forward(c.config, c.core, c.namespace)
	if a.argoCD.URL != "" {
		return nil
	}
	a.argoCD.URL, err = way.URL(ctx, a.argoCD.Options)
	if way, ok := errors.AsType[*argocd.DialError](err); ok {
		err = exit.Hinted(exit.Failed, way.Hint, "%w", way)
	} else if call, ok := errors.AsType[*argocd.Error](err); ok {
		err = exit.Hinted(exit.Failed, call.Hint, "%w", call)
	}
	if err != nil {
		return a.failed(ctx, err)
	}
	return nil
}
