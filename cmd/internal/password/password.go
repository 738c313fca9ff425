// Package password reads credentials from where nobody else sees them: files, standard
// input and the terminal. Errors carry their exit code.
package password

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// maxCredential is far above every password and token.
const maxCredential = 64 << 10

// File reads the credential in a file. flag is what errors call it.
func File(flag, path string) (auth.Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return auth.Secret{}, exit.Failedf("%s: cannot read %s: %w", flag, path, input.Cause(err))
	}
	defer f.Close()
	return read(flag, f)
}

// read reads one. Editors and echo put a line break at the end, which is not
// part of it; a second one would be.
func read(flag string, r io.Reader) (auth.Secret, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxCredential+1))
	s := string(text)
	if cut, ok := strings.CutSuffix(s, "\n"); ok {
		s = strings.TrimSuffix(cut, "\r")
	}
	switch {
	case err != nil:
		err = exit.Failedf("%s: cannot read it: %w", flag, input.Cause(err))
	case len(text) > maxCredential:
		err = exit.Failedf("%s: more than %d bytes, too long for a password or token", flag, maxCredential)
	case s == "":
		err = exit.Failedf("%s: it is empty", flag)
	}
	return auth.NewSecret(s), err
}

// Stdin reads the credential on standard input.
func Stdin(ctx context.Context, flag string, r io.Reader) (auth.Secret, error) {
	return awaited(ctx, func() (auth.Secret, error) { return read(flag, r) })
}

// Ask asks for the password of an account on the terminal, without showing it.
func Ask(ctx context.Context, env program.Env, username string) (auth.Secret, error) {
	fd, _ := program.Terminal(env.Stdin)
	before, err := term.GetState(fd)
	if err != nil {
		return auth.Secret{}, exit.Failedf("cannot ask for the password: %w", err)
	}
	fmt.Fprintf(env.Stderr, "password of %q: ", username)
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
func awaited(ctx context.Context, get func() (auth.Secret, error)) (auth.Secret, error) {
	done := make(chan struct{})
	var got auth.Secret
	var failed error
	go func() {
		got, failed = get()
		close(done)
	}()
	select {
	case <-done:
		return got, failed
	case <-ctx.Done():
		return auth.Secret{}, exit.Failedf("interrupted")
	}
}
