//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// maxCredential is far above every password and token.
const maxCredential = 64 << 10

const hintPassword = "give it with --password-stdin or --password-file FILE, or sign in with a token of your own, --auth-token-file FILE"

// loginFlags say as whom to sign in. No flag takes a credential itself, because
// arguments are seen by everybody on the machine and stay in the history of shells.
type loginFlags struct {
	username     string
	stdin        bool
	passwordFile string
	tokenFile    string
	flags        *pflag.FlagSet
}

func (l *loginFlags) register(fs *pflag.FlagSet) {
	l.flags = fs
	fs.StringVar(&l.username, "username", schema.DefaultUsername, "`account` of Argo CD to sign in as")
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
	terminal := isTerminal(env.Stdin)
	switch {
	case given > 1:
		return exit.Usagef("only one of --password-stdin, --password-file and --auth-token-file can be given")
	case l.tokenFile != "" && l.flags.Changed("username"):
		return exit.Usagef("--auth-token-file says itself who signs in: it does not go with --username")
	case l.username == "":
		return exit.Usagef("--username must not be empty")
	case l.stdin && terminal:
		return &exit.Error{Code: exit.Usage, Err: errors.New("--password-stdin is for a file or a pipe: on a terminal everybody could read along"),
			Hint: "leave it out, and the password is asked for without showing it"}
	case given == 0 && !terminal:
		return &exit.Error{Code: exit.Usage, Err: fmt.Errorf("no password for %q, and no terminal to ask for it", l.username), Hint: hintPassword}
	}
	return nil
}

// read returns the credentials.
func (l *loginFlags) read(ctx context.Context, env Env) (apikey.Login, error) {
	switch {
	case l.tokenFile != "":
		token, err := credentialFile("--auth-token-file", l.tokenFile)
		return apikey.Login{Token: token}, err
	case l.passwordFile != "":
		password, err := credentialFile("--password-file", l.passwordFile)
		return apikey.Login{Username: l.username, Password: password}, err
	case l.stdin:
		password, err := awaited(ctx, func() (schema.Secret, error) { return credential("--password-stdin", env.Stdin) })
		return apikey.Login{Username: l.username, Password: password}, err
	}
	password, err := l.ask(ctx, env)
	return apikey.Login{Username: l.username, Password: password}, err
}

func credentialFile(flag, path string) (schema.Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return schema.Secret{}, exit.Failedf("%s: %w", flag, err)
	}
	defer f.Close()
	return credential(flag, f)
}

// credential reads one. Editors and echo put a line break at the end, which is not
// part of it; a second one would be.
func credential(flag string, r io.Reader) (schema.Secret, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxCredential+1))
	if err != nil {
		return schema.Secret{}, exit.Failedf("%s: cannot read it: %w", flag, err)
	}
	if len(text) > maxCredential {
		return schema.Secret{}, exit.Failedf("%s: more than %d bytes are no password and no token", flag, maxCredential)
	}
	s := string(text)
	if cut, ok := strings.CutSuffix(s, "\n"); ok {
		s = strings.TrimSuffix(cut, "\r")
	}
	if s == "" {
		return schema.Secret{}, exit.Failedf("%s: it is empty", flag)
	}
	return schema.NewSecret(s), nil
}

// isTerminal reports whether somebody sits at the other end.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ask asks for the password on the terminal, without showing it.
func (l *loginFlags) ask(ctx context.Context, env Env) (schema.Secret, error) {
	f, ok := env.Stdin.(*os.File)
	if !ok {
		return schema.Secret{}, &exit.Error{Code: exit.Usage, Err: errors.New("no terminal to ask for the password"), Hint: hintPassword}
	}
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return schema.Secret{}, exit.Failedf("cannot ask for the password: %w", err)
	}
	fmt.Fprintf(env.Stderr, "password of %q: ", l.username)
	password, err := awaited(ctx, func() (schema.Secret, error) {
		text, err := term.ReadPassword(fd)
		return schema.NewSecret(string(text)), err
	})
	// An interrupted reader still waits, and has not turned the echo on again.
	_ = term.Restore(fd, before)
	fmt.Fprintln(env.Stderr)
	switch {
	case ctx.Err() != nil:
		return schema.Secret{}, exit.Failedf("interrupted")
	case errors.Is(err, io.EOF) || err == nil && password.IsZero():
		return schema.Secret{}, exit.Failedf("no password was given")
	case err != nil:
		return schema.Secret{}, exit.Failedf("cannot read the password: %w", err)
	}
	return password, nil
}

// awaited reads until there is something or the run is interrupted: nothing else
// ends the reading of a terminal or a pipe.
func awaited(ctx context.Context, read func() (schema.Secret, error)) (schema.Secret, error) {
	type outcome struct {
		s   schema.Secret
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		s, err := read()
		done <- outcome{s, err}
	}()
	select {
	case o := <-done:
		return o.s, o.err
	case <-ctx.Done():
		return schema.Secret{}, exit.Failedf("interrupted")
	}
}
