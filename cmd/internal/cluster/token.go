//go:build cluster

package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdflag"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/kube"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
)

// tokenCommand returns the command `token` with those below it.
func tokenCommand(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list, revoke and rotate the API keys with which a Runtime signs in to Argo CD",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return exit.Usagef("no command given: one of create, list, revoke, rotate")
		},
	}
	cmd.AddCommand(tokenCreateCommand(env), tokenListCommand(env), tokenRevokeCommand(env), tokenRotateCommand(env))
	return cmd
}

// access is how the commands reach Argo CD, as whom, and what they say meanwhile.
type access struct {
	Env
	core   corev1client.CoreV1Interface // nil where the cluster is not needed
	argoCD argocdflag.Flags
	login  loginFlags
}

func (a *access) register(fs *pflag.FlagSet) {
	a.argoCD.Register(fs)
	a.login.register(fs)
}

func (a *access) validate() error {
	if err := a.argoCD.Validate(); err != nil {
		return err
	}
	if err := a.borrow(); err != nil {
		return err
	}
	if a.argoCD.URL == "" && !a.argoCD.PortForward && !a.login.isContext() {
		return exit.Hinted(exit.Usage, "give it with --argo-cd-url https://HOST[:PORT][/PATH], or use --port-forward or --argocd-context NAME", "no address of Argo CD is given")
	}
	return a.login.validate(a.Env)
}

// keys reads the credentials and returns the API keys of Argo CD. Nobody has been
// called yet.
func (a *access) keys(ctx context.Context) (*apikey.Keys, error) {
	a.argoCD.UserAgent = userAgent()
	if err := a.argoCD.Trust(); err != nil {
		return nil, err
	}
	if err := a.context(); err != nil {
		return nil, err
	}
	if err := a.tunnel(ctx); err != nil {
		return nil, err
	}
	api, err := argocd.New(a.argoCD.Options)
	if err != nil {
		return nil, exit.Usagef("--argo-cd-url: %w", err)
	}
	login, err := a.login.read(ctx, a.Env)
	return &apikey.Keys{API: api, Login: login, Warn: a.warn, Place: a.place()}, err
}

// place is where the commands of hints go.
func (a *access) place() shell.Place {
	_, namespace, err := kube.Config(a.Getenv, a.argoCD.Timeout)
	if err != nil { // not every command needs a cluster
		namespace = cmp.Or(a.Getenv("HELM_NAMESPACE"), "default")
	}
	return shell.Place{Namespace: namespace, URL: a.argoCD.URL, Forward: a.argoCD.PortForward}
}

// secrets returns the Secrets of the namespace, which it notes in target.
func (a *access) secrets(target *apikey.Target) (corev1client.SecretInterface, error) {
	c, err := connect(a.Getenv, a.argoCD.Timeout)
	if err != nil {
		return nil, err
	}
	target.Namespace, a.core = c.namespace, c.core
	return c.core.Secrets(c.namespace), nil
}

// tell says what was done, which stays so if nobody hears of it.
func (a *access) tell(format string, args ...any) { _ = a.Say(format, args...) }

func (a *access) warn(message, hint string) {
	a.tell("warning: %s", printable.Line(message))
	fmt.Fprintf(a.Stderr, "  hint: %s\n", printable.Line(hint))
}

// failed gives an error of the API keys its exit code: whatever is refused once the
// command line is right, the job could not be done. Of an interrupted run nothing
// more is said afterwards, so what became of the API key is said here.
func (a *access) failed(ctx context.Context, err error) error {
	e := exit.As(err)
	if known, ok := errors.AsType[*apikey.Error](err); ok {
		e.Hint = known.Hint
	}
	if ctx.Err() != nil {
		_, _ = io.WriteString(a.Stderr, e.Text())
		e.Silent = true
	}
	return e
}
