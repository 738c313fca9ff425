// Package program holds what all programs are given by whoever starts them.
package program

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// Env is what a program is given.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	// Environ is the whole environment, for the programs that this one starts.
	Environ []string
}

// Say tells the user something on standard error. The error carries its exit code.
func (e Env) Say(format string, args ...any) error {
	if _, err := fmt.Fprintf(e.Stderr, "runtime-auth: "+format+"\n", args...); err != nil {
		return exit.Failedf("cannot write to standard error: %w", err)
	}
	return nil
}

// End tells the user about the error of a run, nil if there is none, and returns the exit
// code.
func (e Env) End(err *exit.Error) int {
	switch {
	case err == nil:
		return exit.OK
	case !err.Silent:
		_, _ = io.WriteString(e.Stderr, err.Text()) // there is nobody else to tell
	}
	return err.Code
}

// Colors reports whether to use colours on w: where it is a terminal, unless the
// environment says otherwise in the way of no-color.org, force-color.org and TERM=dumb.
// never is the user's own --no-color, which beats them all.
func (e Env) Colors(w io.Writer, never bool) bool {
	switch {
	case never || e.Getenv("NO_COLOR") != "":
		return false
	case e.Getenv("FORCE_COLOR") != "":
		return true
	}
	return e.IsTerminal(w)
}

// IsTerminal reports whether w is a terminal that can do more than print.
func (e Env) IsTerminal(w io.Writer) bool {
	_, ok := Terminal(w)
	return ok && e.Getenv("TERM") != "dumb"
}

// Terminal returns the descriptor of a stream, and whether somebody sits at its other end.
func Terminal(stream any) (fd int, ok bool) {
	f, ok := stream.(*os.File)
	if !ok {
		return -1, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}
