//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// maxCredential is far above every password and token.
const maxCredential = 64 << 10

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
}

// given reports whether a flag says how to sign in.
func (l *loginFlags) given() bool {
	return slices.ContainsFunc([]string{"username", "password-stdin", "password-file", "auth-token-file"}, l.flags.Changed)
}

func (l *loginFlags) register(fs *pflag.FlagSet) {
	l.flags = fs
	fs.StringVar(&l.username, "username", auth.DefaultUsername, "`account` of Argo CD to sign in as")
	fs.BoolVar(&l.stdin, "password-stdin", false, "read its password from standard input, where one line break at the end is dropped")
	fs.StringVar(&l.passwordFile, "password-file", "", "read its password from this `file`, where one line break at the end is dropped")
	complete.Files(fs, "password-file")
	fs.StringVar(&l.tokenFile, "auth-token-file", "", "sign in with a token of your own in this `file` instead of a password")
	complete.Files(fs, "auth-token-file")
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
	case l.optional && !l.given():
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
	if l.tokenFile != "" {
		login.Token, err = credentialFile("--auth-token-file", l.tokenFile)
		return login, err
	}
	login.Username = l.username
	switch {
	case l.passwordFile != "":
		login.Password, err = credentialFile("--password-file", l.passwordFile)
	case l.stdin:
		login.Password, err = awaited(ctx, func() (auth.Secret, error) { return credential("--password-stdin", env.Stdin) })
	default:
		login.Password, err = l.ask(ctx, env)
	}
	return login, err
}

func credentialFile(flag, path string) (auth.Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return auth.Secret{}, exit.Failedf("%s: %w", flag, err)
	}
	defer f.Close()
	return credential(flag, f)
}

// credential reads one. Editors and echo put a line break at the end, which is not
// part of it; a second one would be.
func credential(flag string, r io.Reader) (auth.Secret, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxCredential+1))
	s := string(text)
	if cut, ok := strings.CutSuffix(s, "\n"); ok {
		s = strings.TrimSuffix(cut, "\r")
	}
	switch {
	case err != nil:
		err = exit.Failedf("%s: cannot read it: %w", flag, err)
	case len(text) > maxCredential:
		err = exit.Failedf("%s: more than %d bytes are no password and no token", flag, maxCredential)
	case s == "":
		err = exit.Failedf("%s: it is empty", flag)
	}
	return auth.NewSecret(s), err
}

// ask asks for the password on the terminal, without showing it.
func (l *loginFlags) ask(ctx context.Context, env Env) (auth.Secret, error) {
	fd, _ := program.Terminal(env.Stdin)
	before, err := term.GetState(fd)
	if err != nil {
		return auth.Secret{}, exit.Failedf("cannot ask for the password: %w", err)
	}
	fmt.Fprintf(env.Stderr, "password of %q: ", l.username)
	password, err := awaited(ctx, func() (auth.Secret, error) {
		text, err := term.ReadPassword(fd)
		return auth.NewSecret(string(text)), err
	})
	// An interrupted reader still waits, and has not turned the echo on again.
	_ = term.Restore(fd, before)
	fmt.Fprintln(env.Stderr)
	switch {
	case ctx.Err() != nil:
		err = exit.Failedf("interrupted")
	case errors.Is(err, io.EOF) || err == nil && password.IsZero():
		err = exit.Failedf("no password was given")
	case err != nil:
		err = exit.Failedf("cannot read the password: %w", err)
	}
	return password, err
}

// awaited reads until there is something or the run is interrupted: nothing else
// ends the reading of a terminal or a pipe.
func awaited(ctx context.Context, read func() (auth.Secret, error)) (auth.Secret, error) {
	done := make(chan struct{})
	var got auth.Secret
	var failed error
	go func() {
		got, failed = read()
		close(done)
	}()
	select {
	case <-done:
		return got, failed
	case <-ctx.Done():
		return auth.Secret{}, exit.Failedf("interrupted")
	}
}
