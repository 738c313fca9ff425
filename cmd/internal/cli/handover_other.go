//go:build !unix

package cli

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// handOver runs another program and ends as it does. An interrupt reaches both,
// because they share the console: the other one decides what it means.
func handOver(path string, args []string, env Env) error {
	signal.Ignore(os.Interrupt)
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env.Environ, env.Stdin, env.Stdout, env.Stderr
	err := cmd.Run()
	var failed *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		return exit.Silently(max(failed.ExitCode(), exit.Findings))
	}
	return exit.Failedf("cannot run %s: %w", path, err)
}
