// Package program holds what all programs are given by whoever starts them.
package program

import (
	"fmt"
	"io"

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
