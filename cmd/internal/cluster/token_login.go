//go:build cluster

package cluster

import (
	"context"
	"slices"

	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdcli"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/password"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// loginFlags say as whom to sign in. No flag takes a credential itself, because
// arguments are seen by everybody on the machine and stay in the history of shells.
type loginFlags struct {
	username     string
	stdin        bool
	passwordFile string
	tokenFile    string
	flags        *pflag.FlagSet
	// optional is set where nobody has to sign in if no flag says how.
	optional bool

	context  string             // --argocd-context
	session  *argocdcli.Session // what is used of argocd's; nil for nothing
	borrowed string             // the variable that gives the address, "" for none
	unused   bool               // there is a token in argocd's environment that is for another server
}

// isContext reports whether the session of a context of argocd is to be used.
func (l *loginFlags) isContext() bool { return l.flags.Changed("argocd-context") }

// signsIn reports whether a flag says who signs in, beside that for a context.
func (l *loginFlags) signsIn() bool {
	return slices.ContainsFunc([]string{"username", "password-stdin", "password-file", "auth-token-file"}, l.flags.Changed)
}

// given reports whether a flag says how to sign in.
func (l *loginFlags) given() bool { return l.isContext() || l.signsIn() }

func (l *loginFlags) register(fs *pflag.FlagSet) {
	l.flags = fs
	fs.StringVar(&l.username, "username", auth.DefaultUsername, "`account` of Argo CD to sign in as")
	fs.BoolVar(&l.stdin, "password-stdin", false, "read its password from standard input, where one line break at the end is dropped")
	fs.StringVar(&l.passwordFile, "password-file", "", "read its password from this `file`, where one line break at the end is dropped")
	complete.Files(fs, "password-file")
	fs.StringVar(&l.tokenFile, "auth-token-file", "", "sign in with a token of your own in this `file` instead of a password")
	complete.Files(fs, "auth-token-file")
	fs.StringVar(&l.context, "argocd-context", "", "use the address and the session of this `context` of the argocd command line, for single sign-on; of the current one if it is empty")
}

// validate looks at the flags before anything is read.
func (l *loginFlags) validate(env Env) error {
	given := 0
	for _, is := range []bool{l.stdin, l.passwordFile != "", l.tokenFile != ""} {
		if is {
			given++
		}
	}
	_, isTerminal := program.Terminal(env.Stdin)
	switch {
	case l.optional && !l.given(), l.isContext(), l.session != nil:
		return nil
	case given > 1:
		return exit.Usagef("only one of --password-stdin, --password-file and --auth-token-file can be given")
	case l.tokenFile != "" && l.flags.Changed("username"):
		return exit.Usagef("--auth-token-file says itself who signs in: it does not go with --username")
	case l.username == "":
		return exit.Usagef("--username must not be empty")
	case l.stdin && isTerminal:
		return exit.Hinted(exit.Usage, "leave it out, and the password is asked for without showing it",
			"--password-stdin is for a file or a pipe: on a terminal everybody could read along")
	case given == 0 && !isTerminal && l.unused:
		return exit.Hinted(exit.Usage, "set ARGOCD_SERVER to the server that it is for, or give it with --auth-token-file FILE",
			"ARGOCD_AUTH_TOKEN is not sent to a server that ARGOCD_SERVER does not name, and there is no terminal to ask for a password")
	case given == 0 && !isTerminal:
		return exit.Hinted(exit.Usage, "give it with --password-stdin or --password-file FILE, or sign in with a token of your own, --auth-token-file FILE",
			"no password for %q, and no terminal to ask for it", l.username)
	}
	return nil
}

// read returns the credentials.
func (l *loginFlags) read(ctx context.Context, env Env) (login apikey.Login, err error) {
	if l.optional && !l.given() {
		return login, nil
	}
	if s := l.session; s != nil {
		return apikey.Login{Token: s.Token, Renew: renew(s)}, nil
	}
	if l.tokenFile != "" {
		login.Token, err = password.File("--auth-token-file", l.tokenFile)
		return login, err
	}
	login.Username = l.username
	switch {
	case l.passwordFile != "":
		login.Password, err = password.File("--password-file", l.passwordFile)
	case l.stdin:
		login.Password, err = password.Stdin(ctx, "--password-stdin", env.Stdin)
	default:
		login.Password, err = password.Ask(ctx, env, l.username)
	}
	return login, err
}
