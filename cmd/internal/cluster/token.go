//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

// tokenCommand returns the command `token` with those below it.
func tokenCommand(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the API keys with which a Runtime signs in to Argo CD",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return exit.Usagef("no command given: one of create, list, revoke")
		},
	}
	cmd.AddCommand(tokenCreateCommand(env), tokenListCommand(env), tokenRevokeCommand(env))
	return cmd
}

// access is how the commands reach Argo CD, and as whom.
type access struct {
	argoCD argoCDFlags
	login  loginFlags
}

func (a *access) register(fs *pflag.FlagSet) {
	a.argoCD.register(fs)
	a.login.register(fs)
}

func (a *access) validate(env Env) error {
	switch {
	case a.argoCD.url == "":
		return &exit.Error{Code: exit.Usage, Err: errors.New("no address of Argo CD is given"),
			Hint: "give it with --argo-cd-url https://HOST[:PORT][/PATH]"}
	case a.argoCD.timeout <= 0:
		return exit.Usagef("--timeout must be greater than 0")
	}
	return a.login.validate(env)
}

// open reads the credentials and returns the API keys of Argo CD. Nobody has been
// called yet.
func (a *access) open(ctx context.Context, env Env) (*apikey.Keys, error) {
	roots, err := a.argoCD.roots()
	if err != nil {
		return nil, err
	}
	api, err := argocd.New(argocd.Options{URL: a.argoCD.url, Roots: roots, Insecure: a.argoCD.insecure, Timeout: a.argoCD.timeout})
	if err != nil {
		return nil, &exit.Error{Code: exit.Usage, Err: fmt.Errorf("--argo-cd-url: %w", err)}
	}
	login, err := a.login.read(ctx, env)
	if err != nil {
		return nil, err
	}
	return &apikey.Keys{API: api, Login: login, Warn: func(message, hint string) { warn(env.Stderr, message, hint) }}, nil
}

// tell says what was done.
func tell(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, "runtime-auth: "+format+"\n", args...)
}

func warn(w io.Writer, message, hint string) {
	tell(w, "warning: %s", printable.Line(message))
	if hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", printable.Line(hint))
	}
}

// failed gives an error of the API keys its exit code: whatever is refused once the
// command line is right, the job could not be done. Of an interrupted run nothing
// more is said afterwards, so what became of the API key is said here.
func failed(ctx context.Context, stderr io.Writer, err error) error {
	var coded *exit.Error
	if errors.As(err, &coded) {
		return err
	}
	e := &exit.Error{Code: exit.Failed, Err: err}
	if known := (*apikey.Error)(nil); errors.As(err, &known) {
		e.Hint = known.Hint
	}
	if ctx.Err() != nil {
		_, _ = io.WriteString(stderr, e.Text())
		e.Silent = true
	}
	return e
}
